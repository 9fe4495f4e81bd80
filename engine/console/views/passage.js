// Where the customer went on or came from: one quiet line for people of ours, with the way to the other conversation.
import { html } from '../vendor/runtime.js';
import { channelName, clock, fullTime } from '../format.js';
import { t } from '../i18n.js';
import { Icon } from '../icons.js';

export function Passage({ message }) {
  const { id, at, passage: { what, conversation, channel, with: along, agent } } = message;
  const told = { channel: channelName(channel), name: agent?.name ?? '' };
  const sentence = what === 'undone' && agent?.name ? 'passage-undone-by' : `passage-${what}`;
  return html`<p class="event passage" data-message=${id}><${Icon} name="link" size=${14} />
    <span>${t(sentence, told)} ${along && html`${t(`passage-with-${along}`, told)} `}<a href=${`#/c/${encodeURIComponent(conversation)}`}>${t('passage-open')}</a> <time datetime=${new Date(at).toISOString()} title=${fullTime(at)}>${clock(at)}</time></span></p>`;
}
