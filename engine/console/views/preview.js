// A reply on every channel, side by side.
import { html, useState } from '../vendor/runtime.js';
import { post } from '../api.js';
import { channelName } from '../format.js';
import { t } from '../i18n.js';
import { notify } from '../notice.js';
import { ReplyEditor, filledParts } from './reply_editor.js';
import { ReplyShown } from './reply_shown.js';

const KINDS = ['text', 'media', 'buttons', 'cards', 'list', 'template', 'sticker', 'imagemap'];

export function Preview() {
  const [parts, setParts] = useState([{ type: 'text', text: t('preview-example') }]);
  const [choices, setChoices] = useState('A, B, C');
  const [shown, setShown] = useState(null);
  const show = async (event) => {
    event.preventDefault();
    const titles = choices.split(',').map((each) => each.trim()).filter(Boolean);
    try {
      setShown((await post('preview', { parts: await filledParts(parts), choices: titles.map((title) => ({ title, payload: title.slice(0, 60) })) })).preview);
    } catch (problem) {
      notify('notice-failed', problem);
    }
  };
  return html`<h3>${t('preview')}</h3><p class="quiet">${t('preview-hint')}</p>
    <form class="setup preview-form" onSubmit=${show}>
      <${ReplyEditor} parts=${parts} kinds=${KINDS} most=${10} onChange=${setParts} />
      <label class="wide">${t('preview-choices')}<input value=${choices} onInput=${(event) => setChoices(event.currentTarget.value)} /></label>
      <button class="primary show">${t('preview-show')}</button>
    </form>
    ${shown && html`<ul class="previews" aria-live="polite">${Object.entries(shown).map(([channel, each]) => html`<li key=${channel}><h4>${channelName(channel)}</h4><${ReplyShown} ...${each} /></li>`)}</ul>`}`;
}
