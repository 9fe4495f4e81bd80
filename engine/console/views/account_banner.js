// What is wrong with a channel account, above everything, as long as it is wrong.
import { html } from '../vendor/runtime.js';
import { troubles } from '../account_health.js';
import { channelName } from '../format.js';
import { sentenceOf } from '../finding.js';
import { t } from '../i18n.js';
import { Icon } from '../icons.js';
import { page } from '../route.js';
import { may } from '../store.js';

/** Accounts that fail; a mere warning stays on the channels page. */
export function AccountBanner() {
  const failing = troubles.value.filter((each) => each.enabled && (each.held || each.state === 'failing'));
  const canMend = may('channels.manage');
  return html`<div class="account-banner" role="status">${failing.map((each) => html`<p key=${each.id}><${Icon} name="alert" />
    <span>${t('account-failing', { name: each.name, channel: channelName(each.channel), why: each.finding ? sentenceOf(each.finding) : t('account-refused') })} ${each.waiting > 0 && t('account-waiting', { count: each.waiting })}
      ${canMend ? page.value !== 'channels' && html`<a href="#/channels">${t('account-mend')}</a>` : t('account-ask-admin')}</span></p>`)}</div>`;
}
