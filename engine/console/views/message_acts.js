// What an agent can do to one message: react, quote, change, take back, hide. Only what the platform lets us is offered.
import { html, useEffect, useLayoutEffect, useRef, useState } from '../vendor/runtime.js';
import { OURS, deleteMessage, editMessage, hideMessage, mayDelete, mayEdit, mayHide, mayQuote, quote, react, reactionsOf } from '../acts.js';
import { scriptOf } from '../format.js';
import { t } from '../i18n.js';
import { Icon } from '../icons.js';
import { may, selected, selectedId, thread } from '../store.js';

/** What is offered first where any emoji will do. */
const USUAL = ['👍', '❤️', '🙏', '👏', '🎉', '😊', '😂', '😮', '😢', '🔥', '✅', '👀'];

/** Acts that open something below the message. */
const OPENING = ['react', 'edit', 'delete'];

export function MessageActs({ message }) {
  const [open, setOpen] = useState(null);
  const box = useRef(null);
  // What is closed is no longer changed.
  const status = selected.value?.status;
  useEffect(() => setOpen(null), [status]);
  const id = selectedId.value;
  if (!may('conversations.reply') || message.author === 'note') return null;
  const isTheirs = message.author === 'customer' && !message.deleted;
  const emoji = reactionsOf(id);
  const toggle = (name) => () => setOpen(open === name ? null : name);
  const offers = [
    isTheirs && (emoji === null || emoji.length > 0) && ['react', 'positive', toggle('react')],
    mayQuote(id, message) && ['quote', 'quote', () => { quote(id, message); document.getElementById('composer')?.focus(); }],
    mayEdit(id, message) && ['edit', 'pen', toggle('edit')],
    mayDelete(id, message) && ['delete', 'bin', toggle('delete')],
    isTheirs && mayHide(id) && message.parts[0]?.type === 'comment' && ['hide', message.hidden ? 'eye' : 'eyeoff', () => hideMessage(id, message, !message.hidden), message.hidden ? 'unhide' : 'hide'],
  ].filter(Boolean);
  if (!offers.length) return null;
  // The focus goes back to the button that opened what is closed, or where that has gone, to the message.
  const close = () => {
    const article = box.current.closest('article');
    const opener = box.current.querySelector(`[data-act="${open}"]`);
    setOpen(null);
    requestAnimationFrame(() => (opener?.isConnected ? opener : article).focus());
  };
  const press = (event) => {
    if (event.key === 'Escape' && open) {
      event.stopPropagation();
      close();
    }
  };
  const name = ([act, , , words = act]) => t(`act-${words}`);
  return html`<div class=${`acts ${open ? 'open' : ''} ${open === 'edit' ? 'editing' : ''}`} ref=${box} onKeyDown=${press}>
    <div class="act-buttons" role="toolbar" aria-label=${t('acts')} onKeyDown=${rove}>${offers.map((offer, place) => html`<button key=${offer[0]} type="button" data-act=${offer[0]} tabindex=${place ? -1 : 0} aria-label=${name(offer)} title=${name(offer)}
      aria-expanded=${OPENING.includes(offer[0]) ? open === offer[0] : undefined} onClick=${offer[2]}><${Icon} name=${offer[1]} size=${16} /></button>`)}</div>
    ${open === 'react' && html`<${Picker} message=${message} emoji=${emoji} close=${close} />`}
    ${open === 'edit' && html`<${Editor} message=${message} close=${close} />`}
    ${open === 'delete' && html`<${Certainly} message=${message} close=${close} />`}
  </div>`;
}

/** The arrows move within a row of buttons, which is one stop of the Tab key. */
function rove(event) {
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!by) return;
  event.preventDefault();
  const all = [...event.currentTarget.querySelectorAll('button')];
  all[(all.indexOf(document.activeElement) + by + all.length) % all.length].focus();
}

/** The reactions that stand on a message; ours can be pressed to take it back. */
export function Reactions({ message }) {
  if (!message.reactions?.length) return null;
  const id = selectedId.value;
  return html`<p class="reactions"><span class="hidden">${t('content-reaction')}: </span>${message.reactions.map(({ by, emoji }) => by === OURS && may('conversations.reply')
    ? html`<button key=${by} type="button" class="own" aria-label=${t('act-unreact', { emoji })} title=${t('act-unreact', { emoji })} onClick=${(event) => { event.currentTarget.closest('article').focus(); react(id, message, null); }}>${emoji}</button>`
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
  useLayoutEffect(() => {
    const { length } = field.current.value;
    field.current.focus();
    field.current.setSelectionRange(length, length);
  }, []);
  const [part] = message.parts;
  const save = (event) => {
    event.preventDefault();
    const text = field.current.value.trim();
    if (!text) return;
    close();
    editMessage(selectedId.peek(), message, text);
  };
  const press = (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !event.isComposing) event.currentTarget.form.requestSubmit();
  };
  return html`<form class="editor" onSubmit=${save}>
    <textarea ref=${field} rows="3" maxlength="4000" onKeyDown=${press} aria-label=${t('act-edit')} lang=${scriptOf(part.text)}>${part.text}</textarea>
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
