// Going on elsewhere and being one with somebody: a code for the customer, LINE's own page, merging.
import { html, useState } from '../vendor/runtime.js';
import { isComment } from '../acts.js';
import { post } from '../api.js';
import { channelName, moment, personName } from '../format.js';
import { t } from '../i18n.js';
import { Icon } from '../icons.js';
import { notify } from '../notice.js';
import { detailOf, titleOf } from '../problem_text.js';
import { dialog } from '../settings.js';
import { isMine, selected, thread } from '../store.js';
import { isShut } from './answer_window.js';
import { isInManager } from './control_bar.js';
import { CopyBox } from './copy_box.js';
import { Dialog } from './dialog.js';
import { Find } from './merge.js';

/** Why no code can be sent now, in words; null where it can. */
function whyNot(conversation) {
  const { control, agent, channel, person } = conversation;
  if (isInManager(conversation)) return t('control-line-manager');
  if (isComment(conversation.id)) return t('link-others-read');
  if (control === 'agent' && !isMine(conversation)) return agent?.name ? t('link-not-yours', { name: agent.name }) : t('control-inbox');
  if (isShut(conversation)) return t('link-window-shut', { name: personName(person), channel: channelName(channel) });
  return null;
}

export function GoingOn({ conversation }) {
  const [isBusy, setBusy] = useState(false);
  const why = whyNot(conversation);
  const give = async () => {
    setBusy(true);
    try {
      await post(`conversations/${encodeURIComponent(conversation.id)}/link`, { client_id: crypto.randomUUID(), seen_seq: conversation.seq });
      notify('link-given');
    } catch (problem) {
      notify('notice-failed', problem);
    }
    setBusy(false);
  };
  return html`<section class="linking">
    <button type="button" class="plain" disabled=${isBusy || Boolean(why)} aria-describedby="link-why" title=${t('link-give-meaning')} onClick=${give}><${Icon} name="link" size=${16} /> ${t('link-give')}</button>
    <button type="button" class="plain" onClick=${() => { dialog.value = 'merge'; }}><${Icon} name="agent" size=${16} /> ${t('merge-open')}</button>
    ${conversation.channel === 'line' && html`<button type="button" class="plain" title=${t('account-link-meaning')} onClick=${() => { dialog.value = 'account-link'; }}><${Icon} name="link" size=${16} /> ${t('account-link-open')}</button>`}
    <p class="quiet" id="link-why">${why ?? t('link-give-meaning')}</p>
  </section>`;
}

/** LINE's page on which the person agrees: who they are is chosen first. */
export function AccountLink() {
  const conversation = selected.value;
  const person = thread.value?.person;
  const [made, setMade] = useState(null);
  const [problem, setProblem] = useState(null);
  if (!conversation || !person) return null;
  const make = async (other) => {
    setProblem(null);
    try {
      setMade(await post(`conversations/${encodeURIComponent(conversation.id)}/account-link`, { person: other.id }));
    } catch (refusal) {
      setProblem(refusal);
    }
  };
  return html`<${Dialog} title=${t('account-link-title')}>
    ${made ? html`<${CopyBox} label=${t('account-link-address')} text=${made.url} hint=${t('account-link-until', { time: moment(made.expires_at) })} />`
      : html`<${Find} person=${person} why=${t('account-link-why')} choose=${make} />`}
    ${problem && html`<p class="bad" role="alert">${detailOf(problem) || titleOf(problem)}</p>`}
  </${Dialog}>`;
}
