// A modal dialog of the browser: it keeps the focus inside, closes with Esc, and gives the focus back.
import { html, useLayoutEffect, useRef } from '../vendor/runtime.js';
import { t } from '../i18n.js';
import { Icon } from '../icons.js';
import { dialog } from '../settings.js';

export function Dialog({ title, children }) {
  const node = useRef(null);
  const close = () => { dialog.value = null; };
  useLayoutEffect(() => {
    const before = document.activeElement;
    node.current.showModal();
    return () => (before?.isConnected && before !== document.body ? before : document.getElementById('composer') ?? document.getElementById('search'))?.focus();
  }, []);
  return html`<dialog ref=${node} class="dialog" aria-labelledby="dialog-title" onClose=${close} onClick=${(event) => event.target === node.current && close()}>
    <div class="sheet">
      <header><h2 id="dialog-title">${title}</h2>
        <button type="button" class="ghost" aria-label=${t('close')} onClick=${close}><${Icon} name="close" /></button></header>
      ${children}
    </div>
  </dialog>`;
}
