// Changing a channel account that is in use. No secret is ever shown: a new one takes the place of the old one.
import { html, useEffect, useRef, useState } from '../vendor/runtime.js';
import { patch, post, put, remove } from '../api.js';
import { moment } from '../format.js';
import { t } from '../i18n.js';
import { detailOf, titleOf } from '../problem_text.js';
import { Field, fieldName } from './account_field.js';
import { AccountFaults } from './account_faults.js';
import { AccountTest } from './account_test.js';
import { AccountNews } from './account_news.js';
import { AccountUsage } from './account_usage.js';
import { CopyBox } from './copy_box.js';

export function AccountManage({ account, form, bots, reload }) {
  const [said, setSaid] = useState(null);
  const [problem, setProblem] = useState(null);
  /** The secret that was refused and may be kept all the same: its name. */
  const [offered, setOffered] = useState(null);
  const path = `channels/${encodeURIComponent(account.id)}`;
  /** Does one thing and says how it went; true where it went well. */
  const doing = async (change, text) => {
    setOffered(null);
    setSaid(null);
    setProblem(null);
    try {
      const answer = await change();
      setSaid(typeof text === 'function' ? text(answer) : t(text));
      reload();
      return true;
    } catch (refusal) {
      setProblem(refusal);
      if (refusal.body.type === 'sala:token-refused') setOffered(refusal.body.field);
      // A call came since the page was read: the question is asked anew, with what is known now.
      if (refusal.body.type === 'sala:unproved') reload();
      return false;
    }
  };
  return html`<div class="manage">
    <${About} account=${account} form=${form} bots=${bots} save=${(change) => doing(() => patch(path, change), 'care-kept')} />
    ${form.filter(({ secret }) => secret).map(({ name, ours, least }) => html`<${Secret} key=${name} name=${name} least=${least} what=${fieldName(account.channel, name)} ours=${ours} mayInsist=${offered === name} rotation=${account.rotations.find((one) => one.name === name)}
      replace=${(secret, force) => doing(() => put(`${path}/secrets/${name}`, { secret, force }), replaced(fieldName(account.channel, name)))} end=${(isSure) => doing(() => remove(`${path}/secrets/${name}${isSure ? '?force=true' : ''}`), 'care-rotation-ended')} />`)}
    ${account.channel !== 'web' && html`<${AccountTest} account=${account} />`}${account.pretended && html`<${AccountFaults} account=${account} />`}
    ${['whatsapp', 'messenger'].includes(account.channel) && html`<p><button type="button" class="plain" onClick=${() => doing(() => post(`${path}/templates`), fetched)}>${t('templates-fetch')}</button></p>`}
    ${account.channel !== 'web' && html`<${AccountUsage} account=${account} /><${AccountNews} account=${account} />`}
    <${Ending} account=${account} turn=${(enabled) => doing(() => patch(path, { enabled }), 'care-kept')} removeIt=${() => doing(() => remove(path), 'care-removed')} />
    <div role="status">${said && html`<div class="said">${said}</div>`}</div>
    ${problem && html`<p class="bad" role="alert">${titleOf(problem)} ${detailOf(problem)}</p>`}
  </div>`;
}

const replaced = (name) => ({ made, rotating, state, refused, untried }) => {
  const lines = [t('care-secret-replaced'), rotating && t('care-rotating'), state === 'failing' && t('care-still-failing'), refused && t('care-webhook-refused', { reason: refused }), untried && t('care-untried', { reason: untried })];
  return html`${lines.filter(Boolean).join(' ')}${made && html`<${CopyBox} label=${name} text=${made} hint=${t('channel-shown-once')} />`}`;
};

const fetched = ({ fetched: count, reason }) => count === null ? t('templates-not-fetched', { reason: reason ?? '' }) : t('templates-fetched', { count });

/** Its name, its bot and its settings: the server's table says what each takes. */
function About({ account, form, bots, save }) {
  const fields = form.filter(({ secret }) => !secret);
  const submit = (event) => {
    event.preventDefault();
    const { name, bot, ...entered } = Object.fromEntries(new FormData(event.currentTarget));
    save({ name, bot, settings: Object.fromEntries(fields.map((field) => [field.name, entered[`field-${field.name}`] ?? ''])) });
  };
  return html`<form class="setup about" onSubmit=${submit}>
    <label>${t('channel-name')}<input name="name" required maxlength="100" autocomplete="off" value=${account.name} /></label>
    <label>${t('channel-bot')}<select name="bot" value=${account.bot}>${bots.map((bot) => html`<option key=${bot} selected=${bot === account.bot}>${bot}</option>`)}</select></label>
    ${fields.map((field) => html`<${Field} key=${field.name} channel=${account.channel} field=${field} value=${account.settings[field.name]} />`)}
    <button class="plain">${t('care-save')}</button></form>`;
}

function Secret({ what, ours, least, rotation, mayInsist, replace, end }) {
  const submit = async (event) => {
    event.preventDefault();
    const form = event.currentTarget;
    if (await replace(new FormData(form).get('secret'), event.submitter?.value === 'insist')) form.reset();
  };
  return html`<form class="care" onSubmit=${submit}>
    <label>${t('care-new-secret', { name: what })}<input name="secret" type="password" required=${!ours} minlength=${least || undefined} maxlength="2000" autocomplete="off" spellcheck=${false} />
      ${ours && html`<small class="quiet">${t('channel-field-made')} ${least > 8 && t('field-least', { least })}</small>`}</label>
    <button class="plain">${t('care-replace')}<span class="hidden"> ${what}</span></button>
    ${mayInsist && html`<button class="plain danger" value="insist">${t('care-keep-nevertheless')}<span class="hidden"> ${what}</span></button>`}
    ${rotation && html`<${TwoSecrets} what=${what} rotation=${rotation} end=${end} />`}</form>`;
}

/** Which of the two verified calls, and the end of the former one: asked for twice while it is the one that is used. */
function TwoSecrets({ what, rotation, end }) {
  const [isAsked, setAsked] = useState(false);
  const [proved, former] = [rotation.new_proved_at, rotation.former_proved_at];
  const press = () => !proved && former && !isAsked ? setAsked(true) : end(isAsked);
  const told = [t('care-rotating'), proved ? t('care-proved', { at: moment(proved) }) : t('care-unproved'), former ? t('care-former-proved', { at: moment(former) }) : t('care-former-unproved')];
  return html`<p class="quiet">${told.join(' ')}</p>${isAsked && html`<p><b role="alert">${t('care-end-risky')}</b></p>`}
    <p class="ending">${isAsked && html`<button type="button" class="plain" onClick=${() => setAsked(false)}>${t('care-keep-former')}</button>`}
      <button type="button" class=${`plain ${isAsked ? 'danger' : ''}`} onClick=${press}>${t(isAsked ? 'care-end-anyway' : 'care-end-rotation')}<span class="hidden"> ${what}</span></button></p>`;
}

/** Switching off and removing are asked for twice, and not where the first press was: two quick ones change nothing. */
function Ending({ account, turn, removeIt }) {
  const [asked, setAsked] = useState(null);
  const keep = useRef(null);
  useEffect(() => { if (asked) keep.current.focus(); }, [asked]);
  const off = () => {
    setAsked(null);
    turn(false);
  };
  if (!asked) {
    return html`<p class="ending"><button type="button" class="plain" onClick=${() => account.enabled ? setAsked('off') : turn(true)}>${t(account.enabled ? 'care-off' : 'care-on')}</button>
        <button type="button" class="plain" onClick=${() => setAsked('remove')}>${t('care-remove')}</button></p>
      <p class="quiet">${t('care-off-meaning')}</p>`;
  }
  return html`<p class="ending"><button type="button" class="plain" ref=${keep} onClick=${() => setAsked(null)}>${t('care-keep')}</button>
      <button type="button" class="plain danger" onClick=${asked === 'off' ? off : removeIt}>${t(`care-${asked}-sure`, { name: account.name })}</button></p>
    <p class="quiet" role="status">${t(`care-${asked}-meaning`)}</p>`;
}
