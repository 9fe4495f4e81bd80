// Messages on their way to the server. Each is kept on this device until the server has it, under its client id, by which
// the server knows a repetition: sending again is always safe.
import { signal } from './vendor/runtime.js';
import { post } from './api.js';
import { restoreAttached } from './attachments.js';
import { restoreDraft, setMode } from './drafts.js';
import { keep, kept, keptUnder } from './keep.js';
import { detailOf } from './problem_text.js';
import { agentId, alter, alterThread, collisions, takeConversation, takePosted, threads, withMessages } from './store.js';

/** [{client_id, conversation_id, text, files, note, take, seen_seq, at, state: queued|failed, problem}], oldest first. */
export const outbox = signal([]);

const RETRY_MS = 5_000;
let isFlushing = false;
let retryTimer = 0;

/** Takes up what an earlier page left unsent. */
export function startOutbox() {
  outbox.value = keptUnder(prefix()).sort((a, b) => a.at - b.at).map((each) => ({ ...each, isOld: true }));
  flushOutbox();
}

/** Queues a message: with `take`, the conversation is taken over first. */
export function sendMessage({ conversationId, text, note, take, quotes, answer, files }) {
  const seen = threads.peek().get(conversationId)?.messages.at(-1)?.seq ?? 0;
  const entry = { client_id: crypto.randomUUID(), conversation_id: conversationId, text, note, take, quotes, answer, files: files?.length ? files : undefined, seen_seq: seen, at: Date.now(), state: 'queued' };
  keep(prefix() + entry.client_id, entry);
  outbox.value = [...outbox.peek(), entry];
  alter(collisions, conversationId, () => undefined);
  flushOutbox();
}

export function retryMessage(clientId) {
  change(clientId, { state: 'queued', problem: null });
  flushOutbox();
}

/** Gives up sending; the text goes back to the composer. */
export function discardMessage(entry) {
  forget(entry);
  restoreDraft(entry.conversation_id, entry.note ? 'note' : 'reply', entry.text);
  restoreAttached(entry.conversation_id, entry.files);
}

/** Sends what is queued, in order, one tab at a time. */
export async function flushOutbox() {
  if (isFlushing || !agentId.peek()) return;
  isFlushing = true;
  clearTimeout(retryTimer);
  try {
    await navigator.locks.request('sala:outbox', sendQueued);
  } finally {
    isFlushing = false;
  }
}

async function sendQueued() {
  for (let entry; (entry = outbox.peek().find((each) => each.state === 'queued'));) {
    // Another tab that found the same entry on this device may have sent it.
    if (entry.isOld && !kept(prefix() + entry.client_id)) {
      forget(entry);
      continue;
    }
    try {
      await sendOne(entry);
    } catch (problem) {
      if (problem.passing) {
        retryTimer = setTimeout(flushOutbox, problem.retryAfter ? problem.retryAfter * 1000 : RETRY_MS);
        return;
      }
      if (!agentId.peek()) return;
      refused(entry, problem);
    }
  }
}

async function sendOne(entry) {
  const path = `conversations/${encodeURIComponent(entry.conversation_id)}`;
  if (entry.take) {
    takeConversation((await post(`${path}/take`)).conversation);
    change(entry.client_id, { take: false });
  }
  const { client_id, text, note, seen_seq, quotes, answer } = entry;
  const files = entry.files?.map(({ url, kind, goes }) => ({ url, kind, link: goes === 'link' }));
  const { message } = await post(`${path}/messages`, { client_id, text, note, seen_seq, quotes, answer, files });
  forget(entry);
  takePosted(entry.conversation_id, message);
}

function refused(entry, problem) {
  const between = problem.status === 409 && problem.body.messages;
  if (!between && !(problem.status === 409 && entry.take)) {
    change(entry.client_id, { state: 'failed', problem: { status: problem.status, body: problem.body } });
    return;
  }
  // Somebody else was quicker: their words are shown, and this agent's go back to the composer to be thought over.
  const id = entry.conversation_id;
  const mode = entry.note ? 'note' : 'reply';
  forget(entry);
  restoreDraft(id, mode, entry.text);
  restoreAttached(id, entry.files);
  setMode(id, mode);
  if (between) alterThread(id, ({ messages }) => ({ messages: withMessages(messages, between) }));
  const last = between?.at(-1);
  alter(collisions, id, () => ({ name: last?.name || '', taken: !between, detail: detailOf(problem) }));
}

function change(clientId, news) {
  outbox.value = outbox.peek().map((each) => each.client_id === clientId ? { ...each, ...news } : each);
  const entry = outbox.peek().find((each) => each.client_id === clientId);
  if (entry) keep(prefix() + clientId, entry);
}

function forget(entry) {
  keep(prefix() + entry.client_id, null);
  outbox.value = outbox.peek().filter((each) => each.client_id !== entry.client_id);
}

const prefix = () => `outbox:${agentId.peek()}:`;
