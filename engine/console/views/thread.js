// A conversation: its head, who owns it, the log, and the composer.
import { html, useEffect, useLayoutEffect, useMemo, useRef, useState } from '../vendor/runtime.js';
import { loadOlder, loadThread } from '../actions.js';
import { day, isSameDay, personName, plain } from '../format.js';
import { t } from '../i18n.js';
import { Icon } from '../icons.js';
import { outbox } from '../outbox.js';
import { presence } from '../presence.js';
import { agentId, conversations, posted, session, threads } from '../store.js';
import { newer, older, windowOf } from '../window.js';
import { Composer } from './composer.js';
import { ControlBar } from './control_bar.js';
import { Message } from './message.js';
import { isHappening } from './part.js';
import { Failed, Skeleton } from './states.js';
import { ThreadHead } from './thread_head.js';

export function ThreadView({ id }) {
  const thread = threads.value.get(id);
  const conversation = conversations.value.get(id);
  if (thread?.state === 'failed') return html`<${Failed} problem=${thread.problem} retry=${() => loadThread(id)} />`;
  if (!conversation) return html`<${Skeleton} kind="thread" count=${5} />`;
  return html`
    <${ThreadHead} conversation=${conversation} />
    <${ControlBar} conversation=${conversation} />
    ${thread?.state === 'ready' ? html`<${Log} id=${id} thread=${thread} conversation=${conversation} />` : html`<${Skeleton} kind="thread" count=${5} />`}
    <${Composer} conversation=${conversation} />`;
}

function Log({ id, thread, conversation }) {
  const { more, loadingOlder } = thread;
  const messages = useMemo(() => toldOnce(thread.messages), [thread.messages]);
  const [from, setFrom] = useState(null);
  const box = useRef(null);
  const reading = useRef({ sticks: true, top: 0, at: null });
  const [isAway, setAway] = useState(false);
  const { start, end, isLatest } = windowOf(messages, from);
  const shown = messages.slice(start, end);
  const pending = isLatest ? outbox.value.filter((each) => each.conversation_id === id) : [];

  /** The end while the reader is there; else what is read stays where it is, whatever grows above it. */
  const hold = () => {
    if (!box.current) return;
    const { sticks, at } = reading.current;
    if (sticks) box.current.scrollTop = box.current.scrollHeight;
    else if (at) restore(box.current, at);
    reading.current.top = box.current.scrollTop;
  };
  useLayoutEffect(hold, [shown[0]?.id, shown.at(-1)?.id, messages, pending.length]);
  // What this agent writes or sends is always brought into sight.
  useEffect(() => {
    if (pending.length) toLatest();
  }, [pending.length]);
  const seen = useRef(posted.value);
  useEffect(() => {
    if (posted.value?.id === id && posted.value !== seen.current) toLatest();
    seen.current = posted.value;
  }, [posted.value]);
  // Pictures and the composer change heights after the layout.
  useEffect(() => {
    const observer = new ResizeObserver(hold);
    observer.observe(box.current);
    observer.observe(box.current.firstElementChild);
    return () => observer.disconnect();
  }, []);

  const toLatest = () => {
    reading.current.sticks = true;
    setFrom(null);
    setAway(false);
    box.current.scrollTop = box.current.scrollHeight;
  };
  const follow = () => {
    const { scrollTop, scrollHeight, clientHeight } = box.current;
    const below = scrollHeight - scrollTop - clientHeight;
    const now = reading.current;
    // Only who goes up leaves the end: what grows below while it is looked at is followed.
    if (isLatest && below < 60) now.sticks = true;
    else if (!isLatest || scrollTop < now.top - 1) now.sticks = false;
    now.top = scrollTop;
    now.at = now.sticks ? null : place(box.current);
    setAway(!now.sticks);
    if (now.sticks) return;
    if (scrollTop < 600 && start > 0) setFrom(older(messages, start));
    else if (scrollTop < 600 && more && !loadingOlder) {
      if (from === null) setFrom(messages[0].seq);
      loadOlder(id);
    } else if (below < 400 && !isLatest) setFrom(newer(messages, start));
  };

  return html`<div class="log-frame">
    <div class="log" ref=${box} role="log" aria-label=${t('thread-log', { name: personName(conversation.person) })} aria-live=${isLatest && !isAway ? 'polite' : 'off'}
      aria-relevant="additions" tabindex="0" onScroll=${follow}>
      <div class="messages">
        ${start === 0 && (more ? html`<p class="edge" aria-hidden="true">${t('thread-older')}</p>` : html`<p class="edge">${t('thread-start')}</p>`)}
        ${shown.map((message, offset) => html`<${Row} key=${message.id} message=${message} before=${messages[start + offset - 1]} thread=${thread} />`)}
        ${isLatest && presence.value.get(id)?.customerTypes && html`<p class="typing"><i /><i /><i /> ${t('customer-typing')}</p>`}
        ${pending.map((entry) => html`<${Message} key=${entry.client_id} message=${asMessage(entry)} pending=${entry} />`)}
      </div>
    </div>
    ${isAway && html`<button type="button" class="to-latest" aria-label=${t('thread-latest')} onClick=${() => { toLatest(); box.current.focus({ preventScroll: true }); }}><${Icon} name="down" size=${16} /> <span>${t('thread-latest')}</span></button>`}
    <${Failures} messages=${messages} />
  </div>`;
}

/** Tells who cannot see it that a message of ours did not arrive. */
function Failures({ messages }) {
  const failed = messages.findLast(({ author, state }) => author === 'agent' && state === 'failed');
  const first = useRef(failed?.id);
  return html`<p class="hidden" role="status">${failed && failed.id !== first.current ? `${t('state-failed')}: ${plain(failed)}` : ''}</p>`;
}

/** Without the lines that tell what the message itself shows: that it was taken back. */
function toldOnce(messages) {
  const gone = new Set(messages.filter((each) => each.deleted).map((each) => each.parts[0]?.external_id).filter(Boolean));
  const target = ({ type, external_id: id, comment }) => type === 'deleted' ? id : type === 'comment' && comment.change === 'removed' ? comment.id : null;
  const told = new Set();
  return messages.filter(({ deleted, parts, author }) => {
    if (deleted || parts.length !== 1) return true;
    const [part] = parts;
    if (gone.has(target(part))) return false;
    if (part.type !== 'edited' || !part.text) return true;
    // Some platforms tell the same change twice.
    const key = JSON.stringify([author, part.external_id, part.text]);
    return !told.has(key) && told.add(key);
  });
}

function Row({ message, before, thread }) {
  const isNewDay = !before || !isSameDay(before.at, message.at);
  const isSame = !isNewDay && !isHappening(before) && before.author === message.author && before.name === message.name && message.at - before.at < 300_000;
  return html`${isNewDay && html`<p class="day"><span>${day(message.at)}</span></p>`}<${Message} message=${message} isSame=${isSame} turn=${thread.turns.get(message.id)} />`;
}

function asMessage(entry) {
  return {
    id: entry.client_id, author: entry.note ? 'note' : 'agent', name: session.value?.agent.name || agentId.value, at: entry.at,
    parts: [...(entry.files ?? []).map(({ url, kind }) => ({ type: 'media', url, kind })), ...(entry.text ? [{ type: 'text', text: entry.text }] : [])], choices: [], citations: [], state: entry.state, failure: null,
  };
}

/** The first message in sight and how far it is from the top. */
function place(box) {
  const top = box.getBoundingClientRect().top;
  const node = [...box.querySelectorAll('[data-message]')].find((each) => each.getBoundingClientRect().bottom > top);
  return node && { id: node.dataset.message, offset: node.getBoundingClientRect().top - top };
}

function restore(box, { id, offset }) {
  const node = box.querySelector(`[data-message="${CSS.escape(id)}"]`);
  if (node) box.scrollTop += node.getBoundingClientRect().top - box.getBoundingClientRect().top - offset;
}
