// What a channel account used this month: the platform's quota as a meter with words, the messages, and their cost.
import { html, useEffect, useState } from '../vendor/runtime.js';
import { get, put } from '../api.js';
import { label, moment } from '../format.js';
import { language, t } from '../i18n.js';
import { Icon } from '../icons.js';
import { detailOf, titleOf } from '../problem_text.js';

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

/** A line as it may stand there; only these platforms charge by the message. */
const EXAMPLES = { line: 'push * THB 0.06 300', whatsapp: 'utility 66 THB 0.40' };

/** The company's own prices, one a line: they are never guessed. */
function Rates({ account, rates, keep }) {
  const [text, setText] = useState(rates.map(written).join('\n'));
  const [problem, setProblem] = useState(null);
  const [isKept, setKept] = useState(false);
  const save = async (event) => {
    event.preventDefault();
    setProblem(null);
    setKept(false);
    const lines = text.split('\n').map((line) => line.trim()).filter(Boolean).map(read);
    const wrong = lines.findIndex((line) => !line);
    if (wrong >= 0) {
      setProblem(t('rates-wrong', { line: wrong + 1 }));
      return;
    }
    try {
      const answer = await put(`channels/${encodeURIComponent(account.id)}/rates`, { rates: lines });
      setKept(true);
      keep(answer.rates);
    } catch (refusal) {
      setProblem(`${titleOf(refusal)} ${detailOf(refusal)}`);
    }
  };
  return html`<form class="care" onSubmit=${save}><label>${t('rates')}<textarea rows="3" value=${text} spellcheck=${false} placeholder=${EXAMPLES[account.channel]} aria-describedby=${`rates-${account.id}`} onInput=${(event) => setText(event.currentTarget.value)}></textarea>
      <small class="quiet" id=${`rates-${account.id}`}>${t('rates-hint')}</small></label>
    <button class="plain">${t('rates-save')}</button><span role="status">${isKept && t('care-kept')}</span>
    ${problem && html`<p class="bad" role="alert">${problem}</p>`}</form>`;
}

const written = ({ category, prefix, currency, price, included }) => [category, prefix || '*', currency, price / MILLION, included || ''].filter((each) => each !== '').join(' ');

function read(line) {
  const [category, prefix, currency, price, included = '0'] = line.split(/\s+/);
  const [value, free] = [Number(price), Number(included)];
  if (!currency || !Number.isFinite(value) || !Number.isInteger(free)) return null;
  return { category, prefix: prefix === '*' ? '' : prefix, currency: currency.toUpperCase(), price: Math.round(value * MILLION), included: free };
}
