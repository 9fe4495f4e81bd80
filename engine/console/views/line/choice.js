// Choosing people: by language, by when they wrote, by tag. What is left empty does not matter.
import { html } from '../../vendor/runtime.js';
import { languageName } from '../../format.js';
import { t } from '../../i18n.js';

export function Choice({ kinds, choice, onChange }) {
  const set = (name) => (event) => {
    const value = event.currentTarget.value;
    const { [name]: _, ...rest } = choice;
    onChange(value ? { ...rest, [name]: name === 'within_days' ? Number(value) : value } : rest);
  };
  return html`
    <label>${t('line-language')}<select value=${choice.language ?? ''} onChange=${set('language')}><option value="">${t('line-any')}</option>
      ${kinds.languages.map(([code, count]) => html`<option key=${code} value=${code}>${languageName(code)} (${count})</option>`)}</select></label>
    <label>${t('line-within')}<input type="number" min="1" max="3650" inputmode="numeric" value=${choice.within_days ?? ''} onInput=${set('within_days')} placeholder=${t('line-any')} /></label>
    <label>${t('line-tag')}<select value=${choice.tag ?? ''} onChange=${set('tag')}><option value="">${t('line-any')}</option>
      ${kinds.tags.map(([tag, count]) => html`<option key=${tag} value=${tag}>${tag} (${count})</option>`)}</select></label>`;
}
