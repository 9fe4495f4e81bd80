// One part of a message. Texts stay texts; a link opens only an http(s) address, a picture only comes from this server.
import { html, useState } from '../vendor/runtime.js';
import { label, money, scriptOf } from '../format.js';
import { t } from '../i18n.js';
import { Icon } from '../icons.js';
import { thread } from '../store.js';
import { Comment } from './comment.js';
import { Imagemap } from './imagemap.js';
import { Place } from './place.js';
import { Story } from './story.js';

const LINK = /(https?:\/\/[^\s<>"']*[^\s<>"'.,!?)])/;

export function Part({ part, message }) {
  if (part.type === 'comment') return html`<${Comment} comment=${part.comment} hidden=${message?.hidden} />`;
  if (part.type === 'story_reply' || part.type === 'story_mention') return html`<${Story} part=${part} message=${message} />`;
  if (part.type === 'choice') return html`<${Text} text=${part.text || chosen(part.payload)} />`;
  if (part.type === 'text' || part.type === 'edited' && part.text) return html`<${Text} text=${part.text} />`;
  if (part.type === 'template' && part.template?.text) return html`<${Text} text=${part.template.text} />`;
  if (part.type === 'media') return html`<${Media} part=${part} />`;
  if (part.type === 'buttons') return html`<div class="stack"><${Text} text=${part.text} /><${Buttons} buttons=${part.buttons} /></div>`;
  if (part.type === 'list') return html`<div class="stack"><${Text} text=${part.text} /><div class="part list-rows"><b>${part.button}</b><ul class="plainlist">${part.sections.flatMap(({ rows }) => rows).map((each, place) => html`<li key=${place}>${each.title}${each.text && html` <span class="quiet">${each.text}</span>`}</li>`)}</ul></div></div>`;
  if (part.type === 'cards') return html`<ul class="cards">${part.cards.map((card) => html`<li>${card.image_url && html`<span class="quiet"><${Icon} name="file" size=${14} /> ${t('content-image')}</span>`}<b>${card.title}</b>${card.text && html`<span>${card.text}</span>`}<${Buttons} buttons=${card.buttons} /></li>`)}</ul>`;
  if (part.type === 'imagemap') return html`<${Imagemap} imagemap=${part.imagemap} />`;
  if (part.type === 'order' && part.order) return html`<${Order} order=${part.order} note=${part.text} />`;
  if (part.type === 'location') return html`<${Place} place=${part.location} />`;
  if (part.url && part.media) return html`<${File} part=${part} />`;
  return html`<${Heard} part=${part} />`;
}

/** What a press was called when we offered it: not every platform tells. */
function chosen(payload) {
  const offers = thread.value?.messages.flatMap(({ choices, parts }) => [...choices, ...parts.flatMap((part) => [part, ...part.cards ?? []].flatMap(({ buttons }) => buttons ?? []))]);
  return offers?.findLast((each) => (each.payload ?? each.action?.payload) === payload)?.title ?? payload;
}

/** A file that the customer sent: a picture, sound or film where browsers show it, else its name to be saved. */
function File({ part }) {
  const [isBroken, setBroken] = useState(false);
  const { type, url, text, media } = part;
  const name = media.name || [label('content', type), part.emoji || part.keywords?.slice(0, 3).join(', ')].filter(Boolean).join(': ');
  const shown = /^(image|audio|video)\//.exec(media.mime || '')?.[1];
  const isPicture = !isBroken && shown === 'image' && ['image', 'sticker', 'animation', 'file'].includes(type);
  return html`<div class="stack">
    ${isPicture ? html`<p class=${`part picture ${type === 'sticker' ? 'sticker' : ''}`}><a href=${url} target="_blank" rel="noopener"><img src=${url} alt=${text || name} loading="lazy" onError=${() => setBroken(true)} /></a></p>`
      : shown === 'audio' ? html`<audio class="part" controls preload="none" src=${url} aria-label=${name}></audio>`
      : shown === 'video' ? html`<video class="part" controls preload="none" src=${url} aria-label=${name}></video>`
      : html`<p class="part other"><${Icon} name="file" size=${16} /> <a href=${url} download=${name}>${name}</a></p>`}
    ${text && html`<${Text} text=${text} />`}</div>`;
}

/** What somebody ordered from a catalogue: the goods, their sum where one currency has it, and the note. */
function Order({ order: { items, note: own }, note = own }) {
  const priced = items.filter(({ price, currency }) => price != null && currency);
  const [currency] = new Set(priced.map((item) => item.currency));
  const isWhole = items.length > 0 && priced.length === items.length && priced.every((item) => item.currency === currency);
  return html`<div class="stack"><div class="part order"><b>${label('content', 'order')}</b>
    <ul class="plainlist">${items.map((item, place) => html`<li key=${place}><span>${item.quantity} × ${item.name ?? item.product}</span>${item.price != null && html`<span>${money(item.price * item.quantity, item.currency)}</span>`}</li>`)}
      ${isWhole && html`<li class="sum"><span>${t('order-sum')}</span><span>${money(items.reduce((sum, item) => sum + item.price * item.quantity, 0), currency)}</span></li>`}</ul></div>
    ${note && html`<${Text} text=${note} />`}</div>`;
}

/** What a customer sent that is not words: its kind, and what the platform told of it. */
function Heard({ part }) {
  return html`<p class="part other"><${Icon} name=${ICONS[part.type] ?? 'file'} size=${16} /> <span><${Told} part=${part} /></span></p>`;
}

/** What is heard beside words, as a kind and a detail. */
export function Told({ part }) {
  const isTakenBack = part.type === 'reaction' && !part.reaction?.emoji;
  const kind = label('content', isTakenBack ? 'reaction_removed' : /^ads?$/i.test(part.referral?.source ?? '') ? 'referral_ad' : isCommentChange(part) ? `comment_${part.comment.change}` : part.type);
  const detail = part.text || detailOf(part);
  return html`${kind}${detail && detail !== kind && html`: <span lang=${scriptOf(detail)}>${detail}</span>`}`;
}

export const ICONS = {
  location: 'pin', referral: 'link', started: 'link', shared: 'link', story_reply: 'link', story_mention: 'link', sticker: 'positive', reaction: 'positive',
  edited: 'pen', deleted: 'close', contact: 'agent', members_joined: 'agent', members_left: 'agent', handover: 'return', call: 'clock',
};

const HAPPENINGS = new Set(['reaction', 'edited', 'deleted', 'referral', 'started', 'stopped', 'joined', 'left', 'members_joined', 'members_left', 'handover',
  'opt_in', 'opt_out', 'account_linked', 'mention', 'post', 'payment', 'call', 'identity', 'feedback', 'query', 'service', 'beacon', 'video_watched', 'membership',
  'game', 'account']);

/** True for what happened rather than was said: a quiet line is enough. */
export const isHappening = ({ parts, deleted }) => !deleted && parts.length === 1 && (HAPPENINGS.has(parts[0].type) || isCommentChange(parts[0]));

const isCommentChange = ({ type, comment }) => type === 'comment' && comment.change !== 'added';

function detailOf(part) {
  const { type, payload, emoji, keywords, media, contacts, reaction, referral, order, shared, notice, comment, question } = part;
  return emoji || keywords?.join(', ') || part.alt || media?.name || contacts?.map((each) => [each.name, each.phones?.join(' ')].filter(Boolean).join(' ')).join(', ') || reaction?.emoji || question || (type === 'started' && payload)
    || (referral && [referral.title, referral.payload].filter(Boolean).join(' · ')) || shared?.title || comment?.text || notice?.text
    || order?.items.map((item) => `${item.quantity} × ${item.name ?? item.product}`).join(', ');
}

export function Text({ text }) {
  if (!text?.trim()) return null;
  return html`<p class="part" lang=${scriptOf(text)}>${text.split(LINK).map((piece, place) => place % 2 && !isVeiled(piece) ? html`<a href=${piece} target="_blank" rel="noopener noreferrer">${piece}</a>` : piece)}</p>`;
}

function Media({ part }) {
  const url = safe(part.url);
  const isOurs = url?.origin === location.origin;
  const name = isOurs && fileName(url) || part.alt || label('content', part.kind);
  const below = isOurs && part.alt && html`<${Text} text=${part.alt} />`;
  if (part.kind === 'image' && isOurs) return html`<div class="stack"><p class="part picture"><a href=${url.href} target="_blank" rel="noopener"><img src=${url.href} alt=${part.alt || name} loading="lazy" /></a></p>${below}</div>`;
  return html`<div class="stack"><p class="part other"><${Icon} name="file" size=${16} /> ${url ? html`<a href=${url.href} target="_blank" rel="noopener noreferrer">${name}</a>` : name}</p>${below}</div>`;
}

/** What a file that an agent attached is called. */
const fileName = ({ pathname }) => /^\/channels\/[^/]+\/files\/[^/]+\/([^/]+)$/.exec(pathname) && decodeURIComponent(pathname.split('/').pop());

// What the customer was offered; pressing it is for the customer, following a link is for everybody.
function Buttons({ buttons }) {
  if (!buttons?.length) return null;
  return html`<p class="offered">${buttons.map(({ title, action }) => {
    const url = action.do === 'open' && !isVeiled(action.url) && safe(action.url);
    return url ? html`<a href=${url.href} target="_blank" rel="noopener noreferrer">${title}</a>` : html`<span>${title}</span>`;
  })}</p>`;
}

/** A link whose code only its reader sees leads nowhere. */
const isVeiled = (address) => decodeURIComponentOr(address).includes('••••');

function decodeURIComponentOr(address) {
  try {
    return decodeURIComponent(address);
  } catch {
    return address;
  }
}

function safe(address) {
  const url = URL.parse ? URL.parse(address, location.href) : parse(address);
  return url && /^https?:$/.test(url.protocol) ? url : null;
}

function parse(address) {
  try {
    return new URL(address, location.href);
  } catch {
    return null;
  }
}
