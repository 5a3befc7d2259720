"""What a screen reader says by itself: every change of a live region, also one that says the same once more."""

from playwright.sync_api import Page

#: Told by the page after each change of its nodes: a region that was written to, or came with words in it.
SPOKEN = """
  window.spoken = [];
  const LIVE = "[role=status], [role=alert]";
  new MutationObserver(changes => {
    const touched = new Set();
    for (const {target, addedNodes} of changes) {
      const around = (target.nodeType === 1 ? target : target.parentElement)?.closest(LIVE);
      if (around) touched.add(around);
      for (const one of addedNodes) {
        if (one.nodeType !== 1) continue;
        if (one.matches(LIVE)) touched.add(one);
        for (const within of one.querySelectorAll(LIVE)) touched.add(within);
      }
    }
    for (const live of touched) {
      const said = live.textContent.trim();
      if (said && live.isConnected && !live.closest("[inert]")) window.spoken.push(said);
    }
  }).observe(document, {subtree: true, childList: true, characterData: true});
"""


def spoken(page: Page, *, forget: bool = True) -> list[str]:
    """Give what was said since the last time that somebody asked."""
    said: list[str] = page.evaluate("window.spoken")
    if forget:
        page.evaluate("window.spoken = []")
    return said
