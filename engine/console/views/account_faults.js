// A demo's platform is pretended: it fails on demand, so that people see what becomes of their replies then.
import { html, useState } from '../vendor/runtime.js';
import { post } from '../api.js';
import { t } from '../i18n.js';
import { Icon } from '../icons.js';
import { detailOf, titleOf } from '../problem_text.js';

const KINDS = ['too_many_requests', 'server_error', 'accept_then_silence', 'reset', 'token_expired'];
const MOST = 20;

export function AccountFaults({ account }) {
  const [kind, setKind] = useState(KINDS[0]);
  const [outcome, setOutcome] = useState(null);
  const [isBusy, setBusy] = useState(false);
  const ask = async (event) => {
    event.preventDefault();
    const { count, seconds } = Object.fromEntries(new FormData(event.currentTarget));
    const fault = kind === KINDS[0] ? { fault: kind, seconds: Number(seconds) } : { fault: kind };
    setBusy(true);
    setOutcome(null);
    try {
      const { faults } = await post(`channels/${encodeURIComponent(account.id)}/faults`, { faults: Array(Number(count)).fill(fault) });
      setOutcome({ well: true, words: t('faults-asked', { count: faults }) });
    } catch (problem) {
      setOutcome({ well: false, words: `${titleOf(problem)} ${detailOf(problem)}` });
    }
    setBusy(false);
  };
  return html`<form class="care faults" onSubmit=${ask}><h4>${t('faults-title')}</h4><p class="quiet">${t('faults-hint')}</p>
    <label>${t('faults-kind')}<select value=${kind} onChange=${(event) => setKind(event.currentTarget.value)}>${KINDS.map((each) => html`<option key=${each} value=${each}>${t(`faults-${each.replaceAll('_', '-')}`)}</option>`)}</select></label>
    ${kind === KINDS[0] && html`<label>${t('faults-seconds')}<input name="seconds" type="number" required min="1" max="600" value="5" /></label>`}
    <label>${t('faults-count')}<input name="count" type="number" required min="1" max=${MOST} value="1" /></label>
    <button class="plain" disabled=${isBusy}>${t('faults-ask')}<span class="hidden"> ${account.name}</span></button>
    <div role="status">${outcome && html`<p class=${outcome.well ? 'said' : 'bad'}><${Icon} name=${outcome.well ? 'check' : 'alert'} size=${16} /> ${outcome.words}</p>`}</div></form>`;
}
