// Who owns the next word, what that means, and the button that changes it.
import { html, useRef, useState } from '../vendor/runtime.js';
import { act, loadThread } from '../actions.js';
import { handOver, mayHandOver } from '../acts.js';
import { MINUTE, duration, label, now } from '../format.js';
import { t } from '../i18n.js';
import { Icon } from '../icons.js';
import { notify } from '../notice.js';
import { isMine, isOpenComment, may } from '../store.js';

export function ControlBar({ conversation }) {
  const { icon, kind, text, verb, ...standard } = standing(conversation);
  // Who may only read is told so instead of what taking over would mean; a reason or a resolved one's future is everyone's.
  const mayReply = may('conversations.reply');
  const hint = mayReply || !standard.isAdvice ? standard.hint : t('control-read-only');
  return html`<div class=${`control ${kind}`} role="status">
    <${Icon} name=${icon} />
    <p><b>${text}</b>${hint && html` <span>${hint}</span>`}</p>
    ${mayReply && conversation.status === 'open' && mayHandOver(conversation.id) && html`<${Handover} conversation=${conversation} />`}
    ${verb && mayReply && !(isInInbox(conversation) && mayHandOver(conversation.id)) && html`<${ActionButton} id=${conversation.id} verb=${verb} icon=${verb === 'take' ? 'agent' : 'return'} className=${`owning ${verb === 'take' ? 'primary' : 'plain'}`} />`}
  </div>`;
}

/** Passes the thread to the platform's own inbox; where it is there, takes it back. */
function Handover({ conversation }) {
  const [isBusy, setBusy] = useState(false);
  const isThere = isInInbox(conversation);
  const name = isThere ? 'thread-take' : 'thread-pass';
  const run = async () => {
    setBusy(true);
    await handOver(isThere ? 'us' : 'inbox');
    setBusy(false);
  };
  return html`<button type="button" class=${isThere ? 'owning primary' : 'plain'} disabled=${isBusy} title=${t(`${name}-meaning`)} onClick=${run}><${Icon} name=${isThere ? 'return' : 'inbox'} size=${16} /> <span>${t(name)}</span></button>`;
}

/** True where people answer in the platform's own inbox. */
const isInInbox = ({ control, agent }) => control === 'agent' && !agent?.name;
/** True where people answer in LINE's own manager. */
export const isInManager = (conversation) => conversation.channel === 'line' && isInInbox(conversation);

function standing(conversation) {
  const { status, control, agent, waiting_since: since, handoff_reason: reason } = conversation;
  if (status === 'resolved') return { icon: 'check', kind: 'resolved', text: t('control-resolved'), hint: t('control-resolved-hint'), verb: null };
  if (isOpenComment(conversation)) return { icon: 'comment', kind: 'waiting', text: t('control-comment'), hint: t('control-comment-hint'), verb: 'take' };
  if (conversation.comment && control === 'bot') return { icon: 'comment', kind: 'bot', text: t('control-comment-answered'), hint: t('control-comment-answered-hint'), isAdvice: true, verb: 'take' };
  if (control === 'waiting' && conversation.colleague) return { icon: 'agent', kind: 'bot', text: t('person-colleague', { name: conversation.colleague }), hint: t('control-colleague-hint'), isAdvice: true, verb: 'take' };
  if (control === 'waiting') {
    return { icon: 'clock', kind: 'waiting', text: now.value - since < MINUTE ? t('control-waiting-now') : t('control-waiting', { time: duration(now.value - since) }), hint: reason ? t('control-reason', { reason: label('reason', reason) }) : null, verb: 'take' };
  }
  if (isMine(conversation)) return { icon: 'agent', kind: 'mine', text: t('control-mine'), hint: t('control-mine-hint'), verb: 'hand-back' };
  // LINE tells whose the chat is, and shows us nothing of what is written there.
  if (control === 'agent' && isInManager(conversation)) return { icon: 'inbox', kind: 'other', text: t('control-line-manager'), hint: t('control-line-manager-hint'), verb: null };
  if (control === 'agent') return { icon: 'agent', kind: 'other', text: agent?.name ? t('control-other', { name: agent.name }) : t('control-inbox'), hint: null, verb: agent?.name ? null : 'take' };
  return { icon: 'bot', kind: 'bot', text: t('control-bot'), hint: t('control-bot-hint'), isAdvice: true, verb: 'take' };
}

/** A button for take, hand-back or resolve; its title says what it means. A refusal is told, and the truth fetched. */
export function ActionButton({ id, verb, icon, className }) {
  const [isBusy, setBusy] = useState(false);
  const button = useRef(null);
  const run = async () => {
    setBusy(true);
    try {
      await act(id, verb);
      // Who has taken over writes; who gives back or closes goes on from the same place.
      requestAnimationFrame(() => (verb === 'hand-back' && button.current || document.getElementById('composer') || button.current)?.focus());
    } catch (problem) {
      notify(verb === 'take' && problem.status === 409 ? 'notice-taken' : 'notice-failed', problem);
      loadThread(id);
    }
    setBusy(false);
  };
  return html`<button type="button" ref=${button} class=${className} disabled=${isBusy} title=${t(`action-${verb}-meaning`)} onClick=${run}><${Icon} name=${icon} size=${16} /> <span>${t(`action-${verb}`)}</span></button>`;
}
