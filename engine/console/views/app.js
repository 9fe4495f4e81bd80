// The whole page: nothing known yet, signed out, or the inbox; with the dialogs and the notice above.
import { html } from '../vendor/runtime.js';
import { t } from '../i18n.js';
import { notice } from '../notice.js';
import { detailOf, titleOf } from '../problem_text.js';
import { dialog } from '../settings.js';
import { session } from '../store.js';
import { AccountLink } from './going_on.js';
import { Help } from './help.js';
import { Inbox } from './inbox.js';
import { Merge } from './merge.js';
import { Settings } from './settings.js';
import { SignIn } from './signin.js';

export function App() {
  if (session.value === undefined) return html`<main class="starting" aria-busy="true"><p class="quiet">${t('loading')}</p></main>`;
  if (session.value === null) return html`<${SignIn} />`;
  return html`
    <${Inbox} />
    ${dialog.value === 'help' && html`<${Help} />`}
    ${dialog.value === 'merge' && html`<${Merge} />`}
    ${dialog.value === 'account-link' && html`<${AccountLink} />`}
    ${dialog.value === 'settings' && html`<${Settings} />`}
    <${Notice} />`;
}

function Notice() {
  const shown = notice.value;
  const why = shown?.problem && (detailOf(shown.problem) || titleOf(shown.problem));
  return html`<div class="notice" role="status">${shown && html`<p class=${shown.problem ? 'bad' : ''}>${t(shown.id)} ${why}</p>`}</div>`;
}
