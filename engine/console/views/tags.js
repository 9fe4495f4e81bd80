// The tags of a conversation: words by which its person is found again, for messages to many too.
import { html, useEffect, useRef, useState } from '../vendor/runtime.js';
import { get, put } from '../api.js';
import { scriptOf } from '../format.js';
import { t } from '../i18n.js';
import { Icon } from '../icons.js';
import { notify } from '../notice.js';
import { alterThread, may } from '../store.js';

const MOST = 20;
const LONGEST = 40;

export function Tags({ conversation, tags }) {
  const [word, setWord] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [said, setSaid] = useState('');
  const field = useRef(null);
  const mayChange = may('conversations.reply');
  useEffect(() => { setWord(''); setSaid(''); }, [conversation.id]);
  /** Changes what stands now: a colleague may have been here meanwhile. */
  const change = async (how, words) => {
    setBusy(true);
    const path = `conversations/${encodeURIComponent(conversation.id)}`;
    try {
      const now = await get(path);
      const answer = await put(`${path}/tags`, { tags: how(now.tags) });
      alterThread(conversation.id, () => ({ tags: answer.tags }));
      setSaid(words);
      setBusy(false);
      return true;
    } catch (problem) {
      notify('notice-failed', problem);
      setBusy(false);
      return false;
    }
  };
  const add = async (event) => {
    event.preventDefault();
    const tag = word.trim();
    if (!tag || isBusy) return;
    if (await change((now) => [...now, tag], t('tag-added', { tag }))) setWord('');
    field.current?.focus();
  };
  const drop = async (tag) => {
    if (isBusy) return;
    await change((now) => now.filter((each) => each !== tag), t('tag-removed', { tag }));
    field.current?.focus();
  };
  return html`<section class="tags"><h3 id="tags-title">${t('tags')}</h3>
    ${tags.length > 0 ? html`<ul class="chips" aria-labelledby="tags-title">${tags.map((tag) => html`<li key=${tag}><span><b lang=${scriptOf(tag)}>${tag}</b>
      ${mayChange && html`<button type="button" aria-label=${t('tag-remove', { tag })} title=${t('tag-remove', { tag })} onClick=${() => drop(tag)}><${Icon} name="close" size=${14} /></button>`}</span></li>`)}</ul>` : html`<p class="quiet">${t('tags-none')}</p>`}
    ${mayChange && tags.length < MOST && html`<form onSubmit=${add}>
      <label class="hidden" for="new-tag">${t('tag-new')}</label>
      <input id="new-tag" ref=${field} value=${word} maxlength=${LONGEST} autocomplete="off" placeholder=${t('tag-new')} lang=${word ? scriptOf(word) : undefined} onInput=${(event) => setWord(event.currentTarget.value)} />
      <button class="plain" disabled=${!word.trim() || isBusy}>${t('tag-add')}</button>
    </form>`}
    <p class="hidden" role="status">${said}</p>
  </section>`;
}
