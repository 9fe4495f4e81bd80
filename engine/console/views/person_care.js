// What an agent looks up and mends of a person: the other talks, and the language that they are spoken to in.
import { html, useEffect, useState } from '../vendor/runtime.js';
import { get, patch } from '../api.js';
import { loadThread } from '../actions.js';
import { ago, channelName, fullTime, languageName, scriptOf } from '../format.js';
import { LANGUAGES, t } from '../i18n.js';
import { Icon } from '../icons.js';
import { notify } from '../notice.js';
import { goTo } from '../route.js';
import { may, takeConversation } from '../store.js';
import { inWords } from './conversation_row.js';

/** The other conversations of a person, newest first; each opens. */
export function OtherConversations({ person, conversation }) {
  const [found, setFound] = useState(null);
  const [isBroken, setBroken] = useState(false);
  const load = () => {
    setBroken(false);
    get(`people/${encodeURIComponent(person.id)}/conversations`).then((answer) => setFound({ of: person.id, all: answer.conversations }), () => setBroken(true));
  };
  useEffect(load, [person.id, person.conversations]);
  const others = found?.of === person.id ? found.all.filter(({ id }) => id !== conversation?.id) : null;
  const open = (each) => (event) => {
    event.preventDefault();
    takeConversation(each);
    goTo(each.id);
  };
  return html`<section class="others-of"><h3>${t('person-others')}</h3>
    ${isBroken ? html`<p class="quiet" role="alert">${t('person-others-failed')} <button type="button" class="plain" onClick=${load}>${t('try-again')}</button></p>`
      : !others ? html`<p class="quiet" role="status">${t('loading')}</p>`
      : !others.length ? html`<p class="quiet">${t('person-others-none')}</p>`
      : html`<ul class="plainlist">${others.map((each) => html`<li key=${each.id}><a href=${`#/c/${encodeURIComponent(each.id)}`} onClick=${open(each)}>
        <span><b>${channelName(each.channel)}</b> <span class="quiet">${t(`status-${each.status}`)}</span> <time class="quiet" datetime=${new Date(each.last_at).toISOString()} title=${fullTime(each.last_at)}>${ago(each.last_at)}</time></span>
        <span class="last" lang=${scriptOf(each.last_text || '')}>${inWords(each.last_text)}</span></a></li>`)}</ul>`}</section>`;
}

/** The language, which who may reply can change. */
export function SpokenLanguage({ person, conversation }) {
  const [isBusy, setBusy] = useState(false);
  const now = person.language || conversation?.language || '';
  if (!may('conversations.reply') || !conversation) return html`<dd>${languageName(now)}</dd>`;
  const change = async (event) => {
    setBusy(true);
    try {
      await patch(`people/${encodeURIComponent(person.id)}`, { language: event.currentTarget.value });
      await loadThread(conversation.id);
      notify('person-language-set');
    } catch (problem) {
      notify('notice-failed', problem);
    }
    setBusy(false);
  };
  const all = LANGUAGES.includes(now) ? LANGUAGES : [now, ...LANGUAGES];
  return html`<dd><select aria-label=${t('person-language')} value=${now} disabled=${isBusy} onChange=${change}>${all.map((each) => html`<option key=${each} value=${each} selected=${each === now} disabled=${!each}>${languageName(each)}</option>`)}</select></dd>`;
}
