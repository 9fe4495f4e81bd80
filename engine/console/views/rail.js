// The rail: where one is, how the connection stands (always in this place), help, and who one is.
import { html } from '../vendor/runtime.js';
import { hue, initial } from '../format.js';
import { t } from '../i18n.js';
import { Icon } from '../icons.js';
import { page } from '../route.js';
import { dialog } from '../settings.js';
import { connection, counts, may, selectedId, session } from '../store.js';

const CONNECTION_ICONS = { live: 'check', connecting: 'retry', offline: 'cloud' };

/** `skip` moves the focus past the list. */
export function Rail({ skip }) {
  const { agent } = session.value;
  const waiting = counts.value.waiting;
  return html`<nav class="rail" aria-label=${t('rail')}>
    <button type="button" class="skip" onClick=${skip}>${t(page.value === 'inbox' && selectedId.value ? 'skip-to-composer' : 'skip-to-content')}</button>
    <h1 class="hidden">${t('console-title')}</h1>
    <a class="logo" href="#/" aria-label=${t('console-title')}><${Icon} name="logo" size=${24} /></a>
    <a class="place" href="#/" aria-current=${page.value === 'inbox' ? 'page' : undefined}><${Icon} name="inbox" size=${22} /><span>${t('inbox')}</span>
      ${waiting > 0 && html`<b class="badge" aria-label=${t('waiting-count', { count: waiting })}>${waiting}</b>`}</a>
    ${may('channels.manage') && html`<a class="place" href="#/channels" aria-current=${['channels', 'line'].includes(page.value) ? 'page' : undefined}><${Icon} name="link" size=${22} /><span>${t('channels')}</span></a>`}
    ${may('operations.read') && html`<a class="place" href="#/system" aria-current=${page.value === 'system' ? 'page' : undefined}><${Icon} name="pulse" size=${22} /><span>${t('system')}</span></a>`}
    <span class="gap" />
    ${may('conversations.read') && html`<p class=${`connection ${connection.value}`} role="status"><${Icon} name=${CONNECTION_ICONS[connection.value]} size=${16} /><span>${t(`connection-${connection.value}`)}</span></p>`}
    <button type="button" class="ghost" aria-label=${t('help-title')} title=${t('help-title')} onClick=${() => { dialog.value = 'help'; }}><${Icon} name="help" size=${20} /></button>
    <button type="button" class=${`avatar hue-${hue(agent.id)}`} aria-label=${t('settings-of', { name: agent.name })} title=${agent.name}
      onClick=${() => { dialog.value = 'settings'; }}>${initial(agent.name)}</button>
  </nav>`;
}
