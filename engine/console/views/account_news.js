// What the platform told of a channel account itself: its standing, its limits, its templates.
import { html, useEffect, useState } from '../vendor/runtime.js';
import { get } from '../api.js';
import { label, moment, scriptOf } from '../format.js';
import { t } from '../i18n.js';
import { detailOf, titleOf } from '../problem_text.js';

export function AccountNews({ account }) {
  const [events, setEvents] = useState(null);
  const [strays, setStrays] = useState([]);
  const [problem, setProblem] = useState(null);
  useEffect(() => {
    get(`channels/${encodeURIComponent(account.id)}/events`).then((answer) => { setStrays(answer.strays); setEvents(answer.events); }, setProblem);
  }, [account.id]);
  if (problem) return html`<p class="bad" role="alert">${titleOf(problem)} ${detailOf(problem)}</p>`;
  if (!events) return html`<p class="quiet" role="status">${t('loading')}</p>`;
  return html`${strays.length > 0 && html`<${Strays} strays=${strays} />`}<h4>${t('account-news')}</h4>
    ${events.length === 0 && html`<p class="quiet">${t('account-news-none')}</p>`}
    <ul class="plainlist news">${events.map(({ id, kind, name, text, at }) => html`<li key=${id}><span><b>${name ? label('account-news', name) : label('content', kind)}</b>${text && html`: <span lang=${scriptOf(text)}>${text}</span>`}</span> <time class="quiet">${moment(at)}</time></li>`)}</ul>`;
}

/** What came for accounts that are not here, and what to do about it. */
function Strays({ strays }) {
  return html`<h4>${t('strays')}</h4>
    <ul class="plainlist news">${strays.map(({ external_id: id, events, last_at: at }) => html`<li key=${id}><span><b>${id}</b>: ${t('strays-count', { count: events })}</span> <time class="quiet">${moment(at)}</time></li>`)}</ul>
    <p class="quiet">${t('strays-todo')}</p>`;
}
