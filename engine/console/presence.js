// Who else is in a conversation right now, as leases: what is not renewed is over.
import { signal } from './vendor/runtime.js';
import { agentId } from './store.js';

/** By conversation: {agents: [{id, name, doing}], customerTypes}. */
export const presence = signal(new Map());

const VIEWING_MS = 15_000;
const COMPOSING_MS = 8_000;
const SWEEP_MS = 2_000;
/** By conversation: {customer: time, agents: Map of id to {name, viewing: time, composing: time}}. */
const leases = new Map();
let timer = 0;

export function heardOf(id, agents) {
  const lease = leaseOf(id);
  for (const { id: agent, name, doing } of agents) {
    if (agent !== agentId.peek()) lease.agents.set(agent, { ...lease.agents.get(agent), name, viewing: Date.now(), [doing]: Date.now() });
  }
  sweep();
}

export function heardTyping(id) {
  leaseOf(id).customer = Date.now();
  sweep();
}

/** The customer has sent what was being typed. */
export function stoppedTyping(id) {
  if (!leases.has(id)) return;
  leases.get(id).customer = 0;
  sweep();
}

export function clearPresence() {
  leases.clear();
  sweep();
}

function leaseOf(id) {
  if (!leases.has(id)) leases.set(id, { customer: 0, agents: new Map() });
  return leases.get(id);
}

// Drops what is over and shows what is left; runs on only while something is left.
function sweep() {
  const now = Date.now();
  const shown = new Map();
  for (const [id, { customer, agents }] of leases) {
    for (const [agent, { viewing }] of agents) if (now - viewing > VIEWING_MS) agents.delete(agent);
    const customerTypes = now - customer < COMPOSING_MS;
    if (!agents.size && !customerTypes) leases.delete(id);
    else shown.set(id, { customerTypes, agents: [...agents].map(([agent, each]) => ({ id: agent, name: each.name, doing: now - (each.composing ?? 0) < COMPOSING_MS ? 'composing' : 'viewing' })) });
  }
  if (shown.size || presence.peek().size) presence.value = shown;
  clearTimeout(timer);
  if (shown.size) timer = setTimeout(sweep, SWEEP_MS);
}
