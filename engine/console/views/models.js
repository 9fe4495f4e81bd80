// For operators and trainers: which intent model of each bot answers, which did before, and what the nights' tests say.
import { html, useState } from '../vendor/runtime.js';
import { post } from '../api.js';
import { moment, percent } from '../format.js';
import { t } from '../i18n.js';
import { Icon } from '../icons.js';
import { notify } from '../notice.js';
import { may } from '../store.js';

/** Versions that are shown; the others are older. */
const SHOWN = 5;

export function Models({ bots, reload }) {
  if (!bots.length) return null;
  return html`<h3>${t('models')}</h3><p class="quiet">${t('models-hint')}</p>
    ${bots.map((bot) => html`<${Bot} key=${bot.bot} bot=${bot} reload=${reload} />`)}`;
}

function Bot({ bot, reload }) {
  const [busy, setBusy] = useState(false);
  const change = async (path) => {
    setBusy(true);
    try {
      await post(`models/${encodeURIComponent(bot.bot)}/${path}`);
      notify('notice-model-changed');
      reload();
    } catch (problem) {
      notify('notice-failed', problem);
    }
    setBusy(false);
  };
  const isHeld = bot.versions.some((each) => each.held);
  return html`<section class="models" aria-label=${bot.bot}>
    <header><b>${bot.bot}</b>${isHeld && may('training.manage') && html`<button type="button" class="plain" disabled=${busy} onClick=${() => change('follow')}>${t('model-follow')}</button>`}</header>
    <${Nights} tests=${bot.tests} />
    <ul class="versions">${bot.versions.slice(0, SHOWN).map((each) => html`<li key=${each.version}>
      <code>${each.version.slice(0, 12)}</code>
      <span class="quiet">${moment(each.made_at)}${blind(each.card) !== null && ` · ${t('model-blind', { share: percent(blind(each.card)) })}`}</span>
      ${each.version === bot.in_service
        ? html`<span class="now"><${Icon} name=${each.held ? 'pin' : 'check'} size=${15} /> ${t(each.held ? 'model-held' : 'model-in-service')}</span>`
        : bot.missing.includes(each.version)
        ? html`<span class="quiet">${t('model-not-here')}</span>`
        : may('training.manage') && html`<button type="button" class="plain" disabled=${busy} onClick=${() => change(`${encodeURIComponent(each.version)}/promote`)}>${t('model-promote')}</button>`}
    </li>`)}</ul>
  </section>`;
}

/** The share of the blind fifth that a card tells. */
function blind(card) {
  const found = /\[blind\][^[]*?^accuracy = ([\d.]+)/ms.exec(card);
  return found ? Number(found[1]) : null;
}

const WIDTH = 240;
const HEIGHT = 40;

/** The nights' tests as a line, from half right to all right; the words beside it tell the last one. */
function Nights({ tests }) {
  const last = tests.at(-1);
  if (!last) return html`<p class="quiet">${t('model-no-test')}</p>`;
  const x = (place) => tests.length < 2 ? WIDTH / 2 : place * WIDTH / (tests.length - 1);
  const y = (share) => HEIGHT - 3 - (Math.max(share, 0.5) - 0.5) * 2 * (HEIGHT - 6);
  const points = tests.map((each, place) => `${x(place).toFixed(1)},${y(each.accuracy).toFixed(1)}`).join(' ');
  const words = t('model-test', { share: percent(last.accuracy), count: last.examples, time: moment(last.at) });
  return html`<figure class="nights"><svg viewBox=${`-4 0 ${WIDTH + 8} ${HEIGHT}`} width=${WIDTH} height=${HEIGHT} role="img" aria-label=${words}><polyline points=${points} /><circle cx=${x(tests.length - 1)} cy=${y(last.accuracy)} r="3" /></svg><figcaption class="quiet">${words}</figcaption></figure>`;
}
