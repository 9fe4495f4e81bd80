// The company's own prices as a table: they are never guessed.
import { html, useEffect, useRef, useState } from '../vendor/runtime.js';
import { put } from '../api.js';
import { label } from '../format.js';
import { t } from '../i18n.js';
import { detailOf, titleOf } from '../problem_text.js';

const MILLION = 1_000_000;
/** What each platform charges by. */
const CATEGORIES = { line: ['push'], whatsapp: ['marketing', 'utility', 'authentication', 'service'] };
const COLUMNS = ['category', 'prefix', 'currency', 'price', 'included'];

export function Rates({ account, rates, keep }) {
  const [rows, setRows] = useState(rates.map(({ price, ...rate }) => ({ ...rate, price: price / MILLION })));
  const [problem, setProblem] = useState(null);
  const [isKept, setKept] = useState(false);
  const known = CATEGORIES[account.channel] ?? ['message'];
  const change = (next) => {
    setRows(next);
    setKept(false);
  };
  const set = (place, name, value) => change(rows.map((row, at) => at === place ? { ...row, [name]: value } : row));
  const table = useRef(null);
  const [added, setAdded] = useState(0);
  useEffect(() => { if (added) table.current.querySelector('tbody tr:last-child').querySelector('select, input').focus(); }, [added]);
  const add = () => {
    setAdded(added + 1);
    change([...rows, { category: known?.[0] ?? '', prefix: '', currency: rows.at(-1)?.currency ?? 'THB', price: '', included: 0 }]);
  };
  const save = async (event) => {
    event.preventDefault();
    setProblem(null);
    setKept(false);
    const written = rows.map((row) => ({ ...row, category: row.category.trim(), prefix: row.prefix.trim(), currency: row.currency.toUpperCase(), price: Math.round(Number(row.price) * MILLION), included: Number(row.included) }));
    try {
      const answer = await put(`channels/${encodeURIComponent(account.id)}/rates`, { rates: written });
      setKept(true);
      keep(answer.rates);
    } catch (refusal) {
      setProblem(`${titleOf(refusal)} ${detailOf(refusal)}`);
    }
  };
  return html`<form class="rates" ref=${table} onSubmit=${save}><h4 id=${`rates-${account.id}`}>${t('rates')}</h4><p class="quiet">${t('rates-hint')}</p>
    ${rows.length > 0 && html`<div class="wide-table" tabindex="0" role="region" aria-labelledby=${`rates-${account.id}`}><table>
      <thead><tr>${COLUMNS.map((name) => html`<th key=${name} scope="col">${t(`rates-${name}`)}</th>`)}<th scope="col"><span class="hidden">${t('rates-remove')}</span></th></tr></thead>
      <tbody>${rows.map((row, place) => html`<${Row} key=${place} row=${row} number=${place + 1} known=${known} set=${(name, value) => set(place, name, value)} remove=${() => change(rows.filter((_, at) => at !== place))} />`)}</tbody></table></div>`}
    <p class="deeds"><button type="button" class="plain" onClick=${add}>${t('rates-add')}</button><button class="plain">${t('rates-save')}</button><span role="status">${isKept && t('care-kept')}</span></p>
    ${problem && html`<p class="bad" role="alert">${problem}</p>`}</form>`;
}

function Row({ row, number, known, set, remove }) {
  const input = (name, more) => html`<td><input aria-label=${`${t(`rates-${name}`)}, ${number}`} value=${row[name]} onInput=${(event) => set(name, event.currentTarget.value)} autocomplete="off" spellcheck=${false} ...${more} /></td>`;
  const categories = known && [...new Set([...known, row.category])].filter(Boolean);
  return html`<tr>
    ${categories ? html`<td><select aria-label=${`${t('rates-category')}, ${number}`} value=${row.category} onChange=${(event) => set('category', event.currentTarget.value)}>${categories.map((each) => html`<option key=${each} value=${each} selected=${each === row.category}>${label('category', each)}</option>`)}</select></td>` : input('category', { required: true, maxlength: 40 })}
    ${input('prefix', { pattern: '[0-9]{0,15}|[A-Za-z]{2}', placeholder: t('rates-prefix-all'), title: t('rates-prefix-hint') })}
    ${input('currency', { required: true, pattern: '[A-Za-z]{3}', maxlength: 3, title: t('rates-currency-hint') })}
    ${input('price', { required: true, type: 'number', min: 0, step: 'any' })}
    ${input('included', { required: true, type: 'number', min: 0, step: 1 })}
    <td><button type="button" class="plain" onClick=${remove}>${t('rates-remove')}<span class="hidden"> ${number}</span></button></td></tr>`;
}
