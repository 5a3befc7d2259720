// @ts-check
// A desk whose session has ended goes to the door by itself. Streamlit would only say that it is connecting, and ask for its
// health again and again; a 401 to that means that nobody is signed in here any more.

/** @param {PerformanceEntry} entry */
const isEnded = (entry) =>
  entry.name.endsWith("/_stcore/health") && /** @type {PerformanceResourceTiming} */ (entry).responseStatus === 401;

new PerformanceObserver((list) => {
  if (list.getEntries().some(isEnded)) location.reload();
}).observe({ type: "resource" });
