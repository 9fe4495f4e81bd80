// Every key, and what the buttons of a conversation mean.
import { html } from '../vendor/runtime.js';
import { t } from '../i18n.js';
import { KEYS } from '../keys.js';
import { Dialog } from './dialog.js';

const isMac = /Mac|iPhone|iPad/.test(navigator.platform);
const MAC_NAMES = { Alt: '⌥', Ctrl: '⌘' };

export function Help() {
  return html`<${Dialog} title=${t('help-title')}>
    <dl class="keys">${KEYS.map(({ id, keys }) => html`<div key=${id}><dt>${t(`key-${id}`)}</dt>
      <dd>${keys.map((each) => html`<kbd>${isMac ? MAC_NAMES[each] || each : each}</kbd>`)}</dd></div>`)}</dl>
    <h3>${t('help-meaning')}</h3>
    <dl class="meanings">${['take', 'hand-back', 'resolve', 'note'].map((each) => html`<div key=${each}><dt>${t(`action-${each}`)}</dt><dd>${t(`action-${each}-meaning`)}</dd></div>`)}</dl>
  </${Dialog}>`;
}
