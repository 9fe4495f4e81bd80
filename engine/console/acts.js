// What agents do to messages and threads beside saying. A change is shown at once; where the platform refuses, it is taken
// back and the reason told.
import { signal } from './vendor/runtime.js';
import { post, put, remove } from './api.js';
import { notify } from './notice.js';
import { alter, selectedId, takeConversation, takeMessage, threads } from './store.js';

/** Who reacts when our side does. */
export const OURS = '@us';

/** By conversation: the id of the message that the next reply quotes. */
export const quoting = signal(new Map());
/** By conversation: public or private, where the agent has chosen how to answer a comment. */
const answers = signal(new Map());

export const quote = (id, message) => alter(quoting, id, () => message?.id);

export function chooseAnswer(id, answer) {
  alter(answers, id, () => answer);
}

const can = (id, act) => Boolean(threads.value.get(id)?.acts?.can.includes(act));
export const mayHandOver = (id) => can(id, 'handover');
export const isComment = (id) => can(id, 'answer_publicly');
export const mayHide = (id) => can(id, 'hide');

/** The emoji that may be offered; null where any will do, an empty list where none. */
export function reactionsOf(id) {
  const reactions = threads.value.get(id)?.acts?.reactions ?? 'none';
  return reactions === 'any' ? null : reactions.of ?? [];
}

/** Why the author of a comment cannot be answered alone: `answered` or `too_old`; null where it is possible. */
export function privateRefused(id) {
  const thread = threads.value.get(id);
  const isAnswered = thread?.messages.some((each) => each.answer === 'private' && each.state !== 'failed');
  return isAnswered ? 'answered' : thread?.acts?.private_refused ?? null;
}

/** To whom the next reply to a comment speaks; null elsewhere. To its author alone, where nobody has chosen. */
export function answerOf(id) {
  if (!isComment(id)) return null;
  return privateRefused(id) ? 'public' : answers.value.get(id) ?? 'private';
}

export function mayQuote(id, message) {
  if (!can(id, 'quote') || message.deleted || ['queued', 'uncertain', 'failed'].includes(message.state)) return false;
  const { acts, messages } = threads.value.get(id);
  return !acts.quotes_newest || messages.findLast((each) => each.author === 'customer')?.id === message.id;
}

const isOurs = ({ author, state, deleted, answer }) => ['bot', 'agent'].includes(author) && ['sent', 'delivered', 'read'].includes(state) && !deleted && answer !== 'private';

export function mayEdit(id, message) {
  const { parts, choices } = message;
  return can(id, 'edit') && isOurs(message) && parts.length === 1 && parts[0].type === 'text' && !choices?.length;
}

export function mayDelete(id, message) {
  const hours = threads.value.get(id)?.acts?.delete_hours;
  return can(id, 'delete') && isOurs(message) && (!hours || Date.now() - message.at < hours * 3_600_000);
}

/** Reacts, or with null takes our reaction back. */
export function react(id, message, emoji) {
  const others = (message.reactions ?? []).filter((each) => each.by !== OURS);
  const reactions = emoji ? [...others, { by: OURS, emoji }] : others;
  return change(id, message, { reactions }, () => put(`${pathOf(message)}/reaction`, { emoji }));
}

export function editMessage(id, message, text) {
  const [part] = message.parts;
  if (text === part.text) return Promise.resolve(true);
  const changed = { parts: [{ ...part, text }], earlier: [...message.earlier ?? [], part.text] };
  return change(id, message, changed, () => put(`${pathOf(message)}/text`, { text }));
}

export const deleteMessage = (id, message) => change(id, message, { deleted: true }, () => remove(pathOf(message)));
export const hideMessage = (id, message, hidden) => change(id, message, { hidden }, () => put(`${pathOf(message)}/visibility`, { hidden }));

const pathOf = (message) => `messages/${encodeURIComponent(message.id)}`;

/** True where the platform took it. */
async function change(id, message, changed, call) {
  takeMessage(id, { ...message, ...changed });
  try {
    takeMessage(id, (await call()).message);
    return true;
  } catch (problem) {
    takeMessage(id, message);
    notify('notice-failed', problem);
    return false;
  }
}

/** Gives the open thread to the platform's own inbox, or takes it back. */
export async function handOver(owner) {
  const id = selectedId.peek();
  try {
    takeConversation((await post(`conversations/${encodeURIComponent(id)}/thread-control`, { owner })).conversation);
  } catch (problem) {
    notify('notice-failed', problem);
  }
}
