// @ts-check
// Streamlit's own words (file picker, lists, tables) exist in English only. This puts ours in their place.
// It touches nothing but texts that equal one of the known phrases, and goes on when Streamlit draws anew.

/** @type {Record<string, Record<string, string>>} */
const WORDS = JSON.parse("__WORDS__");
const NAMED = ["aria-label", "title", "placeholder"];
/** What stood there before, so that another language can be put in its place. @type {WeakMap<Node, string>} */
const before = new WeakMap();

/** @returns {Record<string, string>} */
function spoken() {
  return WORDS[language()] || {};
}

function language() {
  return document.querySelector("[data-spoken]")?.getAttribute("data-spoken") || document.documentElement.lang;
}

/** @param {string} text @param {Record<string, string>} words */
function said(text, words) {
  const known = words[text.trim()];
  if (known) return known;
  const size = /^(\S+) per file(.*)$/.exec(text.trim());
  if (size && words["{size} per file"]) return words["{size} per file"].replace("{size}", size[1].replace("MB", `\u00a0${words.MB}`)) + size[2];
  return null;
}

/** @param {Node} node @param {Record<string, string>} words */
function put(node, words, deep = true) {
  if (node instanceof Text) {
    const original = before.get(node);
    const english = original && said(original, WORDS.ru) && node.data !== original ? original : node.data;
    const now = said(english, words);
    if (now && now !== node.data) {
      before.set(node, english);
      node.data = now;
    }
  } else if (node instanceof Element) {
    for (const name of NAMED) {
      const now = said(node.getAttribute(name) || "", words);
      if (now) node.setAttribute(name, now);
    }
    if (deep) for (const child of node.childNodes) put(child, words);
  }
}

/** A person's own words stand in these; they are never touched. @param {Node} node */
function ours(node) {
  const element = node instanceof Element ? node : node.parentElement;
  if (element?.closest("[data-testid=stFileUploaderDropzone],[role=tooltip]")) return null;
  return element?.closest("[data-testid=stMarkdownContainer],[data-testid=stText],textarea,pre") ?? null;
}

/** What stood there before anybody said which language is spoken. @param {Record<string, string>} words */
function sweep(words) {
  for (const element of document.querySelectorAll("body *")) {
    if (ours(element)) continue;
    put(element, words, false);
    for (const node of element.childNodes) if (node instanceof Text) put(node, words);
  }
}

let swept = "";
new MutationObserver((changes) => {
  const words = spoken();
  if (!Object.keys(words).length) return;
  if (language() !== swept) {
    swept = language();
    sweep(words);
  }
  for (const change of changes) {
    const nodes = change.type === "childList" ? change.addedNodes : [change.target];
    for (const node of nodes) if (!ours(node)) put(node, words);
  }
}).observe(document.documentElement, { subtree: true, childList: true, characterData: true });
