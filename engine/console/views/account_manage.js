// Changing a channel account that is in use. No secret is ever shown: a new one takes the place of the old one.
import { html, useState } from '../vendor/runtime.js';
import { patch, post, put, remove } from '../api.js';
import { label } from '../format.js';
import { t } from '../i18n.js';
import { detailOf, titleOf } from '../problem_text.js';
import { AccountUsage } from './account_usage.js';

export function AccountManage({ account, form, bots, reload }) {
  const [said, setSaid] = useState(null);
  const [problem, setProblem] = useState(null);
  const path = `channels/${encodeURIComponent(account.id)}`;
  /** Does one thing and says how it went; true where it went well. */
  const doing = async (change, text) => {
    setSaid(null);
    setProblem(null);
    try {
      const answer = await change();
      setSaid(typeof text === 'function' ? text(answer) : t(text));
      reload();
      return true;
    } catch (refusal) {
      setProblem(refusal);
      return false;
    }
  };
  return html`<div class="manage">
    <${About} account=${account} bots=${bots} save=${(change) => doing(() => patch(path, change), 'care-kept')} />
    ${form.filter(({ secret }) => secret).map(({ name, ours }) => html`<${Secret} key=${name} name=${name} ours=${ours} isRotating=${account.secrets.includes(`${name}.previous`)}
      replace=${(secret) => doing(() => put(`${path}/secrets/${name}`, { secret }), replaced)} end=${() => doing(() => remove(`${path}/secrets/${name}`), 'care-rotation-ended')} />`)}
    ${['whatsapp', 'messenger'].includes(account.channel) && html`<p><button type="button" class="plain" onClick=${() => doing(() => post(`${path}/templates`), fetched)}>${t('templates-fetch')}</button></p>`}
    ${account.channel !== 'web' && html`<${AccountUsage} account=${account} />`}
    <${Ending} account=${account} turn=${(enabled) => doing(() => patch(path, { enabled }), 'care-kept')} removeIt=${() => doing(() => remove(path), 'care-removed')} />
    <div role="status">${said && html`<p class="said">${said}</p>`}</div>
    ${problem && html`<p class="bad" role="alert">${titleOf(problem)} ${detailOf(problem)}</p>`}
  </div>`;
}

function replaced({ made, rotating, state, refused }) {
  const lines = [t('care-secret-replaced'), rotating && t('care-rotating'), state === 'failing' && t('care-still-failing'), refused && t('care-webhook-refused', { reason: refused })];
  return html`${lines.filter(Boolean).join(' ')} ${made && html`<code>${made}</code> <span class="quiet">${t('channel-shown-once')}</span>`}`;
}

const fetched = ({ fetched: count, reason }) => count === null ? t('templates-not-fetched', { reason: reason ?? '' }) : t('templates-fetched', { count });

function About({ account, bots, save }) {
  const submit = (event) => {
    event.preventDefault();
    const { name, bot } = Object.fromEntries(new FormData(event.currentTarget));
    save({ name, bot });
  };
  return html`<form class="care" onSubmit=${submit}>
    <label>${t('channel-name')}<input name="name" required maxlength="100" autocomplete="off" value=${account.name} /></label>
    <label>${t('channel-bot')}<select name="bot" value=${account.bot}>${bots.map((bot) => html`<option key=${bot} selected=${bot === account.bot}>${bot}</option>`)}</select></label>
    <button class="plain">${t('care-save')}</button></form>`;
}

function Secret({ name, ours, isRotating, replace, end }) {
  const submit = async (event) => {
    event.preventDefault();
    const form = event.currentTarget;
    if (await replace(new FormData(form).get('secret'))) form.reset();
  };
  const what = label('channel-field', name);
  return html`<form class="care" onSubmit=${submit}>
    <label>${t('care-new-secret', { name: what })}<input name="secret" type="password" required=${!ours} maxlength="2000" autocomplete="off" spellcheck=${false} />
      ${ours && html`<small class="quiet">${t('channel-field-made')}</small>`}</label>
    <button class="plain">${t('care-replace')}<span class="hidden"> ${what}</span></button>
    ${isRotating && html`<p class="quiet">${t('care-rotating')} <button type="button" class="plain" onClick=${end}>${t('care-end-rotation')}<span class="hidden"> ${what}</span></button></p>`}</form>`;
}

/** Switching off is undone by a press; removing is asked for twice, and not where the first press was: two quick ones keep it. */
function Ending({ account, turn, removeIt }) {
  const [isSure, setSure] = useState(false);
  return html`<p class="ending"><button type="button" class="plain" onClick=${() => turn(!account.enabled)}>${t(account.enabled ? 'care-off' : 'care-on')}</button>
      ${!isSure && html`<button type="button" class="plain" onClick=${() => setSure(true)}>${t('care-remove')}</button>`}
      ${isSure && html`<button type="button" class="plain" onClick=${() => setSure(false)}>${t('care-keep')}</button><button type="button" class="plain danger" onClick=${removeIt}>${t('care-remove-sure', { name: account.name })}</button>`}</p>
    <p class="quiet">${t(isSure ? 'care-remove-meaning' : 'care-off-meaning')}</p>`;
}
