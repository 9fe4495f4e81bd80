// Keys for the whole page. `event.code` is matched, because on a Thai keyboard the J key gives ่ and K gives า.
import { act } from './actions.js';
import { setMode } from './drafts.js';
import { notify } from './notice.js';
import { goTo } from './route.js';
import { dialog, singleKeys, togglePanel } from './settings.js';
import { may, selected, selectedId, session } from './store.js';
import { shownIds } from './shown.js';

/** What the help shows, in its order, to those who may use it; each id is also a text `key-<id>`. */
export const KEYS = [
  { id: 'next', keys: ['Alt', 'J'] },
  { id: 'previous', keys: ['Alt', 'K'] },
  { id: 'reply', keys: ['Alt', 'L'], forReply: true },
  { id: 'note', keys: ['Alt', 'P'], forReply: true },
  { id: 'resolve', keys: ['Alt', 'E'], forReply: true },
  { id: 'panel', keys: ['Alt', 'O'] },
  { id: 'send', keys: ['Ctrl', 'Enter'], forReply: true },
  { id: 'search', keys: ['/'] },
  { id: 'help', keys: ['?'] },
  { id: 'close', keys: ['Esc'] },
];

const WITH_ALT = {
  KeyJ: () => step(1),
  KeyK: () => step(-1),
  KeyL: () => compose('reply'),
  KeyP: () => compose('note'),
  KeyE: resolve,
  KeyO: togglePanel,
};

export function listenToKeys() {
  addEventListener('keydown', (event) => {
    if (!session.peek() || event.isComposing || event.keyCode === 229 || dialog.peek()) return;
    const isAlt = event.altKey && !event.ctrlKey && !event.metaKey && !event.shiftKey;
    const action = isAlt ? WITH_ALT[event.code] : single(event);
    if (!action) return;
    event.preventDefault();
    action();
  });
}

// `/` and `?` share a key on most layouts; they rest while a field has the focus or the switch is off.
function single(event) {
  if (event.code !== 'Slash' || event.altKey || event.ctrlKey || event.metaKey || !singleKeys.peek()) return null;
  if (event.target.closest?.('input, textarea, select, [contenteditable]')) return null;
  return event.shiftKey || event.key === '?' ? () => { dialog.value = 'help'; } : () => document.getElementById('search')?.focus();
}

/** Set while somebody goes through the list by keys: the thread that opens leaves the focus there. Whoever takes it clears it. */
export const stepping = {
  is: false,
  take() {
    const was = stepping.is;
    stepping.is = false;
    return was;
  },
};

function step(by) {
  const ids = shownIds.peek();
  const place = ids.indexOf(selectedId.peek());
  const next = ids[place < 0 ? 0 : Math.min(ids.length - 1, Math.max(0, place + by))];
  if (!next) return;
  stepping.is = Boolean(document.activeElement?.closest('.rows'));
  goTo(next);
}

function compose(mode) {
  const id = selectedId.peek();
  if (!id) return;
  setMode(id, mode);
  requestAnimationFrame(() => document.getElementById('composer')?.focus());
}

async function resolve() {
  const conversation = selected.peek();
  if (conversation?.status !== 'open' || !may('conversations.reply')) return;
  try {
    await act(conversation.id, 'resolve');
    notify('notice-resolved');
  } catch (problem) {
    notify('notice-failed', problem);
  }
}
