// @ts-check
/**
 * What rolls under her thumb. Where the text is large or the screen low, the middle would be a slit between head and foot: there the
 * page rolls as a whole, and the way out below it stays. A middle that rolls with nothing in it to press takes the focus itself.
 */
const PRESSED = "button:enabled, input:enabled, select, textarea, summary";

/** @param {ParentNode} root */
export function settle(root) {
  for (const main of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll(".fc-pocket .fc-main-part"))) {
    const roll = /** @type {HTMLElement} */ (main.parentElement);
    // How high the middle may be is asked of the others, and so the same before and after.
    const room = roll.clientHeight - (roll.scrollHeight - main.offsetHeight);
    const rolls = main.scrollHeight > room + 1;
    const whole = rolls && room < roll.clientHeight / 2;
    roll.classList.toggle("fc-whole", whole);
    if (!rolls || whole || main.querySelector(PRESSED)) main.removeAttribute("tabindex");
    else {
      const title = /** @type {HTMLElement} */ (roll.querySelector("[tabindex='-1']"));
      main.tabIndex = 0;
      main.setAttribute("aria-labelledby", (title.id ||= "fc-name"));
    }
  }
}

/** Keep it so, whatever is drawn. @param {HTMLElement} host */
export function keepSettled(host) {
  const again = () => settle(host);
  new MutationObserver(again).observe(host, { childList: true, characterData: true, subtree: true });
  addEventListener("resize", again);
  host.addEventListener("toggle", again, true);
}
