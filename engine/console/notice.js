// One short line about what was just done or refused.
import { signal } from './vendor/runtime.js';

/** null, or {id, problem}: `id` names a text. */
export const notice = signal(null);
const SHOWN_MS = 6_000;
let timer = 0;

export function notify(id, problem = null) {
  clearTimeout(timer);
  notice.value = { id, problem };
  timer = setTimeout(() => { notice.value = null; }, SHOWN_MS);
}
