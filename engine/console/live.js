// The one socket of this tab: resumes by cursor, reconnects with jitter, and says honestly how it stands.
import { effect } from './vendor/runtime.js';
import { post } from './api.js';
import { flushOutbox } from './outbox.js';
import { notify } from './notice.js';
import { agentId, apply, connection, selectedId, session } from './store.js';
import { clearPresence, heardOf, heardTyping, stoppedTyping } from './presence.js';

const PING_MS = 25_000;
const SILENCE_MS = 40_000;
const FIRST_WAIT_MS = 1_000;
const LAST_WAIT_MS = 30_000;
/** A lease lasts 15 seconds; it is renewed well before. */
const VIEWING_MS = 10_000;
const COMPOSING_MS = 5_000;

let socket = null;
let cursor = null;
let tries = 0;
let heardAt = 0;
let composedAt = 0;
let retryTimer = 0;
let countsTimer = 0;
let refetch = null;
let recount = null;
let isStarted = false;

/** Connects, and stays connected until `stopLive`. It calls back when everything, or only the counts, must be fetched again. */
export function startLive(calls) {
  ({ refetch, recount } = calls);
  cursor = null;
  tries = 0;
  if (!isStarted) watch();
  isStarted = true;
  close();
  connect();
}

export function stopLive() {
  clearTimeout(retryTimer);
  close();
}

/** Tells the others that this agent writes in the open conversation; at most every five seconds. */
export function tellComposing(id) {
  if (Date.now() - composedAt < COMPOSING_MS) return;
  composedAt = Date.now();
  send({ type: 'composing', conversation_id: id });
}

function watch() {
  addEventListener('online', wake);
  addEventListener('offline', () => {
    close();
    connection.value = 'offline';
  });
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) wake();
  });
  setInterval(check, PING_MS);
  setInterval(tellViewing, VIEWING_MS);
  effect(() => {
    if (selectedId.value) tellViewing();
  });
  effect(() => {
    if (session.value === null) stopLive();
  });
}

function wake() {
  tries = 0;
  if (session.peek() && !socket) connect();
  else check();
}

// A laptop that slept holds a socket that is dead without knowing it.
function check() {
  if (!socket) return;
  if (Date.now() - heardAt > SILENCE_MS) lost(socket);
  else send({ type: 'ping' });
}

function tellViewing() {
  const id = selectedId.peek();
  if (id && !document.hidden) send({ type: 'viewing', conversation_id: id });
}

async function connect() {
  clearTimeout(retryTimer);
  connection.value = navigator.onLine ? 'connecting' : 'offline';
  const mine = socket = { wire: null };
  try {
    const { ticket } = await post('live/ticket');
    if (mine !== socket) return;
    const url = new URL('../api/v1/live', import.meta.url);
    url.protocol = url.protocol.replace('http', 'ws');
    mine.wire = new WebSocket(url);
    heardAt = Date.now();
    mine.wire.onopen = () => send({ type: 'hello', ticket, cursor });
    mine.wire.onclose = () => lost(mine);
    mine.wire.onmessage = ({ data }) => {
      heardAt = Date.now();
      if (mine === socket) receive(JSON.parse(data));
    };
  } catch {
    lost(mine);
  }
}

function lost(which) {
  if (which !== socket) return;
  close();
  if (!session.peek()) return;
  connection.value = navigator.onLine ? 'connecting' : 'offline';
  const wait = Math.min(LAST_WAIT_MS, FIRST_WAIT_MS * 2 ** tries) * (0.75 + Math.random() / 2);
  tries += 1;
  retryTimer = setTimeout(connect, wait);
}

function close() {
  const old = socket;
  socket = null;
  old?.wire?.close();
  clearPresence();
}

function send(frame) {
  if (socket?.wire?.readyState === WebSocket.OPEN) socket.wire.send(JSON.stringify(frame));
}

function receive(frame) {
  if (frame.type === 'ready' || frame.type === 'resync') {
    // The first fetch ran beside the connecting: what happened between the two is fetched now.
    const isBehind = cursor === null || frame.type === 'resync';
    cursor = frame.cursor;
    tries = 0;
    connection.value = 'live';
    if (isBehind) refetch();
    tellViewing();
    flushOutbox();
  } else if (frame.type === 'event') {
    cursor = frame.cursor;
    if (frame.data.message?.author === 'customer') stoppedTyping(frame.conversation_id);
    if (cameToMe(frame)) notify('notice-passage-yours');
    if (!apply(frame)) countAgain();
  } else if (frame.type === 'presence') {
    heardOf(frame.conversation_id, frame.agents);
  } else if (frame.type === 'typing') {
    heardTyping(frame.conversation_id);
  }
}

/** True where a customer of this agent went on in another conversation. */
function cameToMe({ kind, data }) {
  const passage = kind === 'message.created' && data.message.passage;
  return passage && passage.what === 'came_from' && passage.with === 'agent' && passage.agent?.id === agentId.peek();
}

function countAgain() {
  clearTimeout(countsTimer);
  countsTimer = setTimeout(recount, 800);
}
