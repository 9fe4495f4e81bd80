// What only LINE has, for one account: rich menus, messages to many, audiences, figures. Each part loads by itself.
import { html, useEffect, useState } from '../../vendor/runtime.js';
import { get } from '../../api.js';
import { t } from '../../i18n.js';
import { Icon } from '../../icons.js';
import { may } from '../../store.js';
import { Failed, Skeleton } from '../states.js';
import { Audiences } from './audiences.js';
import { Figures } from './figures.js';
import { Menus } from './menus.js';
import { Send } from './send.js';

/** What is fetched from a path of the account, again on demand: `{ value, problem, load }`. */
export function useFetched(path) {
  const [state, setState] = useState({ value: null, problem: null });
  const load = async () => {
    try {
      setState({ value: await get(path), problem: null });
    } catch (problem) {
      setState((before) => ({ ...before, problem }));
    }
  };
  useEffect(() => { load(); }, [path]);
  return { ...state, load };
}

/** Its own waiting and failing, so that one part does not hide the others. */
export function Fetched({ from, children }) {
  if (from.value) return children(from.value);
  if (from.problem) return html`<${Failed} problem=${from.problem} retry=${from.load} />`;
  return html`<${Skeleton} kind="facts" count=${3} />`;
}

export function LinePage({ id }) {
  const root = `channels/${encodeURIComponent(id)}/line`;
  const account = useFetched(root);
  return html`<section class="operations line-page" aria-label="LINE">
    <header><h2>${account.value?.name ?? 'LINE'}</h2><a class="plain" href="#/channels"><${Icon} name="back" size=${16} /> ${t('channels')}</a></header>
    <${Fetched} from=${account}>${(known) => html`
      <p class="quiet">${t('line-people', { count: known.kinds.people })}</p>
      <${Menus} root=${root} account=${id} known=${known} />
      ${may('channels.broadcast') && html`<${Send} root=${root} known=${known} /><${Audiences} root=${root} known=${known} />`}
      <${Figures} root=${root} />`}<//>
  </section>`;
}
