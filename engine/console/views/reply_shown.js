// A reply as one channel shows it, with what is lost there in words.
import { html } from '../vendor/runtime.js';
import { label, scriptOf } from '../format.js';
import { t } from '../i18n.js';
import { Icon } from '../icons.js';
import { Part } from './part.js';

export function ReplyShown({ shown, lost }) {
  // The same loss in several parts is one sentence.
  const words = [...new Set(lost.map(({ what }) => label('lost', what)))];
  return html`${shown.length === 0 && html`<p class="quiet">${t('preview-nothing')}</p>`}
    ${shown.map((message, place) => html`<div key=${place} class="message bot"><${Part} part=${message.part} />
      ${message.choices.length > 0 && html`<p class="offered">${message.choices.map((each, at) => html`<span key=${at} lang=${scriptOf(each.title)}>${each.title}</span>`)}</p>`}</div>`)}
    ${words.length > 0 ? html`<ul class="lost">${words.map((each) => html`<li key=${each}><${Icon} name="alert" size=${14} /> <span>${each}</span></li>`)}</ul>` : shown.length > 0 && html`<p class="lost whole"><${Icon} name="check" size=${14} /> ${t('preview-whole')}</p>`}`;
}
