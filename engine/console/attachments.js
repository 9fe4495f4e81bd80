// Files that wait in the composer. Each is brought to the server as soon as it is chosen, so that what the platform makes of
// it is said before anything is sent.
import { signal } from './vendor/runtime.js';
import { session } from './store.js';

export const LARGEST = 20 << 20;
export const MOST = 10;
/** The kinds that are taken, as a file picker wants them. */
export const KINDS = 'image/png,image/jpeg,image/gif,image/webp,video/mp4,video/webm,audio/mpeg,audio/mp4,audio/ogg,audio/wav,.pdf,.docx,.xlsx,.pptx,.zip,.txt,.csv';

/** By conversation: [{key, name, size, state: bringing|ready|failed, fault, part (of 1), preview, kept}]. */
export const attached = signal(new Map());
const requests = new Map();
const files = new Map();
let serial = 0;

export const attachedTo = (id) => attached.value.get(id) ?? [];

/** Takes files for a reply in this conversation; those beyond the most stay outside, and their number comes back. */
export function attachFiles(id, chosen) {
  const room = Math.max(0, MOST - (attached.peek().get(id)?.length ?? 0));
  const all = [...chosen];
  for (const file of all.slice(0, room)) {
    const key = String(++serial);
    const isLarge = file.size > LARGEST;
    const preview = /^image\//.test(file.type) ? URL.createObjectURL(file) : null;
    files.set(key, file);
    set(id, [...(attached.peek().get(id) ?? []), { key, name: file.name, size: file.size, preview, part: 0, state: isLarge ? 'failed' : 'bringing', fault: isLarge ? 'large' : null }]);
    if (!isLarge) bring(id, key);
  }
  return Math.max(0, all.length - room);
}

/** Brings a file again that did not arrive. */
export function bringAgain(id, key) {
  change(id, key, { state: 'bringing', fault: null, part: 0 });
  bring(id, key);
}

export function detach(id, key) {
  const gone = attached.peek().get(id)?.find((each) => each.key === key);
  requests.get(key)?.abort();
  forget(gone);
  set(id, (attached.peek().get(id) ?? []).filter((each) => each.key !== key));
}

/** Takes everything that is ready out, for the message that is sent now. */
export function takeAttached(id) {
  const ready = (attached.peek().get(id) ?? []).filter(({ state }) => state === 'ready');
  ready.forEach(forget);
  set(id, (attached.peek().get(id) ?? []).filter(({ state }) => state !== 'ready'));
  return ready.map(({ kept }) => kept);
}

/** Puts the files of a message back that was not sent. */
export function restoreAttached(id, kept) {
  const back = (kept ?? []).map((each) => ({ key: String(++serial), name: each.name, size: each.size, preview: each.kind === 'image' ? each.url : null, part: 1, state: 'ready', fault: null, kept: each }));
  if (back.length) set(id, [...back, ...(attached.peek().get(id) ?? [])]);
}

function forget(each) {
  if (each?.preview?.startsWith('blob:')) URL.revokeObjectURL(each.preview);
  files.delete(each?.key);
  requests.delete(each?.key);
}

function bring(id, key) {
  const request = new XMLHttpRequest();
  requests.set(key, request);
  request.open('POST', new URL(`../api/v1/conversations/${encodeURIComponent(id)}/files`, import.meta.url));
  request.responseType = 'json';
  request.setRequestHeader('x-sala-csrf', session.peek()?.csrf ?? '');
  request.setRequestHeader('content-type', 'application/octet-stream');
  request.setRequestHeader('x-file-name', encodeURIComponent(files.get(key)?.name ?? ''));
  request.upload.onprogress = ({ loaded, total }) => change(id, key, { part: total ? loaded / total : 0 });
  request.onloadend = () => {
    if (request.status === 201) {
      const { url, kind, goes, name, size } = request.response.file;
      change(id, key, { state: 'ready', name, kept: { url, kind, goes, name, size } });
    } else change(id, key, { state: 'failed', fault: { 413: 'large', 415: 'kind' }[request.status] ?? 'lost' });
  };
  request.send(files.get(key));
}

function change(id, key, news) {
  set(id, (attached.peek().get(id) ?? []).map((each) => each.key === key ? { ...each, ...news } : each));
}

function set(id, all) {
  const next = new Map(attached.peek());
  if (all.length) next.set(id, all);
  else next.delete(id);
  attached.value = next;
}
