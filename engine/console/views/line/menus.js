// The rich menus of an account: how each stands, to whom it is shown, and one to be drawn.
import { html, useEffect, useRef, useState } from '../../vendor/runtime.js';
import { post, remove } from '../../api.js';
import { t } from '../../i18n.js';
import { Icon } from '../../icons.js';
import { notify } from '../../notice.js';
import { Nothing } from '../states.js';
import { Choice } from './choice.js';
import { MenuEditor } from './menu_editor.js';
import { Fetched, useFetched } from './page.js';

const POLL_MS = 1_500;
/** A menu with nothing on it, of the large size that LINE recommends. */
const EMPTY = { name: '', bar: '', width: 2500, height: 1686, open: true, alias: '', areas: [] };

export function Menus({ root, account, known }) {
  const menus = useFetched(`${root}/menus`);
  const [edited, setEdited] = useState(null);
  const isMoving = menus.value?.menus.some(({ state }) => state === 'uploading');
  useEffect(() => {
    const timer = isMoving && setInterval(menus.load, POLL_MS);
    return () => clearInterval(timer);
  }, [isMoving]);
  const heading = useRef(null);
  const over = () => {
    setEdited(null);
    requestAnimationFrame(() => heading.current?.focus());
  };
  const saved = () => { over(); menus.load(); };
  return html`<h3 id="line-menus" ref=${heading} tabindex="-1">${t('line-menus')}</h3><p class="quiet">${t('line-menus-hint')}</p>
    <${Fetched} from=${menus}>${({ menus: all }) => html`
      ${all.length === 0 && !edited && html`<${Nothing} icon="panel" title=${t('line-menus-none')} text=${t('line-menus-none-hint')} />`}
      <ul class="accounts line-menus">${all.map((menu) => html`<${Row} key=${menu.id} root=${root} menu=${menu} kinds=${known.kinds} reload=${menus.load} edit=${() => setEdited(menu)} />`)}</ul>
      ${edited ? html`<${MenuEditor} key=${edited.id ?? 'new'} root=${root} account=${account} menu=${edited} flows=${known.flows} aliases=${all.map(({ menu }) => menu.alias).filter(Boolean)} done=${saved} cancel=${over} />`
        : html`<button type="button" class="primary draw" onClick=${() => setEdited({ menu: EMPTY, problems: [] })}>${t('line-menu-draw')}</button>`}`}<//>`;
}

function Row({ root, menu, kinds, reload, edit }) {
  const { id, menu: drawn, state, reason, problems, is_default: isDefault, platform_id: platformId } = menu;
  const path = `${root}/menus/${id}`;
  const [isShowing, setShowing] = useState(false);
  const act = (work) => async () => {
    try {
      await work();
    } catch (problem) {
      notify('notice-failed', problem);
    }
    reload();
  };
  const drop = () => confirm(t('line-menu-remove-sure', { name: drawn.name })) && act(() => remove(path))();
  return html`<li><div class="line-menu">
      ${menu.picture && html`<img src=${`/api/v1/${path}/picture?revision=${menu.revision}`} alt=${t('line-menu-picture-of', { name: drawn.name })} loading="lazy" />`}
      <div><h4>${drawn.name}</h4>
        <p class=${state === 'refused' ? 'bad' : 'quiet'} role="status">${t(`line-menu-${state}`)}${isDefault ? ` · ${t('line-menu-default')}` : ''}${drawn.alias && html` · <code>${drawn.alias}</code>`}</p>
        ${reason && html`<p class="bad">${reason}</p>`}
        ${problems.length > 0 && html`<ul class="quiet faults">${problems.map((problem, place) => html`<li key=${place}><${Fault} problem=${problem} /></li>`)}</ul>`}
        <p class="deeds">
          <button type="button" class="plain" onClick=${edit}>${t('line-menu-edit')}<span class="hidden"> ${drawn.name}</span></button>
          ${state !== 'live' && html`<button type="button" class="plain" disabled=${problems.length > 0 || state === 'uploading'} onClick=${act(() => post(`${path}/publish`))}>${t('line-menu-publish')}<span class="hidden"> ${drawn.name}</span></button>`}
          ${platformId && html`<button type="button" class="plain" onClick=${act(() => post(`${path}/show`, { to: 'everybody', on: !isDefault }))}>${t(isDefault ? 'line-menu-hide-all' : 'line-menu-show-all')}</button>
            <button type="button" class="plain" aria-expanded=${isShowing} onClick=${() => setShowing(!isShowing)}>${t('line-menu-show-some')}</button>`}
          <button type="button" class="plain" onClick=${drop}>${t('line-menu-remove')}<span class="hidden"> ${drawn.name}</span></button></p>
        ${isShowing && html`<${ShowTo} path=${path} kinds=${kinds} />`}</div></div></li>`;
}

/** What LINE would refuse, in words. */
export function Fault({ problem }) {
  const words = t(`line-fault-${problem.what.replaceAll('_', '-')}`);
  return html`<span>${problem.area === undefined ? words : `${t('line-area', { number: problem.area + 1 })}: ${words}`}</span>`;
}

/** Shows it to one person or to people of a kind, or takes it from them. */
function ShowTo({ path, kinds }) {
  const [person, setPerson] = useState('');
  const [choice, setChoice] = useState({});
  const show = (body) => async () => {
    try {
      await post(`${path}/show`, body);
      notify('line-menu-shown');
    } catch (problem) {
      notify('notice-failed', problem);
    }
  };
  return html`<div class="setup">
    <label class="wide">${t('line-person')}<input value=${person} onInput=${(event) => setPerson(event.currentTarget.value)} autocomplete="off" spellcheck=${false} /></label>
    <p class="deeds wide"><button type="button" class="plain" disabled=${!person.trim()} onClick=${show({ to: 'person', person, on: true })}>${t('line-show-person')}</button>
      <button type="button" class="plain" disabled=${!person.trim()} onClick=${show({ to: 'person', person, on: false })}>${t('line-hide-person')}</button></p>
    <${Choice} kinds=${kinds} choice=${choice} onChange=${setChoice} />
    <p class="deeds wide"><button type="button" class="plain" onClick=${show({ to: 'people', choice, on: true })}>${t('line-show-people')}</button>
      <button type="button" class="plain" onClick=${show({ to: 'people', choice, on: false })}>${t('line-hide-people')}</button></p></div>`;
}
