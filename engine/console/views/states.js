// What a zone shows when it has nothing to show.
import { html } from '../vendor/runtime.js';
import { t } from '../i18n.js';
import { Icon } from '../icons.js';
import { detailOf, titleOf } from '../problem_text.js';

/** An empty place with its reason and, where there is one, a way on. */
export function Nothing({ icon, title, text, action, onAction }) {
  return html`<div class="nothing"><span class="round"><${Icon} name=${icon} size=${26} /></span><h2>${title}</h2>${text && html`<p class="quiet">${text}</p>`}
    ${action && html`<button type="button" class="plain" onClick=${onAction}>${action}</button>`}</div>`;
}

/** A fetch that failed: the server's own words where it gave some. */
export function Failed({ problem, retry }) {
  if (problem.status === 403) return html`<${Nothing} icon="lock" title=${t('forbidden-title')} text=${detailOf(problem) || t('forbidden-text')} />`;
  if (problem.status === 404) return html`<${Nothing} icon="search" title=${t('missing-title')} text=${t('missing-text')} />`;
  return html`<${Nothing} icon=${problem.status === 0 ? 'cloud' : 'alert'} title=${titleOf(problem)} text=${detailOf(problem)} action=${t('try-again')} onAction=${retry} />`;
}

export function Skeleton({ kind, count }) {
  return html`<div class=${`skeleton ${kind}`} role="status"><span class="hidden">${t('loading')}</span>
    ${Array.from({ length: count }, (_, place) => html`<div key=${place} aria-hidden="true"><i /><i /><i /></div>`)}</div>`;
}
