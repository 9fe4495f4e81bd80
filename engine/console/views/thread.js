// A conversation: its head, who owns it, the log, and the composer.
import { html, useEffect, useLayoutEffect, useRef, useState } from '../vendor/runtime.js';
import { loadOlder, loadThread } from '../actions.js';
import { day, isSameDay, personName } from '../format.js';
import { t } from '../i18n.js';
import { Icon } from '../icons.js';
import { outbox } from '../outbox.js';
import { presence } from '../presence.js';
import { agentId, conversations, session, threads } from '../store.js';
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
  const { messages, more, loadingOlder } = thread;
  const [from, setFrom] = useState(null);
  const box = useRef(null);
  const sticks = useRef(true);
  const anchor = useRef(null);
  const [isAway, setAway] = useState(false);
  const { start, end, isLatest } = windowOf(messages, from);
  const shown = messages.slice(start, end);
  const pending = isLatest ? outbox.value.filter((each) => each.conversation_id === id) : [];

  useLayoutEffect(() => {
    if (sticks.current) box.current.scrollTop = box.current.scrollHeight;
    else if (anchor.current) restore(box.current, anchor.current);
    anchor.current = null;
  });
  // What this agent writes is always brought into sight.
  useEffect(() => {
    if (pending.length) toLatest();
  }, [pending.length]);
  // Pictures and the composer change heights after the layout.
  useEffect(() => {
    const node = box.current;
    const observer = new ResizeObserver(() => { if (sticks.current) node.scrollTop = node.scrollHeight; });
    observer.observe(node);
    observer.observe(node.firstElementChild);
    return () => observer.disconnect();
  }, []);

  const toLatest = () => {
    sticks.current = true;
    setFrom(null);
    setAway(false);
    box.current.scrollTop = box.current.scrollHeight;
  };
  const follow = () => {
    const { scrollTop, scrollHeight, clientHeight } = box.current;
    const below = scrollHeight - scrollTop - clientHeight;
    sticks.current = isLatest && below < 60;
    setAway(!sticks.current);
    if (scrollTop < 600 && (start > 0 || more)) {
      if (start > 0) {
        anchor.current = place(box.current);
        setFrom(older(messages, start));
      } else if (!loadingOlder) {
        anchor.current = place(box.current);
        if (from === null) setFrom(messages[0].seq);
        loadOlder(id);
      }
    } else if (below < 400 && !isLatest) {
      anchor.current = place(box.current);
      setFrom(newer(messages, start));
    }
  };
  // Older messages may arrive long after they were asked for: the place is taken just before they are drawn.
  const count = useRef(messages.length);
  if (box.current && count.current !== messages.length && !sticks.current) anchor.current = place(box.current);
  count.current = messages.length;

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
    ${isAway && html`<button type="button" class="to-latest" onClick=${toLatest}><${Icon} name="down" size=${16} /> ${t('thread-latest')}</button>`}
  </div>`;
}

function Row({ message, before, thread }) {
  const isNewDay = !before || !isSameDay(before.at, message.at);
  const isSame = !isNewDay && !isHappening(before) && before.author === message.author && before.name === message.name && message.at - before.at < 300_000;
  return html`${isNewDay && html`<p class="day"><span>${day(message.at)}</span></p>`}<${Message} message=${message} isSame=${isSame} turn=${thread.turns.get(message.id)} />`;
}

function asMessage(entry) {
  return {
    id: entry.client_id, author: entry.note ? 'note' : 'agent', name: session.value?.agent.name || agentId.value, at: entry.at,
    parts: [{ type: 'text', text: entry.text }], choices: [], citations: [], state: entry.state, failure: null,
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
