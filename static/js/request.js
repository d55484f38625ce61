// fetch with the CSRF token and errors in the user's words.

export class RequestFailed extends Error {
  constructor(message, { status = 0, code = "", fields = {} } = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.fields = fields;
  }

  /** The server was not reached: the same request may be sent again. */
  get offline() {
    return this.status === 0;
  }
}

const csrfToken = () => document.querySelector('meta[name="csrf-token"]')?.content ?? "";
const words = () => document.documentElement.dataset;

/** Sends and gives the parsed JSON. Raises RequestFailed, or AbortError when `signal` fired. */
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

async function send(url, { method = "GET", body, signal } = {}) {
  const headers = { Accept: "application/json" };
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
