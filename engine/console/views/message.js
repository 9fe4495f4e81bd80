// One message: its author, its parts, where it stands, and for bot answers their source and thumbs.
import { html, useState } from '../vendor/runtime.js';
import { troubles } from '../account_health.js';
import { giveFeedback } from '../actions.js';
import { restoreDraft, setMode } from '../drafts.js';
import { clock, fullTime, percent, personName, plain, refusal, scriptOf, title } from '../format.js';
import { t } from '../i18n.js';
import { Icon } from '../icons.js';
import { notify } from '../notice.js';
import { discardMessage, retryMessage } from '../outbox.js';
import { detailOf, titleOf } from '../problem_text.js';
import { panelOpen, panelTab } from '../settings.js';
import { may, ownThumbs, selected, selectedId, selectedMessageId } from '../store.js';
import { MessageActs, Quoted, Reactions } from './message_acts.js';
import { ICONS, Part, Told, isHappening } from './part.js';
import { Passage } from './passage.js';

const AUTHOR_ICONS = { bot: 'bot', agent: 'agent', note: 'lock' };
const STATE_ICONS = { queued: 'clock', sent: 'check', delivered: 'checks', read: 'checks', failed: 'alert', uncertain: 'alert' };

export function Message({ message, isSame, turn, pending }) {
  const { id, author, at, parts, choices, citations } = message;
  if (author === 'system') return html`<p class="system" data-message=${id}>${parts.map((part) => part.text).join(' ')} <time>${clock(at)}</time></p>`;
  if (message.passage) return html`<${Passage} message=${message} />`;
  if (isHappening(message)) return html`<${Happened} message=${message} />`;
  const isSelected = selectedMessageId.value === id;
  return html`<article class=${`message ${author} ${isSame ? 'same' : ''} ${isSelected ? 'selected' : ''}`} data-message=${id} tabindex="-1" aria-label=${t(`author-${author}`)}>
    <p class="byline">${AUTHOR_ICONS[author] && html`<${Icon} name=${AUTHOR_ICONS[author]} size=${14} />`}
      <b lang=${scriptOf(called(message))}>${called(message)}</b>${author === 'note' && html`<em>${t('note-private')}</em>`}
      <time datetime=${new Date(at).toISOString()} title=${fullTime(at)}>${clock(at)}</time></p>
    ${message.broadcast && html`<${ToMany} broadcast=${message.broadcast} />`}
    ${message.for_account && html`<p class="came-by"><${Icon} name="alert" size=${14} /> ${t('message-for-another', { id: message.for_account })}</p>`}
    ${message.referral && html`<${CameBy} referral=${message.referral} />`}
    ${message.quotes && html`<${Quoted} id=${message.quotes} />`}
    ${message.deleted ? html`<p class="part gone">${t(author === 'customer' ? 'message-deleted' : 'message-deleted-ours')}</p>` : parts.map((part, place) => html`<${Part} key=${place} part=${part} message=${message} />`)}
    ${!message.deleted && html`<${Reactions} message=${message} />`}
    ${message.earlier?.length > 0 && html`<${Earlier} texts=${message.earlier} />`}
    ${choices?.length > 0 && html`<p class="offered"><span class="hidden">${t('choices-offered')}: </span>${choices.map((each) => html`<span lang=${scriptOf(each.title)}>${each.title}</span>`)}</p>`}
    ${citations?.length > 0 && html`<p class="cited"><${Icon} name="book" size=${14} /> ${t('source')}: ${citations.map((each) => each.title).join(' · ')}</p>`}
    ${author === 'customer' && turn && !message.deleted && parts.some((part) => part.text) && html`<${Understood} id=${id} turn=${turn} isSelected=${isSelected} />`}
    ${author === 'bot' && !message.deleted && html`<${Thumbs} message=${message} />`}
    ${message.answer && html`<p class="answered"><${Icon} name=${message.answer === 'public' ? 'eye' : 'lock'} size=${14} /> ${t(`comment-answered-${message.answer}`)}</p>`}
    ${message.repeated && html`<p class="state uncertain"><${Icon} name="alert" size=${14} /> <span>${t('message-repeated')}</span></p>`}
    ${(author === 'agent' || pending) && !message.deleted && html`<${State} message=${message} pending=${pending} />`}
    ${!pending && html`<${MessageActs} message=${message} />`}
  </article>`;
}

/** The name of who wrote it; a customer without one is called as in the list. */
const called = ({ author, name }) => name || (author === 'customer' && selected.value && !selected.value.person.group ? personName(selected.value.person) : t(`author-${author}`));

/** A reaction, a change, somebody coming or going: one quiet line. */
function Happened({ message }) {
  const { id, at, parts: [part] } = message;
  return html`<p class="event" data-message=${id}><${Icon} name=${ICONS[part.type] ?? 'pulse'} size=${14} />
    <span><b lang=${scriptOf(called(message))}>${called(message)}</b> · <${Told} part=${part} /> <time datetime=${new Date(at).toISOString()} title=${fullTime(at)}>${clock(at)}</time></span></p>`;
}

/** It went to many people at once: to whom, in a word. */
function ToMany({ broadcast }) {
  return html`<p class="came-by to-many"><${Icon} name="many" size=${14} /> ${broadcast.way === 'audience' ? t('to-many-audience', { name: broadcast.name }) : t(`to-many-${broadcast.way}`)}</p>`;
}

/** What brought the person: an advertisement or a link of ours. */
function CameBy({ referral }) {
  const isAd = /^ads?$/i.test(referral.source ?? '');
  const words = [referral.title, referral.text, referral.payload].filter(Boolean).join(' · ') || (isAd ? '' : referral.source);
  return html`<p class="came-by"><${Icon} name="link" size=${14} /> ${t(isAd ? 'content-referral-ad' : 'content-referral')}${words && html`: <span lang=${scriptOf(words)}>${words}</span>`}</p>`;
}

/** The words before somebody changed them, oldest first. */
function Earlier({ texts }) {
  return html`<details class="earlier"><summary>${t('message-edited')}</summary><ol>${texts.map((text, place) => html`<li key=${place} lang=${scriptOf(text)}>${text}</li>`)}</ol></details>`;
}

/** What the bot made of a customer's message, in a word; pressing it shows the whole in the panel. */
function Understood({ id, turn, isSelected }) {
  const top = turn.intents[0];
  const show = () => {
    selectedMessageId.value = id;
    panelTab.value = 'understanding';
    panelOpen.value = true;
  };
  return html`<button type="button" class="understood" aria-pressed=${isSelected} title=${t('panel-understanding')} onClick=${show}>
    <${Icon} name="spark" size=${14} /> <span class="hidden">${t('panel-understanding')}: </span>${top ? `${title(selected.value?.account, 'intents', top.name)} · ${percent(top.confidence)}` : t('intent-none')}</button>`;
}

function State({ message, pending }) {
  const { state, failure } = message;
  if (pending?.state === 'failed') {
    return html`<div class="state failed" role="alert"><p><${Icon} name="alert" size=${14} /> ${t('state-not-sent')} ${titleOf(pending.problem)} ${detailOf(pending.problem)}</p>
      <button type="button" onClick=${() => retryMessage(pending.client_id)}>${t('try-again')}</button>
      <button type="button" onClick=${() => { discardMessage(pending); document.getElementById('composer')?.focus(); }}>${t('discard')}</button></div>`;
  }
  if (!STATE_ICONS[state] || message.author === 'note' && !pending) return null;
  if ((state === 'failed' || state === 'uncertain') && message.author === 'agent') {
    return html`<div class=${`state ${state}`}><p><${Icon} name="alert" size=${14} /> ${t(`state-${state}`)}${failure && html`: <span lang=${scriptOf(refusal(failure))}>${refusal(failure)}</span>`}</p>
      ${may('conversations.reply') && html`<button type="button" onClick=${() => writeAgain(message)}>${t('write-again')}</button>`}</div>`;
  }
  const isHeld = state === 'queued' && troubles.value.some((each) => each.id === selected.value?.account && (each.held || !each.enabled));
  return html`<p class=${`state ${state}`}><${Icon} name=${STATE_ICONS[state]} size=${14} /> ${t(isHeld ? 'state-held' : `state-${state}`)}${failure && html`: <span lang=${scriptOf(refusal(failure))}>${refusal(failure)}</span>`}</p>`;
}

/** Puts the words of a message that a platform refused back into the composer. */
function writeAgain(message) {
  const id = selectedId.peek();
  setMode(id, 'reply');
  restoreDraft(id, 'reply', plain(message));
  document.getElementById('composer')?.focus();
}

function Thumbs({ message }) {
  const [isAsking, setAsking] = useState(false);
  const own = ownThumbs.value.get(message.id) ?? 0;
  const give = async (value, note) => {
    try {
      await giveFeedback(message.id, value, note);
      if (note) notify('notice-thanks');
    } catch (problem) {
      notify('notice-failed', problem);
    }
  };
  const press = (value) => {
    const next = own === value ? 0 : value;
    setAsking(next === -1);
    give(next);
  };
  return html`<div class="thumbs">
    ${may('feedback.give') && [1, -1].map((value) => html`<button key=${value} type="button" class=${value < 0 ? 'bad' : 'good'} aria-pressed=${own === value}
      aria-label=${t(value > 0 ? 'thumb-good' : 'thumb-bad')} title=${t(value > 0 ? 'thumb-good' : 'thumb-bad')} onClick=${() => press(value)}><${Icon} name="thumb" size=${15} /></button>`)}
    <${State} message=${message} />
    ${message.thumb && html`<span class="from-customer"><${Icon} name="thumb" size=${14} className=${message.thumb < 0 ? 'turned' : ''} /> ${t(message.thumb > 0 ? 'thumb-customer-good' : 'thumb-customer-bad')}</span>`}
    ${isAsking && html`<${Why} send=${(note) => { setAsking(false); if (note) give(-1, note); }} />`}
  </div>`;
}

/** What was wrong with the answer, if the agent cares to say. */
function Why({ send }) {
  const submit = (event) => {
    event.preventDefault();
    send(new FormData(event.currentTarget).get('note').trim());
  };
  return html`<form class="why" onSubmit=${submit}><input name="note" maxlength="500" aria-label=${t('thumb-why')} placeholder=${t('thumb-why')} /><button>${t('save')}</button></form>`;
}
