// One turn: what the bot understood of a message, what it decided, and what it weighed.
import { html } from '../vendor/runtime.js';
import { decimal, label, languageName, moment, percent, plain, scriptOf, title, valueTitle, words } from '../format.js';
import { t } from '../i18n.js';
import { Icon } from '../icons.js';
import { selected, selectedMessageId } from '../store.js';
import { isHappening } from './part.js';
import { Nothing } from './states.js';

const INTENTS_SHOWN = 4;
const CANDIDATES_SHOWN = 5;
const MOODS_SHOWN = 12;

export function Understanding({ thread }) {
  const gone = new Set(thread.messages.filter((each) => each.deleted || isHappening(each)).map((each) => each.id));
  const turns = [...thread.turns.values()].filter((each) => !gone.has(each.message_id)).sort((a, b) => a.seq - b.seq);
  const chosen = selectedMessageId.value;
  const turn = chosen ? turns.find((each) => each.message_id === chosen) : turns.at(-1);
  if (!turn) return html`<${Unrecorded} thread=${thread} hasTurns=${turns.length > 0} />`;
  const message = thread.messages.find((each) => each.id === turn.message_id);
  return html`
    <${Steps} turns=${turns} turn=${turn} />
    ${message && html`<blockquote lang=${scriptOf(plain(message))}>${plain(message)}</blockquote>`}
    ${message && turn.normalised && html`<p class="quiet">${t('turn-normalised')}: <span lang=${scriptOf(turn.normalised)}>${turn.normalised}</span></p>`}
    <${Decision} turn=${turn} />
    <${Alarms} urgency=${turn.urgency} />
    <${Moods} turns=${turns} turn=${turn} />
    ${turn.decision !== 'parked' && html`<${Intents} turn=${turn} />`}
    <${Requests} requests=${turn.requests} />
    <${Entities} entities=${turn.entities} />
    <${Candidates} candidates=${turn.candidates} messages=${thread.messages} />
    ${turn.citations?.length > 0 && html`<section><h3>${t('turn-citations')}</h3><ul class="sources">${turn.citations.map((each) => html`<li key=${each}><${Icon} name="book" size=${15} /> <span>${titleOf(each, thread.messages)}</span></li>`)}</ul></section>`}
    ${turn.decision !== 'parked' && html`<${Made} turn=${turn} />`}`;
}

/** Why there is nothing to show. Answers without any turn were written in beforehand, as the demo's past is: the bot never heard these messages. */
function Unrecorded({ thread, hasTurns }) {
  const isWritten = !hasTurns && !thread.more && thread.messages.some((each) => each.author === 'bot');
  if (isWritten) return html`<${Nothing} icon="book" title=${t('turn-written')} text=${t('turn-written-hint')} />`;
  return html`<${Nothing} icon="spark" title=${t('turn-none')} text=${t(hasTurns ? 'turn-none-selected' : 'turn-none-yet')} />`;
}

/** Moves between the turns that are loaded. */
function Steps({ turns, turn }) {
  const place = turns.indexOf(turn);
  const go = (to) => { selectedMessageId.value = turns[to].message_id; };
  return html`<div class="steps">
    <button type="button" class="ghost" aria-label=${t('turn-previous')} disabled=${place <= 0} onClick=${() => go(place - 1)}><${Icon} name="back" size=${16} /></button>
    <p><b>${moment(turn.at)}</b> <span class="quiet">${t('turn-place', { place: place + 1, total: turns.length })}</span></p>
    <button type="button" class="ghost" aria-label=${t('turn-next')} disabled=${place >= turns.length - 1} onClick=${() => go(place + 1)}><${Icon} name="back" size=${16} className="turned" /></button>
  </div>`;
}

function Decision({ turn }) {
  const mood = turn.sentiment?.label;
  return html`<section class="decision">
    <h3>${t('turn-decision')}</h3>
    <p class="big">${[turn.decision, ...(turn.also ?? [])].map((each) => label('decision', each)).join(' · ')}</p>
    ${turn.parked && html`<p class="quiet">${turn.parked}</p>`}
    ${turn.flow && html`<p class="quiet">${t('turn-flow')}: ${titleHere('flows', turn.flow)}</p>`}
    <p class="chips">${turn.language && turn.language !== 'und' && html`<span>${languageName(turn.language)}${turn.mixed && ` · ${t('turn-mixed')}`}</span>`}${mood && turn.sentiment.confidence >= 0.005 && html`<span class=${`mood ${mood}`}><${Icon} name=${faceOf(mood)} size=${15} /> ${label('sentiment', mood)} ${percent(turn.sentiment.confidence)}</span>`}</p>
  </section>`;
}

/** What asks for a person's eye, with the rules that say so: nobody has to guess why. */
function Alarms({ urgency }) {
  if (!urgency?.urgent && !urgency?.toxic) return null;
  const kinds = ['urgent', 'toxic'].filter((each) => urgency[each]);
  return html`<section class="alarms">${kinds.map((kind) => html`<p key=${kind} class="chips"><span class="mood negative"><${Icon} name="alert" size=${15} /> ${t(kind)}</span> <span class="quiet">${t('alarm-because')} ${urgency.fired.filter((rule) => rule[kind] > 0).map((rule, place) => html`${place > 0 && ', '}<q lang=${scriptOf(rule.phrase)}>${rule.phrase}</q>`)}</span></p>`)}</section>`;
}

/** How the messages that are loaded feel, one mark each, the newest last. */
function Moods({ turns, turn }) {
  const felt = turns.filter((each) => each.sentiment?.confidence > 0).slice(-MOODS_SHOWN);
  if (felt.length < 2) return null;
  return html`<section><h3>${t('turn-moods')}</h3><ol class="moods">${felt.map((each) => html`<li key=${each.id}><button type="button" class=${`mood ${each.sentiment.label}`} aria-current=${each === turn ? 'true' : undefined} title=${`${label('sentiment', each.sentiment.label)}, ${moment(each.at)}`} onClick=${() => { selectedMessageId.value = each.message_id; }}><${Icon} name=${faceOf(each.sentiment.label)} size=${18} /><span class="hidden">${label('sentiment', each.sentiment.label)}, ${moment(each.at)}</span></button></li>`)}</ol></section>`;
}

/** The things that one message asks for. */
function Requests({ requests }) {
  if (!requests?.length) return null;
  return html`<section><h3>${t('turn-requests')}</h3><dl class="facts">${requests.map((each) => html`<div key=${each.start}><dt>${titleHere('intents', each.intent.name)}</dt><dd lang=${scriptOf(each.text)}>${each.text} <span class="quiet">${percent(each.intent.confidence)}</span></dd></div>`)}</dl></section>`;
}

function Intents({ turn }) {
  return html`<section><h3>${t('turn-intents')}</h3>
    ${turn.intents?.length ? html`<ul class="bars">${turn.intents.slice(0, INTENTS_SHOWN).map((each) => html`<${Bar} key=${each.name} name=${titleHere('intents', each.name)} share=${each.confidence} text=${percent(each.confidence)} />`)}</ul>` : html`<p class="quiet">${t('intent-none')}</p>`}
    ${turn.out_of_scope && html`<p class="chips"><span class="mood negative"><${Icon} name="alert" size=${15} /> ${t('turn-out-of-scope')}</span></p>`}
  </section>`;
}

/** A share of one as a bar; the number is written beside it, so the bar is only for the eye. */
function Bar({ name, share, text }) {
  return html`<li><span class="of">${name}</span><span class="value">${text}</span><span class="track" aria-hidden="true"><i style=${{ width: `${Math.max(0, Math.min(1, share)) * 100}%` }} /></span></li>`;
}

function Entities({ entities }) {
  if (!entities?.length) return null;
  return html`<section><h3>${t('turn-entities')}</h3><dl class="facts">${entities.map((each) => html`<div><dt>${titleHere('entities', each.type)}</dt><dd lang=${scriptOf(each.text)}>${each.text}${each.value != null && String(each.value) !== each.text && html` <span class="quiet">→ ${valueTitle(selected.value?.account, each.type, each.value) ?? shown(each.value)}</span>`}</dd></div>`)}</dl></section>`;
}

function Candidates({ candidates, messages }) {
  if (!candidates?.length) return null;
  const best = Math.max(...candidates.map((each) => each.score), 1e-9);
  return html`<section><h3>${t('turn-candidates')}</h3><ul class="bars">${candidates.slice(0, CANDIDATES_SHOWN).map((each) => html`<${Bar} key=${each.kind + each.name} name=${`${label('kind', each.kind)}: ${each.kind === 'article' ? titleOf(each.name, messages) : titleHere(`${each.kind}s`, each.name)}`} share=${each.score / best} text=${decimal(each.score)} />`)}</ul></section>`;
}

function Made({ turn }) {
  const versions = Object.entries(turn.versions || {}).filter(([, version]) => version);
  return html`<section><h3>${t('turn-made')}</h3><dl class="facts small">
    <div><dt>${t('turn-duration')}</dt><dd>${t('duration-ms', { count: Math.round(turn.duration_ms) })}</dd></div>
    ${versions.map(([name, version]) => html`<div key=${name}><dt>${label('version', name)}</dt><dd>${shown(version)}</dd></div>`)}
  </dl></section>`;
}

const faceOf = (mood) => mood === 'question' ? 'help' : ['positive', 'negative'].includes(mood) ? mood : 'neutral';

const titleHere = (family, name) => title(selected.value?.account, family, name);

// A turn names the article; the answer it gave holds the title.
function titleOf(article, messages) {
  const found = messages.flatMap((each) => each.citations || []).find((each) => each.article === article);
  return found?.title ?? words(article);
}

const shown = (value) => typeof value === 'object' ? JSON.stringify(value) : String(value);
