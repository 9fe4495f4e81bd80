// The channel accounts that need somebody: fetched at the start and whenever one changes.
import { effect, signal } from './vendor/runtime.js';
import { get } from './api.js';
import { accountNews, may, session } from './store.js';

/** [{id, name, channel, state, enabled, held, waiting, finding}]: the finding is the first thing that is wrong. */
export const troubles = signal([]);

effect(() => {
  const isIn = session.value && accountNews.value >= 0;
  if (!isIn || !may('conversations.read')) troubles.value = [];
  else load();
});

// Without an answer the banner stays as it was; the next change asks again.
async function load() {
  const answer = await get('channels/health').catch(() => null);
  if (answer) troubles.value = answer.channels;
}
