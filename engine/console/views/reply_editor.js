// A reply written by hand, part by part, in the words of the Reply vocabulary. An empty text or picture is no part of it;
// what buttons, cards and lists cannot do without is asked for.
import { html, useEffect, useRef, useState } from '../vendor/runtime.js';
import { t } from '../i18n.js';
import { Icon } from '../icons.js';
import { titleOf } from '../problem_text.js';
import { stickerOf, stickerSets } from '../sticker_sets.js';
import { ImagemapFields, emptyImagemap, filledImagemap } from './imagemap_fields.js';

const ICONS = { text: 'quote', media: 'file', buttons: 'check', cards: 'panel', list: 'inbox', sticker: 'positive', template: 'book', imagemap: 'panel' };
/** As many as every platform can make something of. */
const [MOST_BUTTONS, MOST_CARDS, MOST_ROWS] = [4, 10, 10];

const EMPTY = {
  text: () => ({ type: 'text', text: '' }),
  media: () => ({ type: 'media', kind: 'image', url: '', alt: '' }),
  buttons: () => ({ type: 'buttons', text: '', buttons: [button()] }),
  cards: () => ({ type: 'cards', cards: [card(), card()] }),
  list: () => ({ type: 'list', text: '', button: '', sections: [{ title: '', rows: [row(), row()] }] }),
  sticker: () => ({ type: 'sticker', id: '', alt: '' }),
  template: () => ({ type: 'template', template: { name: '', language: 'th', fields: [], text: '' } }),
  imagemap: emptyImagemap,
};
const button = () => ({ title: '', action: { do: 'choose', payload: '' } });
const card = () => ({ title: '', text: '', image_url: '', buttons: [button()] });
const row = () => ({ title: '', text: '', payload: '' });
export const emptyPart = (type) => EMPTY[type]();

/** The parts without what was left empty. A sticker that was not chosen yet is the first one, as its field shows: its sets
 * are waited for, and where they cannot be had nothing is sent. */
export async function filledParts(parts) {
  const isOpen = ({ type, id }) => type === 'sticker' && !id;
  const [set] = parts.some(isOpen) ? await stickerSets() : [];
  return parts.map((part) => filled(isOpen(part) ? { ...part, ...stickerOf(set, set.first) } : part)).filter(Boolean);
}

function filled(part) {
  if (part.type === 'text') return part.text.trim() && part;
  if (part.type === 'media') return part.url.trim() && { ...part, url: part.url.trim(), alt: part.alt.trim() || null };
  if (part.type === 'imagemap') return filledImagemap(part);
  if (part.type === 'sticker') return part;
  if (part.type === 'template') return part.template.text.trim() && { ...part, template: { ...part.template, name: part.template.name.trim() || 'template' } };
  if (part.type === 'buttons') {
    const buttons = filledButtons(part.buttons);
    return part.text.trim() && (buttons.length ? { ...part, buttons } : { type: 'text', text: part.text });
  }
  if (part.type === 'list') {
    const rows = part.sections[0].rows.filter(({ title }) => title.trim()).map(({ title, text }) => ({ title, text: text.trim() || null, payload: title }));
    return part.text.trim() && rows.length > 0 && { ...part, sections: [{ title: '', rows }] };
  }
  const cards = part.cards.filter(({ title }) => title.trim()).map((each) => ({ title: each.title, text: each.text.trim() || null, image_url: each.image_url.trim() || null, buttons: filledButtons(each.buttons) }));
  return cards.length > 0 && { ...part, cards };
}

// What a button that answers carries back is what it says.
const filledButtons = (buttons) => buttons.filter(({ title, action }) => title.trim() && (action.do === 'choose' || action.url.trim()))
  .map(({ title, action }) => ({ title, action: action.do === 'open' ? { do: 'open', url: action.url.trim() } : { do: 'choose', payload: title } }));

/** `kinds` are the types that may be added, `most` how many parts there may be; `onChange` takes what makes the new parts of the old. */
export function ReplyEditor({ parts, kinds, most = 5, onChange }) {
  const box = useRef(null);
  const [added, setAdded] = useState(null);
  // The focus goes to what was added, whose fields may still be loading, and after a removal to where parts are added.
  useEffect(() => {
    if (added === null) return;
    const part = box.current.querySelectorAll('fieldset.reply-part')[added];
    (part?.querySelector('textarea, input, select') ?? part ?? box.current.querySelector('.reply-add button'))?.focus();
  }, [added]);
  const add = (type) => {
    onChange((before) => [...before, emptyPart(type)]);
    setAdded(parts.length);
  };
  const drop = (place) => {
    onChange((before) => before.filter((_, at) => at !== place));
    setAdded(-1);
  };
  return html`<div class="reply-editor wide" ref=${box}>
    ${parts.map((part, place) => html`<fieldset key=${place} class="reply-part" tabindex="-1"><legend><${Icon} name=${ICONS[part.type]} size=${15} /> ${t(`reply-${part.type}`)}</legend>
      <${Fields} part=${part} change=${(news) => onChange((before) => before.map((each, at) => at === place ? { ...each, ...news } : each))} />
      ${parts.length > 1 && html`<button type="button" class="ghost drop" aria-label=${t('reply-drop', { part: t(`reply-${part.type}`), place: place + 1 })} title=${t('reply-drop', { part: t(`reply-${part.type}`), place: place + 1 })} onClick=${() => drop(place)}><${Icon} name="close" size=${16} /></button>`}</fieldset>`)}
    ${parts.length < most && html`<p class="reply-add deeds" role="group" aria-label=${t('reply-add')}><span>${t('reply-add')}</span>${kinds.map((type) => html`<button key=${type} type="button" class="plain" onClick=${() => add(type)}><${Icon} name=${ICONS[type]} size=${15} /> ${t(`reply-${type}`)}</button>`)}</p>`}
  </div>`;
}

const typed = (change, name) => (event) => change({ [name]: event.currentTarget.value });

function Fields({ part, change }) {
  if (part.type === 'text') return html`<label><span class="hidden">${t('reply-text')}</span><textarea name="text" rows="3" maxlength="5000" value=${part.text} onInput=${typed(change, 'text')}></textarea></label>`;
  if (part.type === 'media') return html`<label>${t('reply-picture-url')}<input type="url" maxlength="2000" placeholder="https://" autocomplete="off" value=${part.url} onInput=${typed(change, 'url')} /></label>
    <label>${t('reply-alt')}<input maxlength="300" autocomplete="off" value=${part.alt} onInput=${typed(change, 'alt')} /></label>`;
  if (part.type === 'buttons') return html`<label>${t('reply-text')}<textarea rows="2" maxlength="2000" required value=${part.text} onInput=${typed(change, 'text')}></textarea></label>
    <${Buttons} buttons=${part.buttons} change=${(buttons) => change({ buttons })} needed />`;
  if (part.type === 'cards') return html`<${Cards} cards=${part.cards} change=${(cards) => change({ cards })} />`;
  if (part.type === 'list') return html`<${List} part=${part} change=${change} />`;
  if (part.type === 'imagemap') return html`<${ImagemapFields} part=${part} change=${change} />`;
  if (part.type === 'sticker') return html`<${Sticker} part=${part} change=${change} />`;
  const set = (name) => (event) => change({ template: { ...part.template, [name]: event.currentTarget.value } });
  return html`<label>${t('reply-template-name')}<input maxlength="500" autocomplete="off" value=${part.template.name} onInput=${set('name')} /></label>
    <label>${t('reply-template-text')}<textarea rows="2" maxlength="1024" value=${part.template.text} onInput=${set('text')}></textarea></label>`;
}

/** One of several, with its changes; the last one cannot go. */
function Several({ all, most, empty, change, more, drop, children }) {
  const set = (place) => (news) => change(all.map((each, at) => at === place ? { ...each, ...news } : each));
  return html`${all.map((each, place) => html`<div key=${place} class="several">${children(each, set(place), place + 1)}
      ${all.length > 1 && html`<button type="button" class="ghost" aria-label=${drop(place + 1)} title=${drop(place + 1)} onClick=${(event) => { event.currentTarget.closest('fieldset').querySelector('input, textarea').focus(); change(all.filter((_, at) => at !== place)); }}><${Icon} name="close" size=${15} /></button>`}</div>`)}
    ${all.length < most && html`<button type="button" class="plain more" onClick=${() => change([...all, empty()])}>${more}</button>`}`;
}

/** `needed` where a button without words would make all of it nothing. What is begun must have its title: nothing that was written is left out unsaid. */
function Buttons({ buttons, change, needed = false }) {
  return html`<${Several} all=${buttons} most=${MOST_BUTTONS} empty=${button} change=${change} more=${t('reply-button-add')} drop=${(place) => t('reply-button-drop', { place })}>${(each, set, place) => html`
    <label>${t('reply-button', { place })}<input maxlength="40" required=${needed || !!each.action.url?.trim()} autocomplete="off" value=${each.title} onInput=${typed(set, 'title')} /></label>
    <label>${t('reply-button-does')}<select value=${each.action.do} onChange=${(event) => set({ action: event.currentTarget.value === 'open' ? { do: 'open', url: '' } : { do: 'choose', payload: '' } })}>
      <option value="choose">${t('reply-button-answers')}</option><option value="open">${t('reply-button-opens')}</option></select></label>
    ${each.action.do === 'open' && html`<label>${t('reply-button-url')}<input type="url" maxlength="1000" placeholder="https://" autocomplete="off" value=${each.action.url} onInput=${(event) => set({ action: { do: 'open', url: event.currentTarget.value } })} /></label>`}`}<//>`;
}

function Cards({ cards, change }) {
  return html`<${Several} all=${cards} most=${MOST_CARDS} empty=${card} change=${change} more=${t('reply-card-add')} drop=${(place) => t('reply-card-drop', { place })}>${(each, set, place) => html`<fieldset class="one-card"><legend>${t('reply-card', { place })}</legend>
    <label>${t('reply-card-title')}<input maxlength="80" required=${place === 1 || isBegun(each)} autocomplete="off" value=${each.title} onInput=${typed(set, 'title')} /></label>
    <label>${t('reply-text')}<input maxlength="300" autocomplete="off" value=${each.text} onInput=${typed(set, 'text')} /></label>
    <label>${t('reply-picture-url')}<input type="url" maxlength="2000" placeholder="https://" autocomplete="off" value=${each.image_url} onInput=${typed(set, 'image_url')} /></label>
    <${Buttons} buttons=${each.buttons} change=${(buttons) => set({ buttons })} /></fieldset>`}<//>`;
}

const isBegun = ({ text, image_url, buttons }) => !!(text.trim() || image_url.trim() || filledButtons(buttons).length);

function List({ part, change }) {
  const [{ rows }] = part.sections;
  return html`<label>${t('reply-text')}<textarea rows="2" maxlength="1000" required value=${part.text} onInput=${typed(change, 'text')}></textarea></label>
    <label>${t('reply-list-button')}<input maxlength="20" autocomplete="off" value=${part.button} onInput=${typed(change, 'button')} /></label>
    <${Several} all=${rows} most=${MOST_ROWS} empty=${row} change=${(news) => change({ sections: [{ title: '', rows: news }] })} more=${t('reply-row-add')} drop=${(place) => t('reply-row-drop', { place })}>${(each, set, place) => html`
      <label>${t('reply-row', { place })}<input maxlength="24" required=${place === 1 || !!each.text.trim()} autocomplete="off" value=${each.title} onInput=${typed(set, 'title')} /></label>
      <label>${t('reply-row-text')}<input maxlength="72" autocomplete="off" value=${each.text} onInput=${typed(set, 'text')} /></label>`}<//>`;
}

/** A sticker of LINE's: its set and its number. */
function Sticker({ part, change }) {
  const [sets, setSets] = useState(null);
  const [problem, setProblem] = useState(null);
  const load = () => {
    setProblem(null);
    stickerSets().then(setSets, setProblem);
  };
  useEffect(load, []);
  if (problem) return html`<p class="bad" role="alert">${titleOf(problem)}</p><button type="button" class="plain" onClick=${load}>${t('try-again')}</button>`;
  if (!sets) return html`<p class="quiet" role="status">${t('loading')}</p>`;
  const [packageId, at] = part.id.split('/').map(Number);
  const set = sets.find((each) => each.package === packageId) ?? sets[0];
  const number = at || set.first;
  const choose = (from, place) => change(stickerOf(from, Math.max(from.first, Math.min(from.last, place))));
  const most = set.last - set.first + 1;
  return html`<label>${t('stickers-package')}<select value=${set.package} onChange=${(event) => { const next = sets.find((each) => each.package === Number(event.currentTarget.value)); choose(next, next.first); }}>${sets.map((each) => html`<option key=${each.package} value=${each.package}>${each.title}</option>`)}</select></label>
    <label>${t('reply-sticker-number', { most })}<input type="number" min="1" max=${most} value=${number - set.first + 1} onInput=${(event) => choose(set, set.first + Number(event.currentTarget.value) - 1)} /></label>`;
}
