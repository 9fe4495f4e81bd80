// For operators: how the parts are, and what was set aside because it could not be heard or sent.
import { html, useEffect, useState } from '../vendor/runtime.js';
import { get, post } from '../api.js';
import { channelName, label, personName, refusal, scriptOf } from '../format.js';
import { t } from '../i18n.js';
import { Icon } from '../icons.js';
import { notify } from '../notice.js';
import { may } from '../store.js';
import { inWords } from './conversation_row.js';
import { Models } from './models.js';
import { Failed, Skeleton } from './states.js';

const KINDS = ['inbound', 'outbox'];

export function System() {
  const [known, setKnown] = useState(null);
  const [problem, setProblem] = useState(null);
  const load = async () => {
    setProblem(null);
    try {
      const [health, parked, models] = await Promise.all([get('health'), get('parked'), get('models')]);
      setKnown({ health, parked, models });
    } catch (refusal) {
      setProblem(refusal);
    }
  };
  useEffect(() => { load(); }, []);
  if (problem) return html`<section class="operations"><${Failed} problem=${problem} retry=${load} /></section>`;
  if (!known) return html`<section class="operations"><${Skeleton} kind="facts" count=${5} /></section>`;
  return html`<section class="operations" aria-label=${t('system')}>
    <header><h2>${t('system')}</h2><button type="button" class="plain" onClick=${load}><${Icon} name="retry" size=${16} /> ${t('refresh')}</button></header>
    <${Health} health=${known.health} />
    <${Models} bots=${known.models.bots} reload=${load} />
    <${Parked} parked=${known.parked} reload=${load} />
  </section>`;
}

function Health({ health }) {
  const standing = health.ready ? health.degraded ? 'degraded' : 'ready' : 'not-ready';
  return html`<p class=${`standing ${standing}`}><${Icon} name=${standing === 'ready' ? 'check' : 'alert'} /> ${t(`health-${standing}`)}</p>
    <ul class="checks">${health.checks.map((check) => html`<li key=${check.name} class=${check.good ? 'good' : 'bad'}><${Icon} name=${check.good ? 'check' : 'alert'} />
      <b>${partName(check.name)}</b><span class="hidden">${t(check.good ? 'health-good' : 'health-bad')}</span><span class="quiet">${check.detail}</span></li>`)}</ul>`;
}

/** Parts have a name of their own; of a model it is its name that tells. */
const partName = (name) => name.startsWith('model ') ? t('health-part-model', { name: name.slice(6) }) : label('health-part', name);

function Parked({ parked, reload }) {
  const all = KINDS.flatMap((kind) => parked[kind].map((item) => ({ kind, item })));
  return html`<h3>${t('parked')}</h3><p class="quiet">${t(all.length ? 'parked-hint' : 'parked-none')}</p>
    <ul class="parked">${all.map(({ kind, item }) => html`<${ParkedItem} key=${item.id} kind=${kind} item=${item} reload=${reload} />`)}</ul>`;
}

function ParkedItem({ kind, item, reload }) {
  const retry = async () => {
    try {
      await post(`parked/${kind}/${encodeURIComponent(item.id)}/retry`);
      notify('notice-retrying');
      // What fails again comes back by itself.
      setTimeout(reload, 3000);
    } catch (problem) {
      notify('notice-failed', problem);
    }
    reload();
  };
  return html`<li><div><b>${t(`parked-${kind}`)}</b> <span class="quiet">${t('parked-attempts', { count: item.attempts })}</span><p><b lang=${scriptOf(personName(item.person))}>${personName(item.person)}</b> · ${channelName(item.channel)}${item.text && html`: <q lang=${scriptOf(item.text)}>${inWords(item.text)}</q>`}</p><p>${refusal(item.reason) || t('parked-unknown')}</p></div>
    <a href=${`#/c/${encodeURIComponent(item.conversation_id)}`}>${t('parked-open')}</a>
    ${may('operations.manage') && html`<button type="button" class="plain" onClick=${retry}>${t('try-again')}</button>`}</li>`;
}
