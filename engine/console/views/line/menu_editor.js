// Drawing a rich menu: its picture, a grid of areas or areas drawn by pointer, and every number by keyboard.
import { html, useEffect, useRef, useState } from '../../vendor/runtime.js';
import { post, put, putFile } from '../../api.js';
import { title } from '../../format.js';
import { t } from '../../i18n.js';
import { detailOf, titleOf } from '../../problem_text.js';
import { Canvas } from './menu_canvas.js';
import { Fault } from './menus.js';

/** Columns and rows. */
const GRIDS = [[1, 1], [2, 1], [3, 1], [2, 2], [3, 2]];
const TAPS = { say: 'text', begin: 'flow', choose: 'payload', open: 'url', switch: 'alias' };
const BOUNDS = ['x', 'y', 'width', 'height'];

export function MenuEditor({ root, account, menu, flows, aliases, done, cancel }) {
  const [drawn, setDrawn] = useState(menu.menu);
  const [file, setFile] = useState(null);
  const [problem, setProblem] = useState(null);
  const [faults, setFaults] = useState([]);
  const [isBusy, setBusy] = useState(false);
  // What LINE would refuse is of what was drawn before: it is asked again when this is saved.
  const set = (name, value) => {
    setFaults([]);
    setDrawn((before) => ({ ...before, [name]: value }));
  };
  const setArea = (place, change) => set('areas', drawn.areas.map((area, at) => at === place ? { ...area, ...change } : area));
  const shown = file?.url ?? (menu.picture ? `/api/v1/${root}/menus/${menu.id}/picture?revision=${menu.revision}` : null);
  useEffect(() => () => file && URL.revokeObjectURL(file.url), [file]);
  const first = useRef(null);
  useEffect(() => first.current.focus(), []);

  const choosePicture = async (event) => {
    const chosen = event.currentTarget.files[0];
    if (!chosen) return;
    try {
      const { width, height } = await createImageBitmap(chosen);
      setFaults([]);
      setDrawn((before) => ({ ...before, width, height }));
      setFile({ bytes: chosen, url: URL.createObjectURL(chosen) });
      setProblem(null);
    } catch {
      setProblem({ status: 422, body: { title: t('line-fault-picture-kind') } });
    }
  };
  const useGrid = ([columns, rows]) => {
    const [width, height] = [Math.floor(drawn.width / columns), Math.floor(drawn.height / rows)];
    const cells = Array.from({ length: columns * rows }, (_, at) => ({ x: at % columns * width, y: Math.floor(at / columns) * height, width, height }));
    set('areas', cells.map((cell, at) => ({ label: '', tap: { do: 'say', text: '' }, ...drawn.areas[at], ...cell })));
  };
  const save = async (event) => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      let { menu: kept } = menu.id ? await put(`${root}/menus/${menu.id}`, drawn) : await post(`${root}/menus`, drawn);
      // From here on it is this menu that is changed, should the picture be refused.
      menu.id = kept.id;
      if (file) ({ menu: kept } = await putFile(`${root}/menus/${kept.id}/picture`, file.bytes));
      if (kept.problems.length === 0) return done();
      setFaults(kept.problems);
    } catch (refusal) {
      setProblem(refusal);
    }
    setBusy(false);
  };
  return html`<form class="setup menu-editor" onSubmit=${save} aria-label=${t('line-menu-draw')}>
    <label>${t('line-menu-name')}<input ref=${first} required maxlength="200" value=${drawn.name} onInput=${(event) => set('name', event.currentTarget.value)} autocomplete="off" /></label>
    <label>${t('line-menu-bar')}<input required maxlength="14" value=${drawn.bar} onInput=${(event) => set('bar', event.currentTarget.value)} autocomplete="off" /></label>
    <label>${t('line-menu-alias')}<input maxlength="32" pattern="[a-z0-9_-]*" value=${drawn.alias ?? ''} onInput=${(event) => set('alias', event.currentTarget.value)} autocomplete="off" spellcheck=${false} /><small class="quiet">${t('line-menu-alias-hint')}</small></label>
    <label class="switch"><input type="checkbox" checked=${drawn.open} onChange=${(event) => set('open', event.currentTarget.checked)} /> ${t('line-menu-open')}</label>
    <label class="wide">${t('line-menu-picture')}<input type="file" accept="image/png,image/jpeg" onChange=${choosePicture} /><small class="quiet">${t('line-menu-picture-hint')}</small></label>
    <${Canvas} menu=${drawn} picture=${shown} change=${setArea} add=${(area) => drawn.areas.length < 20 && set('areas', [...drawn.areas, { ...area, label: '', tap: { do: 'say', text: '' } }])} />
    <p class="deeds wide" role="group" aria-label=${t('line-grids')}>${t('line-grids')}: ${GRIDS.map((grid) => html`<button key=${grid.join()} type="button" class="plain" onClick=${() => useGrid(grid)}>${grid.join(' × ')}</button>`)}
      <button type="button" class="plain" disabled=${drawn.areas.length >= 20} onClick=${() => set('areas', [...drawn.areas, { x: 0, y: 0, width: drawn.width, height: drawn.height, label: '', tap: { do: 'say', text: '' } }])}>${t('line-area-add')}</button></p>
    ${drawn.areas.map((area, place) => html`<${Area} key=${place} account=${account} area=${area} place=${place} flows=${flows} aliases=${aliases} change=${(change) => setArea(place, change)} remove=${() => set('areas', drawn.areas.filter((_, at) => at !== place))} />`)}
    ${faults.length > 0 && html`<ul class="bad wide faults" role="alert">${faults.map((fault, place) => html`<li key=${place}><${Fault} problem=${fault} /></li>`)}</ul>`}
    ${problem && html`<p class="bad wide" role="alert">${titleOf(problem)} ${detailOf(problem)}</p>`}
    <p class="deeds wide"><button class="primary" disabled=${isBusy}>${t('line-menu-save')}</button><button type="button" class="plain" onClick=${cancel}>${t('line-cancel')}</button></p>
  </form>`;
}

/** One area: numbers, what it is called, and what a tap does. */
function Area({ account, area, place, flows, aliases, change, remove }) {
  const { tap } = area;
  const field = TAPS[tap.do];
  const setTap = (value) => change({ tap: { do: tap.do, [field]: value } });
  const options = { begin: flows, switch: aliases }[tap.do];
  return html`<fieldset class="wide area"><legend>${t('line-area', { number: place + 1 })}</legend>
    ${BOUNDS.map((name) => html`<label key=${name}>${t(`line-area-${name}`)}<input type="number" min="0" max="2500" required value=${area[name]} onInput=${(event) => change({ [name]: Number(event.currentTarget.value) })} /></label>`)}
    <label>${t('line-area-label')}<input maxlength="20" value=${area.label} onInput=${(event) => change({ label: event.currentTarget.value })} autocomplete="off" /></label>
    <label>${t('line-tap')}<select value=${tap.do} onChange=${(event) => change({ tap: { do: event.currentTarget.value, [TAPS[event.currentTarget.value]]: '' } })}>${Object.keys(TAPS).map((kind) => html`<option key=${kind} value=${kind}>${t(`line-tap-${kind}`)}</option>`)}</select></label>
    <label>${t(`line-tap-${tap.do}-what`)}${options
      ? html`<select required value=${tap[field]} onChange=${(event) => setTap(event.currentTarget.value)}><option value=""></option>${options.map((each) => html`<option key=${each} value=${each}>${tap.do === 'begin' ? title(account, 'flows', each) : each}</option>`)}</select>`
      : html`<input required maxlength=${tap.do === 'open' ? 1000 : 300} type=${tap.do === 'open' ? 'url' : 'text'} value=${tap[field]} onInput=${(event) => setTap(event.currentTarget.value)} autocomplete="off" />`}</label>
    <button type="button" class="plain" onClick=${remove}>${t('line-area-remove')}<span class="hidden"> ${place + 1}</span></button></fieldset>`;
}
