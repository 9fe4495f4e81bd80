// The head of a thread: who, where, and the buttons for the whole conversation.
import { html } from '../vendor/runtime.js';
import { channelName, hue, initial, personName, scriptOf } from '../format.js';
import { t } from '../i18n.js';
import { Icon } from '../icons.js';
import { goTo } from '../route.js';
import { panelOpen, togglePanel } from '../settings.js';
import { may } from '../store.js';
import { ActionButton } from './control_bar.js';

export function ThreadHead({ conversation }) {
  const { id, person, channel, account, status } = conversation;
  return html`<header class="head">
    <button type="button" class="ghost to-list" aria-label=${t('back-to-list')} onClick=${toList}><${Icon} name="back" size=${20} /></button>
    <span class=${`avatar hue-${hue(person.id)}`} aria-hidden="true">${initial(person.name)}</span>
    <div class="who"><h2 lang=${scriptOf(personName(person))}>${personName(person)}</h2><p class="quiet">${person.group && person.name && html`<em class="colleague"><${Icon} name="people" size=${13} /> ${t('group')}</em> `}${conversation.colleague && html`<em class="colleague"><${Icon} name="agent" size=${13} /> ${t('colleague')}</em> `}${channelName(channel)} · ${account}</p></div>
    ${status === 'open' && may('conversations.reply') && html`<${ActionButton} id=${id} verb="resolve" icon="check" className="plain" />`}
    <button type="button" class="ghost" id="panel-toggle" aria-pressed=${panelOpen.value} aria-label=${t('panel-toggle')} title=${`${t('panel-toggle')} (Alt+O)`} onClick=${togglePanel}><${Icon} name="panel" size=${20} /></button>
  </header>`;
}

/** Back to where the list was left. */
function toList() {
  goTo(null);
  requestAnimationFrame(() => requestAnimationFrame(() => document.querySelector('a.row[tabindex="0"]')?.focus()));
}
