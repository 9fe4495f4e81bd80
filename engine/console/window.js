// Which part of a long thread exists on the page. Messages have no fixed height, so the window is a run of messages named
// by the `seq` of its first one: older pages that arrive in front do not shift it.
/** Messages on the page at most. */
export const LARGEST = 160;
const STEP = 60;

/** The run to show: `from` is a seq, or null for the latest messages. */
export function windowOf(messages, from) {
  const start = from === null ? Math.max(0, messages.length - STEP) : firstAt(messages, from);
  const end = from === null ? messages.length : Math.min(messages.length, start + LARGEST);
  return { start, end, isLatest: end === messages.length };
}

/** The `from` that shows older messages, or null where the loaded ones are all shown. */
export function older(messages, start) {
  return start > 0 ? messages[Math.max(0, start - STEP)].seq : null;
}

/** The `from` that shows newer messages. */
export function newer(messages, start) {
  return messages[Math.min(messages.length - 1, start + STEP)].seq;
}

function firstAt(messages, seq) {
  let [low, high] = [0, messages.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (messages[middle].seq < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}
