// Every key, and what the buttons of a conversation mean.
import { html } from '../vendor/runtime.js';
import { t } from '../i18n.js';
import { KEYS } from '../keys.js';
import { may } from '../store.js';
import { Dialog } from './dialog.js';

const isMac = /Mac|iPhone|iPad/.test(navigator.platform);
const MAC_NAMES = { Alt: '⌥', Ctrl: '⌘' };

export function Help() {
  const mayReply = may('conversations.reply');
  return html`<${Dialog} title=${t('help-title')}>
    <dl class="keys">${KEYS.filter(({ forReply }) => mayReply || !forReply).map(({ id, keys }) => html`<div key=${id}><dt>${t(`key-${id}`)}</dt>
      <dd>${keys.map((each) => html`<kbd>${isMac ? MAC_NAMES[each] || each : each}</kbd>`)}</dd></div>`)}</dl>
    ${mayReply ? html`<h3>${t('help-meaning')}</h3>
      <dl class="meanings">${['take', 'hand-back', 'resolve', 'note'].map((each) => html`<div key=${each}><dt>${t(`action-${each}`)}</dt><dd>${t(`action-${each}-meaning`)}</dd></div>`)}</dl>` : html`<p class="quiet">${t('control-read-only')}</p>`}
  </${Dialog}>`;
}
