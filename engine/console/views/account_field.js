// One field of an account, as the server's table of fields describes it: a choice, a web address, digits, a text or a secret.
import { html } from '../vendor/runtime.js';
import { label } from '../format.js';
import { known, t } from '../i18n.js';

/** Some platforms call the same field otherwise. */
export const fieldName = (channel, name) => known(`channel-field-${name.replaceAll('_', '-')}-${channel}`) ?? label('channel-field', name);

const INPUTS = {
  url: { type: 'url', pattern: 'https?://.+', hint: 'field-url' },
  number: { type: 'text', inputmode: 'numeric', pattern: '[0-9]+', hint: 'field-number' },
  secret: { type: 'password' },
  text: { type: 'text' },
};

export function Field({ channel, field, value = '' }) {
  const { name, kind, choices, required, ours, most, least } = field;
  const text = fieldName(channel, name);
  if (kind === 'choice') {
    return html`<label>${text}<select name=${`field-${name}`} required=${required}>
      ${!required && html`<option value="" selected=${!value}>${label('field-choice', `${name}-none`)}</option>`}
      ${choices.map((each) => html`<option key=${each} value=${each} selected=${each === value}>${label('field-choice', `${name}-${each}`)}</option>`)}</select></label>`;
  }
  const { hint, ...input } = INPUTS[kind] ?? INPUTS.text;
  return html`<label>${text}<input name=${`field-${name}`} ...${input} title=${hint && t(hint)} required=${required} minlength=${least || undefined} maxlength=${most} value=${value} autocomplete="off" spellcheck=${false} />
    ${ours && html`<small class="quiet">${t('channel-field-made')} ${least > 8 && t('field-least', { least })}</small>`}</label>`;
}
