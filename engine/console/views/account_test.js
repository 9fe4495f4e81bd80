// A message for a trial: to whom, what, and what the platform made of it.
import { html, useState } from '../vendor/runtime.js';
import { post } from '../api.js';
import { known, t } from '../i18n.js';
import { Icon } from '../icons.js';
import { detailOf, titleOf } from '../problem_text.js';

export function AccountTest({ account }) {
  const [outcome, setOutcome] = useState(null);
  const [isBusy, setBusy] = useState(false);
  const send = async (event) => {
    event.preventDefault();
    const { to, text } = Object.fromEntries(new FormData(event.currentTarget));
    setBusy(true);
    setOutcome(null);
    try {
      setOutcome({ ...await post(`channels/${encodeURIComponent(account.id)}/test`, { to, text }), to });
    } catch (problem) {
      setOutcome({ sent: false, reason: `${titleOf(problem)} ${detailOf(problem)}` });
    }
    setBusy(false);
  };
  const hint = `test-${account.id}`;
  return html`<form class="care test" onSubmit=${send}><h4>${t('test-title')}</h4>
    <label>${t('test-to')}<input name="to" required maxlength="200" autocomplete="off" spellcheck=${false} aria-describedby=${hint} />
      <small class="quiet" id=${hint}>${known(`test-to-${account.channel}`) ?? t('test-to-hint')}</small></label>
    <label>${t('test-text')}<input name="text" required maxlength="500" autocomplete="off" value=${t('test-words')} /></label>
    <button class="plain" disabled=${isBusy}>${t(isBusy ? 'test-sending' : 'test-send')}<span class="hidden"> ${account.name}</span></button>
    <div role="status">${outcome && html`<p class=${outcome.sent ? 'said' : 'bad'}><${Icon} name=${outcome.sent ? 'check' : 'alert'} size=${16} /> ${outcome.sent ? t('test-sent', { to: outcome.to }) : t('test-not-sent', { reason: [outcome.reason, outcome.advice && known(`advice-${outcome.advice}`)].filter(Boolean).join(' — ') })}</p>`}</div></form>`;
}
