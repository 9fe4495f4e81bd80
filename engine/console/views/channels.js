// For those who set channels up: the accounts and how they are, a new one, and a reply as each channel shows it.
import { html, useEffect, useState } from '../vendor/runtime.js';
import { get, post } from '../api.js';
import { channelName, label } from '../format.js';
import { factsOf, isUnreached, sentenceOf } from '../finding.js';
import { language, t } from '../i18n.js';
import { Icon } from '../icons.js';
import { notify } from '../notice.js';
import { Field, fieldName } from './account_field.js';
import { AccountManage } from './account_manage.js';
import { CopyBox } from './copy_box.js';
import { Preview } from './preview.js';
import { detailOf, titleOf } from '../problem_text.js';
import { Failed, Skeleton } from './states.js';

export function Channels() {
  const [known, setKnown] = useState(null);
  const [problem, setProblem] = useState(null);
  const load = async () => {
    setProblem(null);
    try {
      setKnown(await get('channels'));
    } catch (refusal) {
      setProblem(refusal);
    }
  };
  useEffect(() => { load(); }, []);
  if (problem) return html`<section class="operations"><${Failed} problem=${problem} retry=${load} /></section>`;
  if (!known) return html`<section class="operations"><${Skeleton} kind="facts" count=${5} /></section>`;
  return html`<section class="operations" aria-label=${t('channels')}>
    <header><h2>${t('channels')}</h2><button type="button" class="plain" onClick=${load}><${Icon} name="retry" size=${16} /> ${t('refresh')}</button></header>
    <ul class="accounts">${sorted(known.channels).map((account) => html`<${Account} key=${account.id} account=${account} form=${known.forms[account.channel] ?? []} bots=${known.bots} reload=${load} />`)}</ul>
    <${Add} forms=${known.forms} bots=${known.bots} reload=${load} />
    <${Preview} />
  </section>`;
}

/** By platform, then by name, as the reader's language sorts. */
function sorted(accounts) {
  const { compare } = new Intl.Collator(language.value);
  return [...accounts].sort((a, b) => compare(channelName(a.channel), channelName(b.channel)) || compare(a.name, b.name));
}

/** One account: asked how it is only when somebody wants to know. */
function Account({ account, form, bots, reload }) {
  const [report, setReport] = useState(null);
  const [isManaged, setManaged] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const check = async () => {
    setBusy(true);
    try {
      setReport((await post(`channels/${encodeURIComponent(account.id)}/check`)).checks);
    } catch (problem) {
      notify('notice-failed', problem);
    }
    setBusy(false);
  };
  return html`<li class="account"><div><h3>${account.name}</h3>
      <p class="quiet">${channelName(account.channel)} · ${account.bot}${account.external_id && ` · ${account.external_id}`}</p>
      ${account.channel !== 'web' && html`<p class="quiet">${t('channel-address')}: <code>${account.webhook}</code></p>`}
      ${account.channel === 'line' && html`<p><a href=${`#/channels/${encodeURIComponent(account.id)}/line`}>${t('line-page')}<span class="hidden"> ${account.name}</span></a></p>`}
      <${Standing} account=${account} /></div>
    <button type="button" class="plain check" disabled=${isBusy} onClick=${check}>${t(isBusy ? 'channel-checking' : 'channel-check')}<span class="hidden"> ${account.name}</span></button>
    <div class="report" role="status">${report && html`<${Report} checks=${report} />`}</div>
    <div class="managing"><button type="button" class="plain" aria-expanded=${isManaged} onClick=${() => setManaged(!isManaged)}>${t('care-manage')}<span class="hidden"> ${account.name}</span></button>
      ${isManaged && html`<${AccountManage} account=${account} form=${form} bots=${bots} reload=${reload} />`}</div></li>`;
}

/** How it was when it was last looked at, and what waits. */
function Standing({ account: { enabled, held, waiting, health } }) {
  const state = !enabled ? 'off' : held ? 'held' : health?.state;
  if (!state) return null;
  const wrong = (health?.checks ?? []).filter(({ good, warning }) => !good || warning);
  return html`<p class=${`state ${state}`}><${Icon} name=${state === 'ok' ? 'check' : state === 'off' ? 'lock' : 'alert'} size=${16} /> ${t(`account-state-${state}`)} ${(held || !enabled) && waiting > 0 && t('account-waiting', { count: waiting })}</p>
    ${enabled && state !== 'ok' && wrong.map((each, place) => html`<p key=${place} class="quiet">${sentenceOf(each)}</p>`)}`;
}

/** Checks of which no platform says anything, or of which our sentence says it all. */
const OURS = ['clock', 'expiry', 'quota'];

/** How a check stands: what nobody could ask is neither good nor bad. */
const standingOf = (each) => isUnreached(each) ? 'warned' : each.good ? each.warning ? 'warned' : 'good' : 'bad';
const wordOf = (each) => isUnreached(each) ? 'health-unreached' : each.good ? 'health-good' : 'health-bad';

function Report({ checks }) {
  if (!checks.length) return html`<p class="quiet">${t('channel-nothing-to-check')}</p>`;
  return html`<ul class="checks">${checks.map((each, place) => html`<li key=${place} class=${standingOf(each)}><${Icon} name=${standingOf(each) === 'good' ? 'check' : 'alert'} />
    <b>${label('channel-check', each.check)}</b><span class="hidden">${t(wordOf(each))}</span><span class="quiet">${[sentenceOf(each), each.name, OURS.includes(each.check) && each.good ? '' : each.says, ...factsOf(each)].filter(Boolean).join(' · ')}</span></li>`)}</ul>`;
}

function Add({ forms, bots, reload }) {
  const kinds = Object.keys(forms).filter((kind) => kind === 'web' || forms[kind].length);
  const [channel, setChannel] = useState(kinds[0]);
  const [added, setAdded] = useState(null);
  const [problem, setProblem] = useState(null);
  const [isBusy, setBusy] = useState(false);
  const submit = async (event) => {
    event.preventDefault();
    const form = event.currentTarget;
    const entered = Object.fromEntries(new FormData(form));
    const fields = Object.fromEntries(forms[channel].map(({ name }) => [name, entered[`field-${name}`] ?? '']).filter(([, value]) => value));
    setBusy(true);
    setProblem(null);
    try {
      const answer = await post('channels', { channel, name: entered.name, bot: entered.bot, external_id: entered.external_id ?? '', fields });
      setAdded({ channel, account: answer.channel });
      form.reset();
      reload();
    } catch (refusal) {
      setProblem(refusal);
    }
    setBusy(false);
  };
  return html`<h3>${t('channel-add')}</h3>
    <form class="setup" onSubmit=${submit}>
      <label>${t('channel-kind')}<select value=${channel} onChange=${(event) => setChannel(event.currentTarget.value)}>${kinds.map((kind) => html`<option key=${kind} value=${kind}>${channelName(kind)}</option>`)}</select></label>
      <label>${t('channel-name')}<input name="name" required maxlength="100" autocomplete="off" /></label>
      <label>${t('channel-bot')}<select name="bot">${bots.map((bot) => html`<option key=${bot}>${bot}</option>`)}</select></label>
      ${forms[channel].map((field) => html`<${Field} key=${`${channel}-${field.name}`} channel=${channel} field=${field} />`)}
      ${channel !== 'web' && html`<label>${t('channel-external-id')}<input name="external_id" maxlength="200" autocomplete="off" /><small class="quiet">${t('channel-external-id-hint')}</small></label>`}
      <button class="primary wide" disabled=${isBusy}>${t(isBusy ? 'channel-adding' : 'channel-add')}</button>
    </form>
    ${problem && html`<p class="bad" role="alert">${titleOf(problem)} ${detailOf(problem)}</p>`}
    ${added && html`<${Added} channel=${added.channel} added=${added.account} />`}`;
}

/** What a page needs to show the chat. */
const snippet = ({ id, webhook }) => {
  const base = webhook.slice(0, webhook.indexOf('/channels/'));
  return `<script type="module" src="${base}/widget/widget.js"></${'script'}>\n<sala-chat account="${id}"></sala-chat>`;
};

/** What came of it: only what works is called set up. What we made up is shown this once. */
function Added({ channel, added }) {
  const works = added.registered !== false && added.checks.every((each) => each.good);
  return html`<div class=${`added ${works ? '' : 'unfinished'}`} role="status"><p><${Icon} name=${works ? 'check' : 'alert'} /> ${t(works ? 'channel-added' : 'channel-stored')}</p>
    ${channel === 'web' ? html`<p>${t('channel-embed')}</p><pre tabindex="0" role="region" aria-label=${t('channel-embed')}><code>${snippet(added)}</code></pre>`
      : added.registered ? html`<p>${t('channel-registered')} <code>${added.webhook}</code></p>`
      : html`${added.refused && html`<p class="bad">${t('care-webhook-refused', { reason: added.refused })}</p>`}<${CopyBox} label=${t(added.refused ? 'channel-address' : 'channel-register-yourself')} text=${added.webhook} />`}
    ${Object.entries(added.made).map(([name, secret]) => html`<${CopyBox} key=${name} label=${fieldName(channel, name)} text=${secret} hint=${t('channel-shown-once')} />`)}
    <${Report} checks=${added.checks} /></div>`;
}
