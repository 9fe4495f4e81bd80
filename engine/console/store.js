// Everything the console knows, as signals. Server news enters through `apply`; views only read.
import { batch, computed, signal } from './vendor/runtime.js';

/** undefined: not known yet; null: signed out; else {agent, tenant, csrf}. */
export const session = signal(undefined);
/** connecting, live or offline. */
export const connection = signal('connecting');
/** Every conversation heard of, by id. */
export const conversations = signal(new Map());
export const counts = signal({ mine: 0, waiting: 0, comments: 0, all: 0 });
/** What the list shows: tab mine|waiting|comments|all, status open|resolved, and the search text. */
export const filter = signal({ tab: 'all', status: 'open', q: '' });
/** By `listKey`: {ids: Set, next, state: loading|ready|failed, problem}. */
export const lists = signal(new Map());
/** By conversation: {state, problem, messages (oldest first), more, loadingOlder, person, colleague (whose address it is), tags, turns (by message id)}. */
export const threads = signal(new Map());
/** By conversation: another agent's reply that came between, {name, text}. */
export const collisions = signal(new Map());
/** By message: this agent's own thumb. */
export const ownThumbs = signal(new Map());
/** What the bots call intents, flows and entities: {accounts: bot by account, bots: titles by bot}. */
export const titles = signal({ accounts: {}, bots: {} });
/** Counts what was heard of channel accounts: whoever shows them asks again. */
export const accountNews = signal(0);
/** What this agent sent last: its thread shows it. */
export const posted = signal(null);
export const selectedId = signal(null);
/** The customer message whose turn the panel shows; null means the latest. */
export const selectedMessageId = signal(null);

export const listKey = ({ tab, status, q }) => `${tab}/${status}/${q}`;
export const selected = computed(() => conversations.value.get(selectedId.value) || null);
export const thread = computed(() => threads.value.get(selectedId.value) || null);
export const agentId = computed(() => session.value?.agent.id);
export const may = (permission) => Boolean(session.value?.agent.permissions.includes(permission));
export const isMine = (conversation) => conversation.control === 'agent' && conversation.agent?.id === agentId.value;

/** A comment that neither the bot nor a person has answered. */
export const isOpenComment = ({ comment, control, unanswered }) => Boolean(comment) && control === 'bot' && unanswered > 0;

/** A copy of the signal's map with one entry changed; `change` gets the old value. */
export function alter(map, key, change) {
  const next = new Map(map.peek());
  const value = change(next.get(key));
  if (value === undefined) next.delete(key);
  else next.set(key, value);
  map.value = next;
}

/** Changes a thread that is loaded, and nothing otherwise. */
export function alterThread(id, change) {
  if (threads.peek().has(id)) alter(threads, id, (old) => ({ ...old, ...change(old) }));
}

/** One live event. Returns false where the counts can no longer be trusted and must be fetched. */
export function apply({ kind, conversation_id: id, data }) {
  let exact = true;
  batch(() => {
    if (kind === 'message.created' || kind === 'message.updated') takeMessage(id, data.message);
    else if (kind === 'conversation.updated') exact = takeConversation(data.conversation);
    else if (kind === 'turn.recorded') alterThread(id, ({ turns }) => ({ turns: new Map(turns).set(data.turn.message_id, data.turn) }));
    else if (kind === 'channel.updated') accountNews.value += 1;
    else if (kind === 'feedback.recorded') takeFeedback(id, data);
  });
  return exact;
}

/** Puts a message in its place by `seq`; the same id again replaces it. */
export function takeMessage(id, message) {
  alterThread(id, ({ messages }) => ({ messages: withMessages(messages, [message]) }));
}

/** Takes the answer to a message of ours: what the live events have said of it meanwhile is newer. */
export function takePosted(id, message) {
  posted.value = { id, message: message.id };
  alterThread(id, ({ messages }) => ({ messages: withMessages([message], messages) }));
}

export function withMessages(messages, news) {
  const byId = new Map(messages.map((each) => [each.id, each]));
  for (const each of news) byId.set(each.id, each);
  return [...byId.values()].sort((a, b) => a.seq - b.seq);
}

export function takeConversation(conversation) {
  const before = conversations.peek().get(conversation.id);
  alter(conversations, conversation.id, () => conversation);
  const next = new Map(lists.peek());
  for (const [key, list] of next) next.set(key, placed(key, list, conversation));
  lists.value = next;
  if (!before) return false;
  counts.value = Object.fromEntries(Object.entries(counts.peek()).map(([tab, count]) =>
    [tab, Math.max(0, count + Number(belongs(conversation, tab, 'open')) - Number(belongs(before, tab, 'open')))]));
  return true;
}

export function belongs(conversation, tab, status) {
  if (conversation.status !== status) return false;
  if (tab === 'mine') return isMine(conversation);
  if (tab === 'comments') return isOpenComment(conversation);
  return tab === 'all' || conversation.control === 'waiting' && !conversation.colleague;
}

// A search is the server's answer: it keeps its members. Elsewhere a conversation comes and goes with its state, but one
// that is older than the last loaded page waits for its page.
function placed(key, list, conversation) {
  const [tab, status, ...q] = key.split('/');
  if (q.join('/')) return list;
  const ids = new Set(list.ids);
  if (!belongs(conversation, tab, status)) ids.delete(conversation.id);
  else if (!list.next || conversation.last_at >= oldest(list)) ids.add(conversation.id);
  return { ...list, ids };
}

function oldest(list) {
  const known = conversations.peek();
  return Math.min(...[...list.ids].map((id) => known.get(id)?.last_at ?? Infinity));
}

function takeFeedback(id, { message_id: messageId, source, value }) {
  if (source !== 'customer') return;
  alterThread(id, ({ messages }) => ({
    messages: messages.map((each) => each.id === messageId ? { ...each, thumb: value || null } : each),
  }));
}
