// The tab's title: how many customers wait, before the name.
import { effect } from './vendor/runtime.js';
import { t } from './i18n.js';
import { counts, session } from './store.js';

export function startTitle() {
  effect(() => {
    const waiting = session.value ? counts.value.waiting : 0;
    document.title = (waiting ? `(${waiting}) ` : '') + t('console-title');
  });
}
