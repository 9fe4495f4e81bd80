// What an agent has begun to write: kept per conversation and per mode, so a note can't turn into a reply.
import { signal } from './vendor/runtime.js';
import { keep, kept } from './keep.js';
import { alter, agentId } from './store.js';

/** The composer's mode, reply or note, by conversation. */
export const modes = signal(new Map());
const drafts = signal(new Map());

export const modeOf = (id) => modes.value.get(id) || 'reply';

export function setMode(id, mode) {
  alter(modes, id, () => mode);
}

export function draftOf(id, mode) {
  const name = nameOf(id, mode);
  return drafts.value.get(name) ?? kept(name) ?? '';
}

export function setDraft(id, mode, text) {
  const name = nameOf(id, mode);
  alter(drafts, name, () => text);
  keep(name, text || null);
}

/** Puts a text that was not sent back where it was written, before what has been written since. */
export function restoreDraft(id, mode, text) {
  const now = draftOf(id, mode);
  setDraft(id, mode, now.trim() ? `${text}\n\n${now}` : text);
}

const nameOf = (id, mode) => `draft:${agentId.peek()}:${id}:${mode}`;
