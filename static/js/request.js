// fetch with the CSRF token and errors in the user's words.

export class RequestFailed extends Error {
  constructor(message, { status = 0, code = "", fields = {} } = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.fields = fields;
  }

  /** The server was not reached, or did not get to it: the same request, under its key, may be sent again. */
  get offline() {
    return UNANSWERED.has(this.status);
  }

  get signedOut() {
    return this.status === 401;
  }
}

const UNANSWERED = new Set([0, 408, 429, 502, 503, 504]);
const REPEAT = 1500; // ms until a write is sent once more

// The cookie is renewed when one signs in again in another tab; the page was told an older one.
const csrfToken = () =>
  /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1] ??
  document.querySelector('meta[name="csrf-token"]')?.content ??
  "";
const words = () => document.documentElement.dataset;

/** A write that is sent once more where its answer is lost, and carried out once. Raises as requestJSON. */
export async function writeOnce(url, body) {
  const call = { method: "POST", body, key: newKey() };
  try {
    return await requestJSON(url, call);
  } catch (error) {
    if (!error.offline) throw error;
    await new Promise((resolve) => setTimeout(resolve, REPEAT));
    return requestJSON(url, call);
  }
}

/** What a write is known by when it is sent again. */
export function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Sends and gives the parsed JSON; `key`: newKey(). Raises RequestFailed, or AbortError when `signal` fired. */
export async function requestJSON(url, options) {
  const response = await send(url, options);
  const answer = isJSON(response) ? await response.json() : null;
  if (answer === null) throw failure(response, null);
  return answer;
}

/** A part of a page the server draws. Raises as requestJSON. */
export async function requestPart(url, { signal }) {
  const response = await send(url, { signal });
  return document.createRange().createContextualFragment(await response.text());
}

const isJSON = (response) => response.headers.get("Content-Type")?.includes("json");

function failure(response, answer) {
  return new RequestFailed(answer?.error?.message ?? words().failed ?? response.statusText, {
    status: response.status || 500,
    code: answer?.error?.code,
    fields: answer?.error?.fields,
  });
}

async function send(url, { method = "GET", body, key, signal } = {}) {
  const headers = { Accept: "application/json" };
  if (key) headers["Idempotency-Key"] = key;
  if (method !== "GET") {
    headers["X-CSRFToken"] = csrfToken();
  }
  if (body !== undefined && !(body instanceof FormData)) {
    headers["Content-Type"] = "application/json";
    body = JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch(url, { method, headers, body, signal, credentials: "same-origin" });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new RequestFailed(words().offline ?? "No connection");
  }
  if (!response.ok) throw failure(response, isJSON(response) ? await response.json() : null);
  return response;
}
