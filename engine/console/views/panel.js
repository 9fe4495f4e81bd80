// The side panel: what the bot understood, and who the customer is.
import { html, useLayoutEffect, useRef } from '../vendor/runtime.js';
import { t } from '../i18n.js';
import { Icon } from '../icons.js';
import { panelCovers, panelTab, togglePanel } from '../settings.js';
import { thread } from '../store.js';
import { Person } from './person.js';
import { Skeleton } from './states.js';
import { Understanding } from './understanding.js';

const TABS = ['understanding', 'person'];

export function Panel() {
  const shown = thread.value;
  const way = useRef(null);
  // Where it covers the thread, the focus comes into it and goes back to the button that opens it.
  useLayoutEffect(() => {
    if (!panelCovers()) return undefined;
    way.current.focus();
    return () => requestAnimationFrame(() => document.getElementById('panel-toggle')?.focus());
  }, []);
  const press = (event) => {
    if (event.key !== 'Escape' || !panelCovers()) return;
    event.stopPropagation();
    togglePanel();
  };
  return html`<section class="panel" aria-label=${t('panel')} onKeyDown=${press}>
    <header>
      <div class="tabs" role="group" aria-label=${t('panel')}>${TABS.map((each) => html`<button key=${each} type="button" aria-pressed=${panelTab.value === each} onClick=${() => { panelTab.value = each; }}>${t(`panel-${each}`)}</button>`)}</div>
      <button type="button" class="ghost" ref=${way} aria-label=${t(panelCovers() ? 'panel-back' : 'panel-close')} title=${t(panelCovers() ? 'panel-back' : 'panel-close')} onClick=${togglePanel}><${Icon} name=${panelCovers() ? 'back' : 'close'} /></button>
    </header>
    <div class="content" tabindex="0" role="region" aria-label=${t(`panel-${panelTab.value}`)}>
      ${!shown || shown.state === 'loading' ? html`<${Skeleton} kind="facts" count=${5} />` : panelTab.value === 'person' ? html`<${Person} thread=${shown} />` : html`<${Understanding} thread=${shown} />`}
    </div>
  </section>`;
}
