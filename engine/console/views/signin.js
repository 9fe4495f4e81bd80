// The sign-in page.
import { html, useEffect, useRef, useState } from '../vendor/runtime.js';
import { signIn } from '../actions.js';
import { t } from '../i18n.js';
import { Icon } from '../icons.js';
import { detailOf, titleOf } from '../problem_text.js';
import { LanguageChoice } from './settings.js';

export function SignIn() {
  const [refusal, setRefusal] = useState(null);
  const [isBusy, setBusy] = useState(false);
  const [isShown, setShown] = useState(false);
  const wait = useCountdown(refusal?.status === 429 ? refusal.retryAfter : null, () => setRefusal(null));
  const password = useRef(null);

  const submit = async (event) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setRefusal(null);
    try {
      await signIn(form.get('email').trim(), form.get('password'));
    } catch (problem) {
      setRefusal(problem);
      setBusy(false);
      password.current?.focus();
    }
  };

  return html`<main class="signin">
    <form class="card" onSubmit=${submit}>
      <p class="mark"><${Icon} name="logo" size=${28} /></p>
      <h1>${t('signin-title')}</h1>
      <p class="quiet">${t('signin-lead')}</p>
      <label for="email">${t('signin-email')}</label>
      <input id="email" name="email" type="email" autocomplete="username" inputmode="email" required autofocus aria-describedby="refusal" />
      <label for="password">${t('signin-password')}</label>
      <div class="secret">
        <input ref=${password} id="password" name="password" type=${isShown ? 'text' : 'password'} autocomplete="current-password" required
          aria-invalid=${refusal?.status === 401} aria-describedby="refusal" />
        <button type="button" class="ghost" aria-pressed=${isShown} aria-label=${t('signin-show')} title=${t('signin-show')} onClick=${() => setShown(!isShown)}><${Icon} name="eye" /></button>
      </div>
      <p id="refusal" class="refusal" role="alert">${refusal && reason(refusal, wait)}</p>
      <button class="primary" disabled=${isBusy || wait > 0}>${isBusy ? t('signin-busy') : t('signin-go')}</button>
    </form>
    <${LanguageChoice} />
  </main>`;
}

function reason(problem, wait) {
  if (problem.status === 401) return t('signin-wrong');
  if (problem.status === 429) return t('signin-wait', { seconds: wait });
  return `${titleOf(problem)} ${detailOf(problem)}`;
}

/** Seconds left of `seconds`; `whenOver` is called at the end. */
function useCountdown(seconds, whenOver) {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    if (!seconds) return setLeft(0);
    const end = Date.now() + seconds * 1000;
    setLeft(seconds);
    const timer = setInterval(() => {
      const rest = Math.ceil((end - Date.now()) / 1000);
      setLeft(Math.max(0, rest));
      if (rest <= 0) {
        clearInterval(timer);
        whenOver();
      }
    }, 500);
    return () => clearInterval(timer);
  }, [seconds]);
  return left;
}
