// @ts-check
// Streamlit's side of the walk: mounts the one module into the page, and keeps it through reruns.

const live = new WeakMap();
export default function (c) {
  const host = c.parentElement.querySelector('.host');
  const data = {...c.data, kind: 'desk', onSynced: state => c.setTriggerValue('synced', state)};
  const it = live.get(host) || import(new URL(c.data.module, location.origin).href).then(() => globalThis.notes.mount(host, data));
  live.set(host, it);
  it.then(w => w.update(data));
  return () => it.then(w => { live.delete(host); w.destroy(); });
}
