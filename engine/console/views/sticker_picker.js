// LINE's stickers: a set, and its numbers. Pictures would come from outside, so LINE's own words for a sticker are shown
// where the customer has sent it here.
import { html, useEffect, useState } from '../vendor/runtime.js';
import { act } from '../actions.js';
import { post } from '../api.js';
import { t } from '../i18n.js';
import { notify } from '../notice.js';
import { stickerSets } from '../sticker_sets.js';
import { takePosted, threads } from '../store.js';
import { Failed, Skeleton } from './states.js';

/** Where stickers can be sent. */
export const hasStickers = ({ channel }) => channel === 'line';

export function StickerPicker({ conversation, mustTake, close }) {
  const [sets, setSets] = useState(null);
  const [problem, setProblem] = useState(null);
  const [place, setPlace] = useState(0);
  const [isBusy, setBusy] = useState(false);
  const load = () => {
    setProblem(null);
    stickerSets().then(setSets, setProblem);
  };
  useEffect(load, []);
  if (problem) return html`<${Failed} problem=${problem} retry=${load} />`;
  if (!sets) return html`<${Skeleton} kind="facts" count=${2} />`;
  const send = async (sticker) => {
    setBusy(true);
    const path = `conversations/${encodeURIComponent(conversation.id)}`;
    const seen = threads.peek().get(conversation.id)?.messages.at(-1)?.seq ?? 0;
    try {
      if (mustTake) await act(conversation.id, 'take');
      const { message } = await post(`${path}/sticker`, { client_id: crypto.randomUUID(), sticker, seen_seq: seen });
      takePosted(conversation.id, message);
      notify('stickers-sent');
      close();
    } catch (refusal) {
      notify('notice-failed', refusal);
      setBusy(false);
    }
  };
  const chosen = sets[place];
  const numbers = Array.from({ length: chosen.last - chosen.first + 1 }, (_, index) => chosen.first + index);
  const heard = heardIn(conversation.id, sets);
  return html`<section class="templates stickers" aria-label=${t('stickers')}>
    ${heard.length > 0 && html`<p><b id="stickers-heard">${t('stickers-heard')}</b></p><p class="numbers" role="group" aria-labelledby="stickers-heard">${heard.map(({ set, number, words }) => html`<button key=${number} type="button" class="plain" disabled=${isBusy} aria-label=${`${t('stickers-send', { number, set: set.title })}: ${words}`} onClick=${() => send(`${set.package}/${number}`)}>${words || number}</button>`)}</p>`}
    <label>${t('stickers-package')}<select onChange=${(event) => setPlace(Number(event.currentTarget.value))}>${sets.map((each, index) => html`<option key=${each.package} value=${index} selected=${index === place}>${each.title}</option>`)}</select></label>
    <p class="numbers" role="group" aria-label=${chosen.title}>${numbers.map((number, index) => html`<button key=${number} type="button" class="plain" disabled=${isBusy} title=${number} aria-label=${t('stickers-send', { number: index + 1, set: chosen.title })} onClick=${() => send(`${chosen.package}/${number}`)}>${index + 1}</button>`)}</p>
    <p class="quiet">${t('stickers-meaning')}</p>
  </section>`;
}

/** What the customer sent here of these sets, each once, the newest first. */
function heardIn(id, sets) {
  const found = new Map();
  for (const { author, parts } of [...(threads.value.get(id)?.messages ?? [])].reverse()) {
    for (const { type, id: sticker, keywords } of author === 'customer' ? parts : []) {
      const [packageId, number] = type === 'sticker' ? String(sticker).split('/').map(Number) : [];
      const set = sets.find((each) => each.package === packageId && number >= each.first && number <= each.last);
      if (set && !found.has(number)) found.set(number, { set, number, words: (keywords ?? []).slice(0, 2).join(', ') });
    }
  }
  return [...found.values()].slice(0, 6);
}
