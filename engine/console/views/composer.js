// Where an agent writes: a reply to the customer or a note for colleagues, told apart by colour and by words.
import { html, useEffect, useLayoutEffect, useRef, useState } from '../vendor/runtime.js';
import { answerOf, quote, quoting } from '../acts.js';
import { attachedTo, takeAttached } from '../attachments.js';
import { draftOf, modeOf, setDraft, setMode } from '../drafts.js';
import { personName, scriptOf } from '../format.js';
import { t } from '../i18n.js';
import { Icon } from '../icons.js';
import { stepping } from '../keys.js';
import { tellComposing } from '../live.js';
import { sendMessage } from '../outbox.js';
import { presence } from '../presence.js';
import { alter, collisions, connection, isMine, may, threads } from '../store.js';
import { AnswerWindow, isShut } from './answer_window.js';
import { AttachButton, Attached, takeFiles } from './attachments.js';
import { Audience } from './comment.js';
import { isInManager } from './control_bar.js';
import { Quoted } from './message_acts.js';
import { StickerPicker, hasStickers } from './sticker_picker.js';
import { TemplatePicker, hasTemplates } from './template_picker.js';

const LONGEST = 4000;
const MODES = { reply: 'send', note: 'lock' };

export function Composer({ conversation }) {
  const { id } = conversation;
  const mode = modeOf(id);
  const text = draftOf(id, mode);
  const field = useRef(null);
  const [isPicking, setPicking] = useState(false);
  useLayoutEffect(() => grow(field.current), [text, mode]);
  useEffect(() => {
    // Who goes through the list by keys stays in it.
    if (document.activeElement?.closest('.rows') && stepping.take()) return;
    if (matchMedia('(hover: hover) and (min-width: 760px)').matches) field.current?.focus({ preventScroll: true });
  }, []);
  if (!may('conversations.reply')) return html`<p class="composer closed"><${Icon} name="lock" size=${16} /> ${t('composer-forbidden')}</p>`;

  // Nothing says what the account lets us do once it is removed.
  const isGone = threads.value.get(id)?.state === 'ready' && threads.value.get(id).acts === null;
  const mustTake = mode === 'reply' && conversation.status === 'open' && conversation.control !== 'agent';
  const waiting = mode === 'reply' ? attachedTo(id) : [];
  const isBringing = waiting.some(({ state }) => state === 'bringing');
  const canAttach = mode === 'reply' && !isGone && !conversation.comment && !isInManager(conversation);
  const paste = (event) => {
    if (!canAttach || !event.clipboardData?.files.length) return;
    event.preventDefault();
    takeFiles(id, event.clipboardData.files);
  };
  const drop = (event) => {
    if (!canAttach || !event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    if (event.type === 'drop') takeFiles(id, event.dataTransfer.files);
  };
  const write = (event) => {
    setDraft(id, mode, event.currentTarget.value);
    if (mode === 'reply') tellComposing(id);
  };
  const send = () => {
    const words = draftOf(id, mode).trim();
    const isNote = mode === 'note';
    if (!isNote && isBringing || words.length > LONGEST) return;
    const files = isNote ? [] : takeAttached(id);
    if (!words && !files.length) return;
    sendMessage({ conversationId: id, text: words, note: isNote, files, take: mustTake, ...(isNote ? {} : { quotes: quoting.peek().get(id), answer: answerOf(id) ?? undefined }) });
    if (!isNote) quote(id, null);
    setDraft(id, mode, '');
    field.current.focus();
  };
  // What was picked or given up leaves the agent where writing goes on, or where the picker was opened.
  const stopPicking = () => {
    setPicking(false);
    requestAnimationFrame(() => (document.getElementById('composer') ?? document.querySelector('.composer .template'))?.focus());
  };
  const leave = (event) => {
    if (event.key !== 'Escape' || !isPicking) return;
    event.stopPropagation();
    stopPicking();
  };
  // The arrows go from one tab to the other, as in every list of tabs.
  const turn = (event) => {
    if (!['ArrowLeft', 'ArrowRight'].includes(event.key)) return;
    event.preventDefault();
    const other = mode === 'reply' ? 'note' : 'reply';
    setMode(id, other);
    setPicking(false);
    requestAnimationFrame(() => document.getElementById(`mode-${other}`)?.focus());
  };
  const press = (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      send();
    }
  };

  return html`<form class=${`composer ${mode}`} onKeyDown=${leave} onPaste=${paste} onDragOver=${drop} onDrop=${drop} onSubmit=${(event) => { event.preventDefault(); if (!isPicking) send(); }}>
    <${Others} id=${id} />
    <${Collision} id=${id} />
    ${mode === 'reply' && html`<${Audience} id=${id} /><${Quoting} id=${id} />`}
    <div class="modes"><div class="modes-of" role="tablist" aria-label=${t('composer-mode')} onKeyDown=${turn}>${Object.entries(MODES).map(([each, icon]) => html`<button key=${each} type="button" role="tab" id=${`mode-${each}`} class=${each} aria-selected=${mode === each} aria-controls="composer-box" tabindex=${mode === each ? 0 : -1}
      onClick=${() => { setMode(id, each); setPicking(false); field.current?.focus(); }}><${Icon} name=${icon} size=${15} /> ${t(`mode-${each}`)}</button>`)}</div>
      ${hasTemplates(conversation) && mode === 'reply' && !isGone && html`<button type="button" class="template" aria-expanded=${isPicking} onClick=${() => setPicking(!isPicking)}><${Icon} name="file" size=${15} /> ${t('templates-use')}</button>`}
      ${hasStickers(conversation) && mode === 'reply' && !isGone && !isInManager(conversation) && html`<button type="button" class="template" aria-expanded=${isPicking} onClick=${() => setPicking(!isPicking)}><${Icon} name="positive" size=${15} /> ${t('stickers-use')}</button>`}
      ${canAttach && !isShut(conversation) && html`<${AttachButton} id=${id} />`}${!answerOf(id) && html`<${AnswerWindow} conversation=${conversation} />`}</div>
    <div id="composer-box" role="tabpanel" aria-labelledby=${`mode-${mode}`}>${isGone && mode === 'reply' ? html`<p class="box shut"><${Icon} name="lock" size=${16} /> <span>${t('composer-gone')}</span></p>` : isPicking && mode === 'reply' && hasStickers(conversation) ? html`<${StickerPicker} conversation=${conversation} mustTake=${mustTake} close=${stopPicking} />` : isPicking && mode === 'reply' ? html`<${TemplatePicker} conversation=${conversation} close=${stopPicking} />` : mode === 'reply' && !answerOf(id) && isShut(conversation) ? html`<p class="box shut"><${Icon} name="lock" size=${16} /> <span>${t(hasTemplates(conversation) ? 'composer-shut-template' : 'composer-shut', { name: personName(conversation.person) })}</span>
      ${hasTemplates(conversation) && html`<button type="button" class="primary" onClick=${() => setPicking(true)}><${Icon} name="file" size=${16} /> ${t('templates-choose')}</button>`}</p>` : html`<div class="box">
      <label class="hidden" for="composer">${t(`composer-${mode}`, { name: personName(conversation.person) })}</label>
      <textarea id="composer" ref=${field} rows="2" value=${text} lang=${text ? scriptOf(text) : undefined} placeholder=${t(`composer-${mode}`, { name: personName(conversation.person) })}
        aria-describedby="composer-hint" onInput=${write} onKeyDown=${press} />
      ${canAttach && html`<${Attached} id=${id} channel=${conversation.channel} />`}
      <div class="foot">
        <p id="composer-hint" class="quiet">${hint(mode, conversation)}</p>
        ${text.length > LONGEST - 500 && html`<span role="status" class=${text.length > LONGEST ? 'bad' : 'quiet'}>${text.length > LONGEST ? t('composer-too-long', { count: text.length - LONGEST }) : `${text.length} / ${LONGEST}`}</span>`}
        <button class=${mode === 'note' ? 'save-note' : 'primary'} disabled=${isBringing || text.length > LONGEST || !text.trim() && !waiting.some(({ state }) => state === 'ready')}><${Icon} name=${MODES[mode]} size=${16} /> ${t(mode === 'note' ? 'send-note' : mustTake ? 'send-and-take' : 'send')}</button>
      </div>
    </div>`}</div>
  </form>`;
}

function hint(mode, conversation) {
  if (connection.value === 'offline') return t('composer-offline');
  if (mode === 'note') return t('composer-note-hint');
  if (isInManager(conversation)) return t('composer-line-manager');
  if (conversation.control === 'agent' && !isMine(conversation)) return t('composer-other', { name: conversation.agent?.name ?? t('platform-inbox') });
  return t('composer-hint');
}

/** The message that the reply will quote. */
function Quoting({ id }) {
  const quoted = quoting.value.get(id);
  if (!quoted) return null;
  return html`<div class="quoting"><${Icon} name="quote" size=${16} /><span class="hidden">${t('act-quote')}: </span><${Quoted} id=${quoted} />
    <button type="button" class="ghost" aria-label=${t('quote-remove')} onClick=${() => { quote(id, null); focusComposer(); }}><${Icon} name="close" size=${16} /></button></div>`;
}

/** Who else is here. */
function Others({ id }) {
  const others = presence.value.get(id)?.agents;
  if (!others?.length) return null;
  const composing = others.filter((each) => each.doing === 'composing');
  const names = (composing.length ? composing : others).map((each) => each.name).join(', ');
  return html`<p class=${`others ${composing.length ? 'composing' : ''}`} role="status"><${Icon} name=${composing.length ? 'pen' : 'eye'} size=${15} /> ${t(composing.length ? 'others-composing' : 'others-viewing', { name: names })}</p>`;
}

/** Another agent was quicker: their reply stands above, and this agent's words are back in the field. */
function Collision({ id }) {
  const met = collisions.value.get(id);
  if (!met) return null;
  return html`<div class="collision" role="alert"><${Icon} name="alert" /><p>${met.taken ? `${t('collision-taken')} ${met.detail}` : t('collision', { name: met.name || t('author-agent') })}</p>
    <button type="button" class="ghost" aria-label=${t('close')} onClick=${() => { alter(collisions, id, () => undefined); focusComposer(); }}><${Icon} name="close" size=${16} /></button></div>`;
}

/** After something was closed or removed, writing goes on. */
const focusComposer = () => requestAnimationFrame(() => document.getElementById('composer')?.focus());

function grow(field) {
  if (!field) return;
  field.style.height = 'auto';
  field.style.height = `${field.scrollHeight + 2}px`;
}
