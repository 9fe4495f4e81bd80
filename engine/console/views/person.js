// Who the customer is: what we know, where they write from and what proves it, what we keep in mind, who was merged.
import { html, useEffect, useState } from '../vendor/runtime.js';
import { loadCost, loadThread } from '../actions.js';
import { post } from '../api.js';
import { channelName, hue, initial, label, moment, personName, scriptOf, title } from '../format.js';
import { t } from '../i18n.js';
import { Icon } from '../icons.js';
import { notify } from '../notice.js';
import { may, selected } from '../store.js';
import { Counts } from './account_usage.js';
import { GoingOn } from './going_on.js';
import { OtherConversations, SpokenLanguage } from './person_care.js';
import { Nothing } from './states.js';
import { Tags } from './tags.js';

export function Person({ thread }) {
  const conversation = selected.value;
  const person = thread.person ? { ...thread.person, name: thread.person.name || conversation?.person.name } : conversation?.person;
  // The conversation has gone to another person, or come back: what is shown is of the one before.
  const isStale = Boolean(conversation && thread.person && conversation.person.id !== thread.person.id);
  useEffect(() => { if (isStale) loadThread(conversation.id); }, [isStale]);
  useCost(thread, conversation);
  if (!person) return html`<${Nothing} icon="agent" title=${t('person-gone')} />`;
  const facts = Object.entries(person.facts || {});
  return html`
    <div class="person"><span class=${`avatar large hue-${hue(person.id)}`} aria-hidden="true">${initial(person.name)}</span><h3 lang=${scriptOf(personName(person))}>${personName(person)}</h3></div>
    ${conversation?.person.group && html`<p class="quiet">${t('group-person-hint')}</p>`}
    ${thread.colleague && html`<p class="chips"><span><${Icon} name="agent" size=${15} /> ${t('person-colleague', { name: thread.colleague.name })}</span></p>`}
    <section><dl class="facts">
      <div><dt>${t('person-language')}</dt><${SpokenLanguage} person=${person} conversation=${conversation} /></div>
      ${conversation && html`<div><dt>${t('person-channel')}</dt><dd>${channelName(conversation.channel)} · ${conversation.account}</dd></div>`}
    </dl></section>
    ${thread.cost?.messages.length > 0 && html`<section><h3>${t('cost-of-conversation')}</h3><${Counts} cost=${thread.cost} /></section>`}
    ${conversation && thread.tags && html`<${Tags} conversation=${conversation} tags=${thread.tags} />`}
    <${Addresses} addresses=${person.addresses} />
    <${OtherConversations} person=${person} conversation=${conversation} />
    ${conversation && may('conversations.reply') && html`<${GoingOn} conversation=${conversation} />`}
    <section><h3>${t('person-facts')}</h3>${facts.length ? html`<dl class="facts">${facts.map(([name, value]) => html`<div key=${name}><dt>${title(conversation?.account, 'entities', name)}</dt><dd lang=${scriptOf(String(value))}>${typeof value === 'object' ? JSON.stringify(value) : String(value)}</dd></div>`)}</dl>` : html`<p class="quiet">${t('person-facts-none')}</p>`}</section>
    ${person.merges?.length > 0 && html`<section class="merges"><h3>${t('merges')}</h3><ul class="plainlist">${person.merges.map((each) => html`<${Merged} key=${each.id} merge=${each} conversation=${conversation} />`)}</ul></section>`}`;
}

/** Platforms tell what a message costs with its receipts: the cost is read again a moment after the last one. */
function useCost({ messages }, conversation) {
  const told = messages.filter(({ author, state }) => author !== 'customer' && ['delivered', 'read', 'failed'].includes(state)).length;
  const [known, setKnown] = useState(told);
  useEffect(() => {
    if (!conversation || told === known) return undefined;
    const timer = setTimeout(() => loadCost(conversation.id).then(() => setKnown(told), () => setKnown(told)), 1000);
    return () => clearTimeout(timer);
  }, [told, conversation?.id]);
}

/** What people can recognise of an address; a visitor of the web chat has none but our own sign. */
export const named = (address) => address.username || address.phone || (address.channel === 'web' ? address.name || '' : address.external_id);

/** Where a person writes from; what came with a merge says what proves it. */
export function Addresses({ addresses }) {
  if (!addresses?.length) return null;
  return html`<section class="addresses"><h3>${t('person-addresses')}</h3><ul class="plainlist">${addresses.map((each) => html`<li key=${each.id}>
    <b>${channelName(each.channel)}</b> <span class="quiet">${named(each)}</span>
    ${each.evidence && html`<small><${Icon} name=${each.evidence === 'agent' ? 'agent' : 'check'} size=${14} /> ${label('evidence', each.evidence)}</small>`}
  </li>`)}</ul></section>`;
}

function Merged({ merge, conversation }) {
  const [isBusy, setBusy] = useState(false);
  const undo = async () => {
    setBusy(true);
    try {
      await post(`merges/${encodeURIComponent(merge.id)}/undo`);
      notify('merge-undone');
      if (conversation) await loadThread(conversation.id);
    } catch (problem) {
      notify('notice-failed', problem);
      setBusy(false);
    }
  };
  const name = merge.merged_name || personName({ id: merge.merged });
  return html`<li><b lang=${scriptOf(name)}>${name}</b> <span>${label('evidence', merge.evidence)}${merge.by_name ? ` · ${merge.by_name}` : ''}</span>
    <span class="quiet">${moment(merge.at)}</span>
    ${merge.detail?.note && html`<q lang=${scriptOf(merge.detail.note)}>${merge.detail.note}</q>`}
    ${merge.undone_at ? html`<span class="quiet">${t('merge-was-undone', { time: moment(merge.undone_at) })}</span>`
      : may('conversations.reply') && html`<button type="button" class="plain" disabled=${isBusy} aria-label=${t('merge-undo-of', { name })} onClick=${undo}><${Icon} name="return" size=${15} /> ${t('merge-undo')}</button>`}
  </li>`;
}
