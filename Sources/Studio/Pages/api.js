// The studio's HTTP API, as the pages use it.

const prefix = "/api/v1";

/** An answer that says what is wrong. */
export class APIError extends Error {
  constructor(status, message, setting) {
    super(message);
    this.status = status;
    this.setting = setting;
  }
}

async function request(method, path, body, type) {
  let answer;
  try {
    answer = await fetch(prefix + path, {
      method,
      body: type ? body : body && JSON.stringify(body),
      headers: body ? { "Content-Type": type ?? "application/json" } : {},
    });
  } catch {
    throw new APIError(0, "The studio does not answer. Is it still running?");
  }
  if (answer.status === 204) return null;
  const json = await answer.json().catch(() => null);
  if (answer.ok) return json;
  const error = json?.error;
  throw new APIError(answer.status, error?.message ?? `The studio answers ${answer.status}.`, error?.setting);
}

export const get = (path) => request("GET", path);
export const post = (path, body) => request("POST", path, body);
export const patch = (path, body) => request("PATCH", path, body);
export const remove = (path) => request("DELETE", path);

/** Uploads a picture, and returns how the studio describes it. */
export const upload = (file, kind, name = file.name) =>
  request("POST", `/pictures?kind=${kind}&name=${encodeURIComponent(name ?? "")}`, file, "application/octet-stream");

/** The recipe that a result of Impasto carries; null for any other picture. */
export async function recipeIn(file) {
  const found = await request("POST", "/recipes", file, "application/octet-stream");
  return found.recipe === undefined ? null : found;
}

export const address = (path) => prefix + path;

const listeners = new Set();

/** Calls `body(name, data)` for everything that happens in the studio, until the returned function is called. */
export function watch(body) {
  listeners.add(body);
  return () => listeners.delete(body);
}

/** Opens the only stream of events of this tab. The browser opens it again when it breaks. */
export function connect() {
  const source = new EventSource(prefix + "/events");
  for (const name of ["job", "removed", "step", "progress", "queue", "reload"]) {
    source.addEventListener(name, (event) => {
      const data = JSON.parse(event.data);
      for (const listener of [...listeners]) listener(name, data);
    });
  }
}
