// Until when the platform lets us answer a conversation, and what is left after that.
import { html } from '../vendor/runtime.js';
import { moment, now } from '../format.js';
import { t } from '../i18n.js';
import { Icon } from '../icons.js';

/** Less than this left is worth a warning. */
const SOON = 2 * 3_600_000;

/** How it stands now: `open`, `human`, `templates` or `shut`, with its end; null where the platform has no such rule. */
export function windowNow({ window }) {
  if (!window) return null;
  if (now.value < window.open_until) return { kind: 'open', until: window.open_until };
  if (now.value < window.human_until) return { kind: 'human', until: window.human_until };
  return { kind: window.then_templates ? 'templates' : 'shut' };
}

/** True where a reply in words would be refused. */
export const isShut = (conversation) => ['templates', 'shut'].includes(windowNow(conversation)?.kind);

export function AnswerWindow({ conversation }) {
  const standing = windowNow(conversation);
  if (!standing) return null;
  const { kind, until } = standing;
  const isUrgent = !until || until - now.value < SOON;
  return html`<p class=${`answer-window ${isUrgent ? 'urgent' : ''}`}><${Icon} name=${until ? 'clock' : 'lock'} size=${14} /> ${t(`window-${kind}`, until && { time: moment(until) })}</p>`;
}
