// What an agent can do, and what the console fetches: every call of the JSON API except sending, which is in outbox.js.
import { batch } from './vendor/runtime.js';
import { Problem, get, post, put, remove } from './api.js';
import { keep, kept } from './keep.js';
import { followAgent } from './i18n.js';
import { startLive, stopLive } from './live.js';
import { startOutbox } from './outbox.js';
import {
  accountNews, alter, alterThread, conversations, counts, filter, listKey, lists, may, ownThumbs, selectedId, selectedMessageId, session, takeConversation, threads, titles,
  withMessages,
} from './store.js';

const LIST_PAGE = 50;
const THREAD_PAGE = 60;
/** Threads kept in memory; the one used longest ago goes first. */
const THREADS_KEPT = 12;

/** Learns from the cookie whether somebody is signed in. */
export async function restoreSession() {
  try {
    const answer = await get('session');
    if (answer.agent) await begin(answer);
    else session.value = null;
  } catch (problem) {
    session.value = null;
    if (!(problem instanceof Problem)) throw problem;
  }
}

export async function signIn(email, password) {
  await begin(await post('session', { email, password }));
}

export async function signOut() {
  await remove('session').catch(() => {});
  stopLive();
  forgetAll();
  session.value = null;
}

async function begin(answer) {
  await followAgent(answer.agent.language);
  if (session.peek()?.agent.id !== answer.agent.id) forgetAll();
  const tab = kept('tab');
  if (tab) filter.value = { ...filter.peek(), tab };
  session.value = answer;
  if (!may('conversations.read')) return;
  startOutbox();
  startLive({ refetch, recount: loadCounts });
  loadList();
  loadTitles();
}

function forgetAll() {
  batch(() => {
    conversations.value = new Map();
    lists.value = new Map();
    threads.value = new Map();
    ownThumbs.value = new Map();
  });
}

/** Fetches again what is on screen, without taking it off the screen. Used after a start and after a resync. */
export function refetch() {
  const key = listKey(filter.peek());
  lists.value = new Map([...lists.peek()].filter(([each]) => each === key));
  const open = selectedId.peek();
  threads.value = new Map([...threads.peek()].filter(([each]) => each === open));
  accountNews.value += 1;
  loadList();
  loadTitles();
  if (open) loadThread(open);
}

/** Changes what the list shows. */
export function choose(change) {
  filter.value = { ...filter.peek(), ...change };
  if (change.tab) keep('tab', change.tab);
  loadList();
}

/** Fetches the first page of the chosen list. */
export async function loadList() {
  const wanted = filter.peek();
  const key = listKey(wanted);
  alter(lists, key, (old) => ({ ids: old?.ids || new Set(), next: old?.next || null, state: old?.state === 'ready' ? 'ready' : 'loading', problem: null }));
  try {
    takeList(key, wanted, await get(listPath(wanted, null)), false);
  } catch (problem) {
    alter(lists, key, (old) => ({ ...old, state: old.ids.size ? 'ready' : 'failed', problem }));
  }
}

export async function loadMoreOfList() {
  const wanted = filter.peek();
  const key = listKey(wanted);
  const list = lists.peek().get(key);
  if (!list?.next || list.more) return;
  alter(lists, key, (old) => ({ ...old, more: true }));
  try {
    takeList(key, wanted, await get(listPath(wanted, list.next)), true);
  } catch {
    alter(lists, key, (old) => ({ ...old, more: false }));
  }
}

// Without titles the ids are shown as words; the next start or resync asks again.
async function loadTitles() {
  titles.value = await get('titles').catch(() => titles.peek());
}

// For news of conversations that were not known.
async function loadCounts() {
  const answer = await get('conversations?tab=all&status=open&limit=1').catch(() => null);
  if (answer) counts.value = answer.counts;
}

function listPath({ tab, status, q }, before) {
  const query = new URLSearchParams({ tab, status, limit: LIST_PAGE });
  if (q) query.set('q', q);
  if (before) query.set('before', before);
  return `conversations?${query}`;
}

function takeList(key, { status, q }, answer, isMore) {
  batch(() => {
    const next = new Map(conversations.peek());
    for (const each of answer.conversations) next.set(each.id, each);
    conversations.value = next;
    const ids = answer.conversations.map((each) => each.id);
    alter(lists, key, (old) => ({ ids: new Set(isMore ? [...old.ids, ...ids] : ids), next: answer.next, state: 'ready', problem: null, more: false }));
    if (status === 'open' && !q) counts.value = answer.counts;
  });
}

export function openConversation(id) {
  batch(() => {
    selectedId.value = id;
    selectedMessageId.value = null;
  });
  if (threads.peek().get(id)?.state !== 'ready') loadThread(id);
}

export function closeConversation() {
  selectedId.value = null;
}

/** Fetches a conversation with its last page of messages. */
export async function loadThread(id) {
  alter(threads, id, (old) => old || { state: 'loading', problem: null, messages: [], more: false, person: null, turns: new Map() });
  try {
    const path = `conversations/${encodeURIComponent(id)}`;
    const [about, page] = await Promise.all([get(path), get(`${path}/messages?limit=${THREAD_PAGE}`)]);
    takeConversation(about.conversation);
    alterThread(id, (old) => ({
      state: 'ready',
      problem: null,
      person: about.person,
      acts: about.acts,
      colleague: about.colleague,
      tags: about.tags,
      cost: about.cost,
      turns: withTurns(old, page),
      ...joined(old, page),
    }));
    takeOwnThumbs(page);
    dropOldThreads();
  } catch (problem) {
    alterThread(id, (old) => ({ state: old.state === 'ready' ? 'ready' : 'failed', problem }));
  }
}

/** What a conversation cost so far, read again. */
export async function loadCost(id) {
  const { cost } = await get(`conversations/${encodeURIComponent(id)}`);
  alterThread(id, () => ({ cost }));
}

// A page that does not reach what was loaded before would leave a hole: then only the page is kept.
function joined(old, page) {
  const reaches = old.messages.length > 0 && (page.messages[0]?.seq ?? 0) <= old.messages.at(-1).seq + 1;
  return reaches ? { messages: withMessages(old.messages, page.messages) } : { messages: page.messages, more: page.more };
}

const withTurns = (old, page) => new Map([...old.turns, ...page.turns.map((turn) => [turn.message_id, turn])]);

function takeOwnThumbs(page) {
  ownThumbs.value = new Map([...ownThumbs.peek(), ...Object.entries(page.own_thumbs)]);
}

function dropOldThreads() {
  const ids = [...threads.peek().keys()];
  if (ids.length <= THREADS_KEPT) return;
  const open = selectedId.peek();
  const gone = new Set(ids.filter((each) => each !== open).slice(0, ids.length - THREADS_KEPT));
  threads.value = new Map([...threads.peek()].filter(([each]) => !gone.has(each)));
}

export async function loadOlder(id) {
  const now = threads.peek().get(id);
  if (!now?.more || now.loadingOlder) return;
  alterThread(id, () => ({ loadingOlder: true }));
  try {
    const page = await get(`conversations/${encodeURIComponent(id)}/messages?limit=${THREAD_PAGE}&before=${now.messages[0].seq}`);
    alterThread(id, (old) => ({ messages: withMessages(old.messages, page.messages), turns: withTurns(old, page), more: page.more, loadingOlder: false }));
    takeOwnThumbs(page);
  } catch {
    alterThread(id, () => ({ loadingOlder: false }));
  }
}

/** The verb is take, hand-back or resolve. Throws a Problem. */
export async function act(id, verb) {
  const { conversation } = await post(`conversations/${encodeURIComponent(id)}/${verb}`);
  takeConversation(conversation);
}

/** Gives, changes or (with 0) takes back this agent's thumb on a bot message. */
export async function giveFeedback(messageId, value, note) {
  const before = ownThumbs.peek().get(messageId);
  alter(ownThumbs, messageId, () => value);
  try {
    await put(`messages/${encodeURIComponent(messageId)}/feedback`, note ? { value, note } : { value });
  } catch (problem) {
    alter(ownThumbs, messageId, () => before);
    throw problem;
  }
}
