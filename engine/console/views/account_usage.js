// What a channel account used this month: the platform's quota as a meter with words, the messages, and their cost.
import { html, useEffect, useState } from '../vendor/runtime.js';
import { get } from '../api.js';
import { label, moment } from '../format.js';
import { language, t } from '../i18n.js';
import { Icon } from '../icons.js';
import { detailOf, titleOf } from '../problem_text.js';
import { Rates } from './account_rates.js';

const MILLION = 1_000_000;

/** `2026-11` as people say it. */
const monthName = (month) => new Intl.DateTimeFormat(language.value, { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(new Date(`${month}-01T00:00:00Z`));

/** Millionths of a currency as money. */
export const amount = (currency, millionths) => new Intl.NumberFormat(language.value, { style: 'currency', currency, maximumFractionDigits: 4 }).format(millionths / MILLION);

export function AccountUsage({ account }) {
  const [usage, setUsage] = useState(null);
  const [problem, setProblem] = useState(null);
  useEffect(() => {
    get(`channels/${encodeURIComponent(account.id)}/usage`).then((answer) => setUsage(answer.usage), setProblem);
  }, [account.id]);
  if (problem) return html`<p class="bad" role="alert">${titleOf(problem)} ${detailOf(problem)}</p>`;
  if (!usage) return html`<p class="quiet" role="status">${t('loading')}</p>`;
  return html`<h4>${t('usage-of', { month: monthName(usage.month) })}</h4>
    ${usage.quota && html`<${QuotaMeter} quota=${usage.quota} />`}
    <${Counts} cost=${usage} />
    <${Rates} account=${account} rates=${usage.rates} keep=${(rates) => get(`channels/${encodeURIComponent(account.id)}/usage`).then((answer) => setUsage({ ...answer.usage, rates }), setProblem)} />`;
}

function QuotaMeter({ quota: { most, used, left, level, lasts_until: until } }) {
  if (most === null) return html`<p>${t('quota-no-limit', { used })}</p>`;
  return html`<p class=${level ? 'warned' : ''}>${level && html`<${Icon} name="alert" size=${16} />`} ${t(left === 0 ? 'quota-empty' : 'quota-left', { used, most, left })}${' '}
      ${left > 0 && (until ? t('quota-lasts', { time: moment(until) }) : t('quota-enough'))}</p>
    <div class=${`meter ${level ? 'warned' : ''}`} role="meter" aria-label=${t('channel-check-quota')} aria-valuemin="0" aria-valuemax=${most} aria-valuenow=${Math.min(used, most)} aria-valuetext=${t('quota-left', { used, most, left })}>
      <i style=${{ width: `${most ? Math.min(100, (100 * used) / most) : 100}%` }}></i></div>`;
}

/** Messages by category, and what they cost where somebody entered a price. */
export function Counts({ cost: { messages, amounts, unpriced, in_plan: inPlan } }) {
  if (!messages.length) return html`<p class="quiet">${t('cost-none')}</p>`;
  return html`<ul class="counts">${messages.map(({ category, kind, billable, count }, place) => html`<li key=${place}><span>${label('category', category.toLowerCase())}${kind && html` <span class="quiet">${label('cost-kind', kind)}</span>`}</span>
      <span>${count}${!billable && html` <span class="quiet">${t('cost-free')}</span>`}</span></li>`)}
      ${Object.entries(amounts).map(([currency, value]) => html`<li key=${currency}><b>${t('cost')}</b><b>${amount(currency, value)}</b></li>`)}</ul>
    ${unpriced > 0 && html`<p class="quiet">${t('cost-unpriced', { count: unpriced })}</p>`}
    ${inPlan > 0 && html`<p class="quiet">${t('cost-in-plan', { count: inPlan })}</p>`}`;
}
