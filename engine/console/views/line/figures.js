// LINE's own figures as small bars beside their numbers; what LINE has not counted yet is said to be so.
import { html } from '../../vendor/runtime.js';
import { known, language, t } from '../../i18n.js';
import { label } from '../../format.js';
import { Fetched, useFetched } from './page.js';

const KINDS = ['followers', 'reached', 'blocks', 'sent'];

export function Figures({ root }) {
  const figures = useFetched(`${root}/figures`);
  return html`<h3>${t('line-figures')}</h3><p class="quiet">${t('line-figures-hint')}</p>
    <${Fetched} from=${figures}>${({ figures: { days, friends, reason } }) => html`
      ${reason && html`<p class="bad">${reason}</p>`}
      <div class="figures">${KINDS.map((kind) => html`<${Chart} key=${kind} title=${t(`line-figure-${kind}`)} rows=${days.map((day) => [date(day.day), day[kind]])} />`)}
        ${friends.map(([kind, parts]) => html`<${Chart} key=${kind} title=${label('line-friends', kind.toLowerCase())} unit="%" rows=${parts.map(({ name, percentage }) => [shareName(name), percentage])} />`)}</div>
      ${friends.length === 0 && html`<p class="quiet">${t('line-friends-unknown')}</p>`}`}<//>`;
}

const date = (day) => new Intl.DateTimeFormat(language.value, { day: 'numeric', month: 'short', timeZone: 'UTC' }).format(new Date(`${day}T00:00:00Z`));

/** A part of the friends as people say it; LINE writes ages as `from20to24`. */
function shareName(name) {
  const [, from, to] = /^from(\d+)(?:to(\d+))?$/.exec(name) ?? [];
  if (from) return to ? `${from}–${to}` : `${from}+`;
  return known(`line-share-${name.toLowerCase()}`) ?? ({ ios: 'iOS', android: 'Android' })[name] ?? name;
}

/** A table, so that every number can be read; the bars are for the eye alone. */
function Chart({ title, rows, unit = '' }) {
  const most = Math.max(1, ...rows.map(([, value]) => value ?? 0));
  return html`<table><caption>${title}</caption><tbody>${rows.map(([name, value]) => html`<tr key=${name}><th scope="row">${name}</th>
    <td>${value === null ? html`<span class="quiet">${t('line-not-ready')}</span>` : html`<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect width=${value / most * 100} height="10" rx="1" /></svg><span>${new Intl.NumberFormat(language.value).format(value)}${unit}</span>`}</td></tr>`)}</tbody></table>`;
}
