// Who the customer is: what we know, where they write from, and what we keep in mind about them.
import { html } from '../vendor/runtime.js';
import { channelName, hue, initial, languageName, personName, scriptOf, title } from '../format.js';
import { t } from '../i18n.js';
import { selected } from '../store.js';
import { Nothing } from './states.js';

export function Person({ thread }) {
  const conversation = selected.value;
  const person = thread.person || conversation?.person;
  if (!person) return html`<${Nothing} icon="agent" title=${t('person-gone')} />`;
  const facts = Object.entries(person.facts || {});
  return html`
    <div class="person"><span class=${`avatar large hue-${hue(person.id)}`} aria-hidden="true">${initial(person.name)}</span><h3 lang=${scriptOf(personName(person))}>${personName(person)}</h3></div>
    <section><dl class="facts">
      <div><dt>${t('person-language')}</dt><dd>${languageName(person.language || conversation?.language)}</dd></div>
      ${conversation && html`<div><dt>${t('person-channel')}</dt><dd>${channelName(conversation.channel)} · ${conversation.account}</dd></div>`}
      ${person.conversations && html`<div><dt>${t('person-conversations')}</dt><dd>${person.conversations}</dd></div>`}
    </dl></section>
    ${person.addresses?.length > 0 && html`<section><h3>${t('person-addresses')}</h3><ul class="plainlist">${person.addresses.map(([account, address]) => html`<li>${account} <span class="quiet">${address}</span></li>`)}</ul></section>`}
    <section><h3>${t('person-facts')}</h3>${facts.length ? html`<dl class="facts">${facts.map(([name, value]) => html`<div key=${name}><dt>${title(conversation?.account, 'entities', name)}</dt><dd lang=${scriptOf(String(value))}>${typeof value === 'object' ? JSON.stringify(value) : String(value)}</dd></div>`)}</dl>` : html`<p class="quiet">${t('person-facts-none')}</p>`}</section>`;
}
