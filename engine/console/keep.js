// What this device remembers. Where storage is blocked it remembers nothing, and nothing breaks.
const PREFIX = 'sala:';

export function kept(name) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + name));
  } catch {
    return null;
  }
}

/** Keeps `value` under `name`; null forgets it. */
export function keep(name, value) {
  try {
    if (value === null) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // Storage is full or blocked.
  }
}

/** Every kept value whose name starts with `start`. */
export function keptUnder(start) {
  try {
    return Object.keys(localStorage).filter((each) => each.startsWith(PREFIX + start)).map((each) => kept(each.slice(PREFIX.length))).filter(Boolean);
  } catch {
    return [];
  }
}
