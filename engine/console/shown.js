// The order of the list as the agent sees it. It does not move under the pointer: while the list is held, conversations
// change in place and what would move is only counted.
import { computed, signal } from './vendor/runtime.js';
import { conversations, filter, listKey, lists } from './store.js';

/** True while the pointer or the keyboard is on the list. */
export const isHeld = signal(false);
let held = { key: '', ids: [] };

/** The list that is chosen: {ids, next, state, problem, more}, or undefined before its first fetch. */
export const list = computed(() => lists.value.get(listKey(filter.value)));

const sortedIds = computed(() => {
  const known = conversations.value;
  const ids = [...(list.value?.ids || [])].filter((id) => known.has(id));
  // Who has waited longest comes first.
  if (filter.value.tab === 'waiting') {
    return ids.sort((a, b) => (known.get(a).waiting_since ?? 0) - (known.get(b).waiting_since ?? 0) || (a < b ? -1 : 1));
  }
  return ids.sort((a, b) => known.get(b).last_at - known.get(a).last_at || (a < b ? 1 : -1));
});

/** The ids in the order shown. */
export const shownIds = computed(() => {
  const key = listKey(filter.value);
  const sorted = sortedIds.value;
  if (!isHeld.value || held.key !== key) {
    held = { key, ids: sorted };
    return sorted;
  }
  const now = new Set(sorted);
  const kept = held.ids.filter((id) => now.has(id));
  const shown = new Set(kept);
  // Older pages join at the end, where they move nothing.
  const last = kept.length ? sorted.indexOf(kept.at(-1)) : -1;
  const older = sorted.slice(last + 1).filter((id) => !shown.has(id));
  return [...kept, ...older];
});

/** How many conversations would move or appear if the list were let go. */
export const movedCount = computed(() => {
  if (!isHeld.value) return 0;
  const shown = shownIds.value;
  return sortedIds.value.filter((id, place) => shown[place] !== id && !isBelow(id, place, shown)).length;
});

// A conversation that is only pushed down by others has not itself moved.
function isBelow(id, place, shown) {
  const at = shown.indexOf(id);
  return at >= 0 && at < place;
}

/** Sorts now, though the list is held. */
export function letGo() {
  held = { key: '', ids: [] };
  isHeld.value = false;
  isHeld.value = true;
}
