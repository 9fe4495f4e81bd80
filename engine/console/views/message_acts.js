// What an agent can do to one message: react, quote, change, take back, hide. Only what the platform lets us is offered.
import { html, useLayoutEffect, useRef, useState } from '../vendor/runtime.js';
import { OURS, deleteMessage, editMessage, hideMessage, mayDelete, mayEdit, mayHide, mayQuote, quote, react, reactionsOf } from '../acts.js';
import { scriptOf } from '../format.js';
import { t } from '../i18n.js';
import { Icon } from '../icons.js';
import { may, selectedId, thread } from '../store.js';

/** What is offered first where any emoji will do. */
const USUAL = ['👍', '❤️', '🙏', '👏', '🎉', '😊', '😂', '😮', '😢', '🔥', '✅', '👀'];

export function MessageActs({ message }) {
  const [open, setOpen] = useState(null);
  const id = selectedId.value;
  if (!may('conversations.reply') || message.author === 'note') return null;
  const isTheirs = message.author === 'customer' && !message.deleted;
  const emoji = reactionsOf(id);
  const offers = [
    isTheirs && (emoji === null || emoji.length > 0) && ['react', 'positive', () => setOpen(open === 'react' ? null : 'react')],
    mayQuote(id, message) && ['quote', 'quote', () => { quote(id, message); document.getElementById('composer')?.focus(); }],
    mayEdit(id, message) && ['edit', 'pen', () => setOpen('edit')],
    mayDelete(id, message) && ['delete', 'bin', () => setOpen('delete')],
    isTheirs && mayHide(id) && message.parts[0]?.type === 'comment' && [message.hidden ? 'unhide' : 'hide', 'eye', () => hideMessage(id, message, !message.hidden)],
  ].filter(Boolean);
  if (!offers.length) return null;
  const close = () => setOpen(null);
  return html`<div class=${`acts ${open ? 'open' : ''}`} onKeyDown=${(event) => { if (event.key === 'Escape' && open) { event.stopPropagation(); close(); } }}>
    <div class="act-buttons" role="group" aria-label=${t('acts')}>${offers.map(([name, icon, run]) => html`<button key=${name} type="button" aria-label=${t(`act-${name}`)} title=${t(`act-${name}`)}
      aria-expanded=${['react', 'edit', 'delete'].includes(name) ? open === name : undefined} onClick=${run}><${Icon} name=${icon} size=${16} /></button>`)}</div>
    ${open === 'react' && html`<${Picker} message=${message} emoji=${emoji} close=${close} />`}
    ${open === 'edit' && html`<${Editor} message=${message} close=${close} />`}
    ${open === 'delete' && html`<${Certainly} message=${message} close=${close} />`}
  </div>`;
}

/** The reactions that stand on a message; ours can be pressed to take it back. */
export function Reactions({ message }) {
  if (!message.reactions?.length) return null;
  const id = selectedId.value;
  return html`<p class="reactions"><span class="hidden">${t('content-reaction')}: </span>${message.reactions.map(({ by, emoji }) => by === OURS && may('conversations.reply')
    ? html`<button key=${by} type="button" class="own" aria-label=${t('act-unreact', { emoji })} title=${t('act-unreact', { emoji })} onClick=${() => react(id, message, null)}>${emoji}</button>`
    : html`<span key=${by}>${emoji}</span>`)}</p>`;
}

function Picker({ message, emoji, close }) {
  const box = useRef(null);
  useLayoutEffect(() => box.current.querySelector('button').focus(), []);
  const own = message.reactions?.find((each) => each.by === OURS)?.emoji;
  const choose = (each) => {
    close();
    react(selectedId.peek(), message, each === own ? null : each);
  };
  const other = (event) => {
    event.preventDefault();
    const each = new FormData(event.currentTarget).get('emoji').trim();
    if (each) choose(each);
  };
  return html`<div class="picker" ref=${box} role="group" aria-label=${t('act-react')}>
    ${(emoji ?? USUAL).map((each) => html`<button key=${each} type="button" aria-pressed=${each === own} onClick=${() => choose(each)}>${each}</button>`)}
    ${emoji === null && html`<form onSubmit=${other}><input name="emoji" maxlength="16" size="4" aria-label=${t('act-other-emoji')} placeholder="🙂…" /><button>${t('act-react')}</button></form>`}
  </div>`;
}

function Editor({ message, close }) {
  const field = useRef(null);
  useLayoutEffect(() => field.current.focus(), []);
  const [part] = message.parts;
  const save = (event) => {
    event.preventDefault();
    const text = field.current.value.trim();
    if (!text) return;
    close();
    editMessage(selectedId.peek(), message, text);
  };
  return html`<form class="editor" onSubmit=${save}>
    <textarea ref=${field} rows="3" maxlength="4000" aria-label=${t('act-edit')} lang=${scriptOf(part.text)}>${part.text}</textarea>
    <p><button type="button" class="plain" onClick=${close}>${t('act-keep')}</button><button class="primary">${t('save')}</button></p>
  </form>`;
}

function Certainly({ message, close }) {
  const keep = useRef(null);
  useLayoutEffect(() => keep.current.focus(), []);
  const run = () => {
    close();
    deleteMessage(selectedId.peek(), message);
  };
  return html`<div class="certainly" role="alertdialog" aria-label=${t('act-delete-sure')}><p>${t('act-delete-sure')}</p>
    <p><button type="button" class="plain" ref=${keep} onClick=${close}>${t('act-keep')}</button><button type="button" class="danger" onClick=${run}>${t('act-delete')}</button></p></div>`;
}

/** The message that a reply quotes, in a line. */
export function Quoted({ id }) {
  const quoted = thread.value?.messages.find((each) => each.id === id);
  const words = quoted?.deleted ? t('message-deleted') : quoted?.parts.map((part) => part.text).filter(Boolean).join(' ') || t('quoted-earlier');
  return html`<blockquote class="quoted" lang=${scriptOf(words)}>${words}</blockquote>`;
}
