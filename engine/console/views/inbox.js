// The four zones: rail, list, thread with composer, panel. On a phone they are stacked and one is seen at a time.
import { html } from '../vendor/runtime.js';
import { page, pageAccount } from '../route.js';
import { panelOpen, togglePanel } from '../settings.js';
import { may, selectedId, threads } from '../store.js';
import { t } from '../i18n.js';
import { ConversationList } from './conversation_list.js';
import { Panel } from './panel.js';
import { Rail } from './rail.js';
import { Nothing } from './states.js';
import { AccountBanner } from './account_banner.js';
import { Channels } from './channels.js';
import { LinePage } from './line/page.js';
import { System } from './system.js';
import { ThreadView } from './thread.js';

export function Inbox() {
  const id = selectedId.value;
  const isPanelShown = Boolean(id) && panelOpen.value && threads.value.get(id)?.state !== 'failed';
  return html`<div class=${`inbox ${id ? 'has-thread' : ''} ${isPanelShown ? 'has-panel' : ''}`}>
    <${Rail} skip=${skip} />
    <${AccountBanner} />
    <main class="zones">${page.value === 'system' && may('operations.read') ? html`<${System} />` : page.value === 'channels' && may('channels.manage') ? html`<${Channels} />` : page.value === 'line' && may('channels.manage') ? html`<${LinePage} key=${pageAccount.value} id=${pageAccount.value} />` : may('conversations.read')
      ? html`<${ConversationList} />
        <section class="talk" aria-label=${t('thread')}>${id ? html`<${ThreadView} key=${id} id=${id} />` : html`<${Nothing} icon="inbox" title=${t('thread-none')} text=${t('thread-none-hint')} />`}</section>
        ${isPanelShown && html`<div class="veil" onClick=${togglePanel} /><${Panel} key=${id} />`}`
      : html`<section class="talk wide"><${Nothing} icon="lock" title=${t('forbidden-title')} text=${t('forbidden-text')} /></section>`}</main>
  </div>`;
}

function skip() {
  const target = document.getElementById('composer') ?? document.getElementById('search') ?? document.querySelector('main h2');
  // A heading takes the focus for this once.
  if (target && !target.matches('input, textarea')) target.tabIndex = -1;
  target?.focus();
}
