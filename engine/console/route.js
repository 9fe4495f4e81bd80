// The address: `#/c/<id>` shows a conversation, `#/channels`, `#/channels/<id>/line` and `#/system` the pages of those who run the place, so that Back works and links can be shared.
import { effect, signal } from './vendor/runtime.js';
import { closeConversation, openConversation } from './actions.js';
import { session } from './store.js';

/** inbox, channels, line or system. */
export const page = signal('inbox');
/** The account whose own page is shown. */
export const pageAccount = signal(null);

export function startRoute() {
  addEventListener('hashchange', follow);
  effect(() => {
    if (session.value) follow();
  });
}

export function goTo(id) {
  location.hash = id ? `#/c/${encodeURIComponent(id)}` : '#/';
}

function follow() {
  if (!session.peek()) return;
  const account = location.hash.match(/^#\/channels\/([^/]+)\/line$/)?.[1];
  pageAccount.value = account ? decodeURIComponent(account) : null;
  page.value = account ? 'line' : { '#/system': 'system', '#/channels': 'channels' }[location.hash] ?? 'inbox';
  const id = location.hash.match(/^#\/c\/(.+)$/)?.[1];
  if (id) openConversation(decodeURIComponent(id));
  else closeConversation();
}
