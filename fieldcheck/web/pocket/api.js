// @ts-check
/**
 * The one door to the server. It tells three things apart: the server answered, the server refused, and nobody we know answered
 * (no network, a hotel's sign-in page, a proxy's error): only the first two are ever believed.
 */

/** No believable answer came. */
export class Unreachable extends Error {}

/** The server said no. */
export class Refused extends Error {
  /** @param {number} status @param {{code?: string, details?: any, message?: string}} error @param {number|null} wait seconds the server asked us to wait */
  constructor(status, error, wait = null) {
    super(error.message ?? error.code ?? String(status));
    this.status = status;
    this.code = error.code ?? `http.${status}`;
    this.details = error.details ?? {};
    this.said = error.message ?? null;
    this.wait = wait;
  }

  /** May the same request succeed later? */
  get passing() {
    return this.status >= 500 || [408, 423, 425, 429].includes(this.status);
  }
}

/** The version of these modules: the folder they were served from. */
export const APP = /\/pocket\/([^/]+)\//.exec(import.meta.url)?.[1] ?? "dev";

let language = "ru";
let owner = "";

/** In which language the server should explain itself. @param {string} wanted */
export const speak = (wanted) => void (language = wanted);

/** Whose notes this page holds: the server refuses to take them from anybody else. @param {string} name */
export const actFor = (name) => void (owner = name);

/** @type {() => Promise<boolean>} */
let opener = async () => false;

/** Who opens the next session when the server says that this one is over. @param {() => Promise<boolean>} open gives whether it is open now */
export const onShut = (open) => void (opener = open);

/** Ask the server, and once more when its session was over and could be opened anew. @type {typeof ask} */
export async function call(method, path, options = {}) {
  try {
    return await ask(method, path, options);
  } catch (fault) {
    if (!(fault instanceof Refused) || fault.code !== "session.locked" || !(await opener())) throw fault;
    return ask(method, path, options);
  }
}

/**
 * Ask the server; JSON in and out unless `body` is bytes. Whoever says as `known` which one she has ("" for none) gets the
 * answer's validator as `tag`, and null while nothing changed. @param {string} method @param {string} path
 * @param {{body?: any, headers?: Record<string, string>, seconds?: number, signal?: AbortSignal, known?: string}} [options] @returns {Promise<any>}
 */
async function ask(method, path, { body, headers = {}, seconds = 30, signal, known } = {}) {
  const bytes = body instanceof ArrayBuffer || ArrayBuffer.isView(body);
  const mine = owner ? { "X-FC-Owner": owner } : {};
  const all = { Accept: "application/json", "Accept-Language": language, ...mine, ...headers };
  if (method !== "GET")
    Object.assign(all, { "X-FC": "1", "Content-Type": bytes ? "application/octet-stream" : "application/json" });
  if (known) Object.assign(all, { "If-None-Match": known });
  const patience = AbortSignal.timeout(seconds * 1000);
  let response, text;
  try {
    response = await fetch(path, {
      method,
      headers: all,
      credentials: "same-origin",
      cache: "no-store",
      redirect: "error",
      body: body === undefined ? undefined : bytes ? /** @type {any} */ (body) : JSON.stringify(body),
      signal: signal ? AbortSignal.any([signal, patience]) : patience,
    });
    text = await response.text();
  } catch (fault) {
    throw new Unreachable(String(fault));
  }
  if (known && response.status === 304) return null;
  let data;
  try {
    data = text ? JSON.parse(text) : null;
  } catch {
    data = null;
  }
  const tag = known === undefined ? null : response.headers.get("ETag");
  if (response.ok && data && typeof data === "object") return tag ? { ...data, tag } : data;
  if (data?.error?.code)
    throw new Refused(response.status, data.error, Number(response.headers.get("Retry-After")) || null);
  if (response.status >= 500)
    throw new Refused(response.status, {}, Number(response.headers.get("Retry-After")) || null);
  throw new Unreachable(`not ours: ${response.status}`);
}
