// The JSON API. Every failure becomes a Problem, so that a view asks one question: what is its status?
import { language } from './i18n.js';
import { session } from './store.js';

const ROOT = new URL('../api/v1/', import.meta.url);
const TIMEOUT_MS = 20_000;

/** A refusal of the server, or, with status 0, a network that did not answer. `body` is its problem document. */
export class Problem extends Error {
  constructor(status, body, retryAfter) {
    super(body.title || `status ${status}`);
    this.status = status;
    this.body = body;
    /** Seconds to wait before another try, or null. */
    this.retryAfter = retryAfter;
  }

  /** True where the same call may succeed later without anybody changing anything. */
  get passing() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

export const get = (path) => call('GET', path);
export const post = (path, body) => call('POST', path, body ?? {});
export const put = (path, body) => call('PUT', path, body);
export const patch = (path, body) => call('PATCH', path, body);
export const remove = (path) => call('DELETE', path);
/** A file as it is, instead of JSON. */
export const putFile = (path, file) => call('PUT', path, file);

async function call(method, path, body) {
  const headers = { accept: 'application/json', 'accept-language': language.value };
  const isFile = body instanceof Blob;
  if (body !== undefined) headers['content-type'] = isFile ? body.type || 'application/octet-stream' : 'application/json';
  if (method !== 'GET' && session.value) headers['x-sala-csrf'] = session.value.csrf;
  const response = await reach(new URL(path, ROOT), { method, headers, body: isFile ? body : body && JSON.stringify(body), credentials: 'same-origin' });
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  // A session that ended while the console was open: every view gives way to the sign-in page, and drafts stay.
  if (response.status === 401 && session.value && path !== 'session') session.value = null;
  throw new Problem(response.status, answer, Number(response.headers.get('retry-after')) || null);
}

async function reach(url, options) {
  try {
    return await fetch(url, { ...options, signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch {
    throw new Problem(0, {}, null);
  }
}
