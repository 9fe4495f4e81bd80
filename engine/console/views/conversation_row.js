// One row of the list: who, what was said last, who waits and why, and what kind of talk it is.
import { html } from '../vendor/runtime.js';
import { MINUTE, ago, channelName, duration, fullTime, hue, initial, label, languageName, now, personName, scriptOf, title } from '../format.js';
import { t } from '../i18n.js';
import { Icon } from '../icons.js';
import { isMine, isOpenComment } from '../store.js';

/** Where our last word stands, if it is worth a look. */
const TROUBLES = ['failed', 'uncertain'];

/** What asks for a person's eye. */
const ALARMS = ['urgent', 'toxic'];

export function ConversationRow({ conversation, place, total, isSelected, isActive, open }) {
  const { id, person, last_text: lastText, last_author: lastAuthor, last_state: lastState, last_at: lastAt, unanswered } = conversation;
  const name = personName(person);
  const author = lastAuthor === 'customer' ? null : t(`author-${lastAuthor}`);
  return html`<li aria-setsize=${total} aria-posinset=${place + 1}>
    <a class=${`row ${isSelected ? 'selected' : ''}`} href=${`#/c/${encodeURIComponent(id)}`} data-place=${place} tabindex=${isActive ? 0 : -1}
      aria-current=${isSelected ? 'true' : undefined} onClick=${(event) => { event.preventDefault(); open(id); }}>
      <span class=${`avatar hue-${hue(person.id)}`} aria-hidden="true">${initial(person.name)}</span>
      <span class="name" lang=${scriptOf(name)}><span>${name}</span>${person.group && person.name && html` <em class="colleague"><${Icon} name="people" size=${13} /> ${t('group')}</em>`}${conversation.colleague && html` <em class="colleague"><${Icon} name="agent" size=${13} /> ${t('colleague')}</em>`}</span>
      <time class="when" datetime=${new Date(lastAt).toISOString()} title=${fullTime(lastAt)}>${ago(lastAt)}</time>
      <span class=${`last ${unanswered > 0 ? 'short' : ''}`} lang=${scriptOf(lastText || '')}>${TROUBLES.includes(lastState) && html`<em class="trouble"><${Icon} name="alert" size=${14} /> ${t(`state-${lastState}`)}</em> `}${author && html`<b>${author}: </b>`}${inWords(lastText)}</span>
      ${unanswered > 0 && html`<b class="badge" title=${t('unanswered', { count: unanswered })}>${unanswered}<span class="hidden"> ${t('unanswered-word')}</span></b>`}
      <${Owner} conversation=${conversation} />
      <${Traits} conversation=${conversation} />
    </a>
  </li>`;
}

/** Who owns the next word; for those who wait, since when and why. */
function Owner({ conversation }) {
  const { status, control, agent, waiting_since: since, handoff_reason: reason } = conversation;
  if (status === 'resolved') return html`<span class="owner"><${Icon} name="check" size=${15} /> ${t('status-resolved')}</span>`;
  if (isOpenComment(conversation)) return html`<span class="owner waiting comment"><${Icon} name="comment" size=${15} /> <span>${t('owner-comment')}</span></span>`;
  if (conversation.comment && control === 'bot') return html`<span class="owner"><${Icon} name="comment" size=${15} /> ${t('owner-comment-answered')}</span>`;
  // Who tries the bot from an address of their own is no customer in a hurry.
  if (control === 'waiting' && conversation.colleague) return html`<span class="owner"><${Icon} name="agent" size=${15} /> <span>${t('person-colleague', { name: conversation.colleague })}</span></span>`;
  if (control === 'waiting') {
    return html`<span class="owner waiting"><${Icon} name="clock" size=${15} /> <span>${now.value - since < MINUTE ? t('waits-now') : t('waits', { time: duration(now.value - since) })}${reason && ` · ${label('reason', reason)}`}</span></span>`;
  }
  if (control === 'agent' && !agent?.name) return html`<span class="owner agent"><${Icon} name="inbox" size=${15} /> <span>${t('owner-inbox')}</span></span>`;
  if (control === 'agent') return html`<span class="owner agent"><${Icon} name="agent" size=${15} /> <span>${isMine(conversation) ? t('owner-you') : agent.name}</span></span>`;
  return html`<span class="owner"><${Icon} name="bot" size=${15} /> ${t('owner-bot')}</span>`;
}

/** What was not words is told as its kind, such as `[sticker]`. */
export function inWords(text) {
  const kind = /^\[([a-z_]+)\]$/.exec(text ?? '')?.[1];
  return kind ? label('content', kind) : text;
}

function Traits({ conversation }) {
  const { account, channel, language, intent, sentiment, sentiment_trend: trend } = conversation;
  // What asks for an eye needs the room, and says more than a mood.
  const alarms = ALARMS.filter((each) => conversation[each]);
  return html`<span class="traits">
    <span>${channelName(channel)}</span>${language && html`<span>${languageName(language)}</span>`}${intent && html`<span>${title(account, 'intents', intent)}</span>`}
    ${alarms.map((each) => html`<span key=${each} class="mood negative alarm"><${Icon} name="alert" size=${14} /> ${t(each)}</span>`)}
    ${!alarms.length && ['positive', 'negative'].includes(sentiment) && html`<span class=${`mood ${sentiment}`}><${Icon} name=${sentiment} size=${14} /> ${label('sentiment', sentiment)}</span>`}
    ${!alarms.length && trend && html`<span class=${`mood ${trend === 'worse' ? 'negative' : 'positive'}`}><${Icon} name="down" size=${14} className=${trend === 'better' ? 'flipped' : ''} /> ${t(`trend-${trend}`)}</span>`}
  </span>`;
}
