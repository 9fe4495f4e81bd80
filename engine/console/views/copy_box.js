// Something to be copied, in a box of its own: a secret that is shown once, or an address to be passed on.
import { html, useState } from '../vendor/runtime.js';
import { t } from '../i18n.js';

/** `label` says what it is. Where the browser gives no clipboard, the text can be selected all the same. */
export function CopyBox({ label, text, hint }) {
  const [said, setSaid] = useState('');
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setSaid(t('copied'));
    } catch {
      setSaid(t('copy-by-hand'));
    }
  };
  return html`<div class="copy-box"><p><b>${label}</b></p>
    <p class="value"><code tabindex="0" translate="no">${text}</code> <button type="button" class="plain" onClick=${copy}>${t('copy')}<span class="hidden"> ${label}</span></button></p>
    ${hint && html`<p class="quiet">${hint}</p>`}<span role="status" class="quiet">${said}</span></div>`;
}
