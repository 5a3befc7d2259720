// @ts-check
// One form of the desks' door: sends what was written, shows what came back. It keeps nothing: no field's content is stored.

const what = document.body.dataset.what;
const form = document.querySelector("form");
const wrong = document.getElementById("wrong");
let failures = 0;

/** @param {object} body */
async function send(body) {
  const headers = { "Content-Type": "application/json", "X-FC": "1" };
  const answer = await fetch(location.pathname, { method: "POST", headers, body: JSON.stringify(body), credentials: "same-origin" });
  return { ok: answer.ok, status: answer.status, told: await answer.json() };
}

/** @param {string} text */
function tell(text) {
  if (!wrong) return;
  wrong.textContent = text;
  wrong.hidden = !text;
}

/** The door slows down after three failures, whoever knocks; the page keeps to the same pace by itself.
 * @param {HTMLButtonElement} button */
function slowDown(button) {
  const label = button.dataset.label ?? (button.dataset.label = button.textContent ?? "");
  let left = failures < 3 ? 0 : Math.min(2 ** (failures - 3), 30) + 1;
  const tick = () => {
    button.disabled = left > 0;
    button.textContent = left > 0 ? (form?.dataset.wait ?? "").replace("{n}", String(left)) : label;
    if (left-- > 0) setTimeout(tick, 1000);
  };
  tick();
}

/** @param {string[]} codes */
function show(codes) {
  form?.remove();
  for (const one of document.querySelectorAll("main > h1, main > p")) one.remove();
  const list = document.getElementById("codes");
  for (const code of codes) list?.append(Object.assign(document.createElement("li"), { textContent: code }));
  document.querySelector("footer")?.remove(); // another language would be another page, without the codes
  const page = document.getElementById("printed");
  if (page) page.hidden = false;
  page?.querySelector("h1")?.setAttribute("tabindex", "-1");
  page?.querySelector("h1")?.focus();
}

async function draw() {
  const { ok, told } = await send({});
  const qr = /** @type {HTMLImageElement | null} */ (document.getElementById("qr"));
  const secret = document.getElementById("secret");
  if (!ok || !qr || !secret) return tell(form?.dataset.nobody ?? "");
  [qr.src, qr.hidden] = [told.qr, false];
  for (const place of document.querySelectorAll(".mine")) place.textContent = told.code;
  for (const name of document.querySelectorAll("input[autocomplete=username]")) name.setAttribute("value", told.code);
  secret.textContent = told.secret.replace(/(.{4})(?=.)/g, "$1 ");
}

/** @param {HTMLFormElement} form */
async function submit(form) {
  const button = /** @type {HTMLButtonElement} */ (form.querySelector("button:not(.show)"));
  const empty = /** @type {HTMLInputElement | undefined} */ ([...form.querySelectorAll("input[name]")].find((field) => !field.value));
  if (empty) return empty.focus();
  button.disabled = true;
  tell("");
  const { ok, told } = await send(Object.fromEntries(new FormData(form)));
  button.disabled = false;
  if (told.codes) return show(told.codes);
  if (ok) return location.replace(told.next);
  failures += 1;
  tell(told.error.message);
  slowDown(button);
  const last = /** @type {HTMLInputElement | null} */ (form.querySelector(what === "in" ? "#second" : "input[name]"));
  last?.select();
  last?.focus();
}

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  submit(form).catch(() => {
    tell(form.dataset.offline ?? "");
    for (const button of form.querySelectorAll("button")) button.disabled = false;
  });
});
for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("button.show"))) {
  const field = /** @type {HTMLInputElement} */ (document.getElementById(button.dataset.for ?? ""));
  button.addEventListener("click", () => {
    field.type = field.type === "password" ? "text" : "password";
    button.setAttribute("aria-pressed", String(field.type === "text"));
  });
}
document.getElementById("print")?.addEventListener("click", () => print());
if (document.getElementById("qr")) draw().catch(() => tell(form?.dataset.offline ?? ""));
else document.querySelector("input")?.focus();
