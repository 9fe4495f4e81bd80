// Approved templates for a conversation: searched, filled in, seen as the customer will see it, and sent. The one way to
// write first once the platform's window is shut.
import { html, useEffect, useMemo, useRef, useState } from '../vendor/runtime.js';
import { get, post } from '../api.js';
import { label, scriptOf } from '../format.js';
import { known, t } from '../i18n.js';
import { Icon } from '../icons.js';
import { notify } from '../notice.js';
import { takePosted, threads } from '../store.js';
import { Failed, Skeleton } from './states.js';

/** Channels that have templates; no comment below a post is answered with one. */
export const hasTemplates = ({ channel, comment }) => !comment && (channel === 'whatsapp' || channel === 'messenger');

export function TemplatePicker({ conversation, close }) {
  const [templates, setTemplates] = useState(null);
  const [problem, setProblem] = useState(null);
  const [words, setWords] = useState('');
  const [chosen, setChosen] = useState(null);
  const load = () => {
    setProblem(null);
    get(`channels/${encodeURIComponent(conversation.account)}/templates`).then((answer) => setTemplates(answer.templates), setProblem);
  };
  useEffect(load, [conversation.account]);
  const search = useRef(null);
  // Who opens it looks for one; who comes back from one finds the list again.
  useEffect(() => search.current?.focus(), [templates, chosen]);
  if (problem) return html`<${Failed} problem=${problem} retry=${load} />`;
  if (!templates) return html`<${Skeleton} kind="facts" count=${2} />`;
  if (chosen) return html`<${Fill} key=${`${chosen.name}/${chosen.language}`} conversation=${conversation} template=${chosen} back=${() => setChosen(null)} close=${close} />`;
  const wanted = words.trim().toLowerCase();
  const found = templates.filter((each) => !wanted || `${each.name} ${each.language} ${bodyOf(each)}`.toLowerCase().includes(wanted));
  return html`<section class="templates" aria-label=${t('templates')}>
    <label class="hidden" for="template-search">${t('templates-search')}</label>
    <input id="template-search" ref=${search} type="search" autocomplete="off" placeholder=${t('templates-search')} value=${words} onInput=${(event) => setWords(event.currentTarget.value)} />
    <ul>${found.map((each) => html`<li key=${`${each.name}/${each.language}`}><button type="button" disabled=${!each.sendable} onClick=${() => setChosen(each)}>
      <b>${each.name}</b> <span class="quiet">${each.language} · ${label('category', each.category.toLowerCase())}${each.status !== 'APPROVED' && ` · ${statusOf(each)}`}</span>
      <span class="words" lang=${scriptOf(bodyOf(each))}>${bodyOf(each)}</span></button>
      ${each.unsupported && html`<p class="quiet">${reasonOf(each.unsupported)}</p>`}</li>`)}</ul>
    ${found.length === 0 && html`<p class="quiet" role="status">${t(templates.length ? 'templates-none-found' : 'templates-none')}</p>`}
  </section>`;
}

const statusOf = ({ status, reason }) => [known(`template-${status.toLowerCase().replaceAll('_', '-')}`) ?? status, reason].filter(Boolean).join(': ');
/** Why a template that the platform took cannot be sent from here. */
const reasonOf = (unsupported) => known(`template-unsupported-${unsupported.replaceAll(/[ _]/g, '-')}`) ?? t('template-unsupported', { part: unsupported });
const part = ({ components }, type) => components.find((each) => String(each.type).toUpperCase() === type);
const bodyOf = (template) => part(template, 'BODY')?.text ?? '';

function Fill({ conversation, template, back, close }) {
  const [values, setValues] = useState({});
  const [isBusy, setBusy] = useState(false);
  const clientId = useMemo(() => crypto.randomUUID(), []);
  const [touched, setTouched] = useState({});
  const wrong = Object.fromEntries(template.blanks.map((blank) => [blank.key, wrongOf(blank, values[blank.key] ?? '')]));
  const missing = template.blanks.filter(({ key }) => wrong[key]);
  const send = async (event) => {
    event.preventDefault();
    event.stopPropagation();
    setBusy(true);
    const seen = threads.peek().get(conversation.id)?.messages.at(-1)?.seq ?? 0;
    try {
      const { message } = await post(`conversations/${encodeURIComponent(conversation.id)}/template`, { client_id: clientId, name: template.name, language: template.language, values, seen_seq: seen });
      takePosted(conversation.id, message);
      close();
    } catch (problem) {
      notify('notice-failed', problem);
    }
    setBusy(false);
  };
  const box = useRef(null);
  useEffect(() => (box.current.querySelector('.blank input') ?? box.current.querySelector('.primary')).focus(), []);
  return html`<section class="templates" ref=${box} aria-label=${template.name}>
    <p><button type="button" class="ghost" aria-label=${t('templates-back')} onClick=${back}><${Icon} name="back" size=${18} /></button> <b>${template.name}</b> <span class="quiet">${template.language}</span></p>
    ${template.blanks.map((blank) => html`<${Blank} key=${blank.key} template=${template} blank=${blank} value=${values[blank.key] ?? ''} wrong=${touched[blank.key] && wrong[blank.key]}
      change=${(value) => setValues((before) => ({ ...before, [blank.key]: value }))} leave=${() => setTouched((before) => ({ ...before, [blank.key]: true }))} />`)}
    <p class="quiet of-preview">${t('templates-preview')}</p>
    <${Shown} template=${template} values=${values} />
    <div class="sending"><button type="button" class="primary" disabled=${missing.length > 0 || isBusy} aria-describedby="template-missing" onClick=${send}><${Icon} name="send" size=${16} /> ${t('templates-send')}</button>
    <p id="template-missing" class="quiet" role="status">${missing.length > 0 && t('templates-missing', { names: missing.map(({ key, kind }) => blankName(key, kind)).join(', ') })}</p></div>
  </section>`;
}

/** One blank: what it is called, where it stands, what was written there when it was approved, and what is wrong. */
function Blank({ template, blank: { key, kind, example }, value, wrong, change, leave }) {
  const about = around(template, key);
  return html`<label class="blank">${blankName(key, kind)}
    ${about && html`<small class="quiet" lang=${scriptOf(about)}>${about}</small>`}
    <input required value=${value} type=${FILES.includes(kind) ? 'url' : 'text'} inputmode=${['latitude', 'longitude'].includes(kind) ? 'decimal' : null} autocomplete="off" maxlength=${LONGEST}
      aria-invalid=${wrong ? 'true' : 'false'} onInput=${(event) => change(event.currentTarget.value)} onBlur=${leave} />
    ${example && html`<small class="quiet">${t('blank-example', { example })}</small>`}
    ${wrong && html`<small class="bad" role="alert">${t(`blank-wrong-${wrong}`)}</small>`}</label>`;
}

/** A body has no more, so no value can be longer. */
const LONGEST = 1024;

/** What the platform would refuse, as the end of a text's name; null where it is good. */
function wrongOf({ kind }, value) {
  const text = value.trim();
  if (!text) return 'empty';
  if (FILES.includes(kind)) return /^https:\/\/[^\s]+\.[^\s]+/.test(text) ? null : 'address';
  if (kind === 'latitude' || kind === 'longitude') return /^-?\d+(\.\d+)?$/.test(text) && Math.abs(Number(text)) <= (kind === 'latitude' ? 90 : 180) ? null : kind;
  if (/[\n\r\t]| {5}/.test(text)) return 'spaces';
  return [...text].length > LONGEST ? 'long' : null;
}

/** The words around a blank of the text: its number alone says nothing. */
function around(template, key) {
  const [place, name] = key.split('.');
  const text = place === 'body' ? bodyOf(template) : place === 'header' && !name ? part(template, 'HEADER')?.text ?? '' : '';
  const found = [...text.matchAll(/\{\{\s*([^}]+?)\s*\}\}/g)].find((each) => place === 'header' || each[1] === name);
  if (!found) return null;
  const others = (words) => words.replaceAll(/\{\{[^}]*\}\}/g, '…').replaceAll('\n', ' ');
  const before = [...others(text.slice(0, found.index))].slice(-24).join('');
  const after = [...others(text.slice(found.index + found[0].length))].slice(0, 24).join('');
  return `…${before}▢${after}…`;
}

/** Blanks that take the address of a file. */
const FILES = ['image', 'video', 'document'];

function blankName(key, kind) {
  const [place, name] = key.split('.');
  if (place === 'header') return t(kind === 'text' ? 'blank-header' : `blank-header-${kind}`);
  if (kind === 'code') return t('blank-code');
  return t(kind === 'coupon' ? 'blank-coupon' : `blank-${place}`, { name: place === 'button' ? Number(name) + 1 : name });
}

/** As the customer will see it. */
function Shown({ template, values }) {
  const header = part(template, 'HEADER');
  const buttons = part(template, 'BUTTONS')?.buttons ?? [];
  return html`<div class="message bot preview" aria-live="polite">
    ${header && html`<p>${header.text ? html`<b>${filled(header.text, (name) => values.header || values[`header.${name}`])}</b>` : html`<${Icon} name="file" size=${16} /> ${values.header || values['header.name'] || label('content', String(header.format).toLowerCase())}`}</p>`}
    <p lang=${scriptOf(bodyOf(template))} class="body">${filled(bodyOf(template), (name) => values[`body.${name}`])}</p>
    ${part(template, 'FOOTER') && html`<p class="quiet">${part(template, 'FOOTER').text}</p>`}
    ${buttons.length > 0 && html`<p class="offered">${buttons.map((each, place) => html`<span key=${place}>${each.text}</span>`)}</p>`}</div>`;
}

const filled = (text, value) => text.replace(/\{\{\s*([^}]+?)\s*\}\}/g, (blank, name) => value(name) || blank);
