// The fields by which a picture with areas is written.
import { html } from '../vendor/runtime.js';
import { t } from '../i18n.js';
import { Icon } from '../icons.js';

const MOST = 50;
const SIDES = ['x', 'y', 'width', 'height'];
const area = () => ({ x: 0, y: 0, width: 520, height: 520, label: '', action: { do: 'say', text: '' } });

export const emptyImagemap = () => ({ type: 'imagemap', imagemap: { picture: { at: 'url', url: '' }, alt: '', width: 1040, height: 520, areas: [area(), { ...area(), x: 520 }] } });

export function filledImagemap(part) {
  const { picture, alt, areas } = part.imagemap;
  const filled = areas.filter(({ action }) => (action.text ?? action.url).trim());
  return picture.url.trim() && alt.trim() && filled.length > 0 && { ...part, imagemap: { ...part.imagemap, picture: { at: 'url', url: picture.url.trim() }, areas: filled } };
}

const numberOf = (event) => Math.max(0, Math.min(10_000, Math.round(Number(event.currentTarget.value) || 0)));

export function ImagemapFields({ part: { imagemap }, change }) {
  const set = (news) => change({ imagemap: { ...imagemap, ...news } });
  const setArea = (place, news) => set({ areas: imagemap.areas.map((each, at) => at === place ? { ...each, ...news } : each) });
  const sides = (of, names, put) => html`<div class="imagemap-sides">${names.map((name) => html`<label key=${name}>${t(`reply-imagemap-${name}`)}<input type="number" min="0" max="10000" value=${of[name]} onInput=${(event) => put({ [name]: numberOf(event) })} /></label>`)}</div>`;
  return html`<label>${t('reply-picture-url')}<input type="url" maxlength="900" placeholder="https://" autocomplete="off" value=${imagemap.picture.url} onInput=${(event) => set({ picture: { at: 'url', url: event.currentTarget.value } })} /></label>
    <label>${t('reply-alt')}<input maxlength="400" autocomplete="off" value=${imagemap.alt} onInput=${(event) => set({ alt: event.currentTarget.value })} /></label>
    ${sides(imagemap, ['width', 'height'], set)}
    ${imagemap.areas.map((each, place) => html`<fieldset key=${place} class="one-card"><legend>${t('reply-imagemap-area', { place: place + 1 })}</legend>
      ${sides(each, SIDES, (news) => setArea(place, news))}
      <label>${t('reply-imagemap-label')}<input maxlength="50" autocomplete="off" value=${each.label} onInput=${(event) => setArea(place, { label: event.currentTarget.value })} /></label>
      <label>${t('reply-button-does')}<select value=${each.action.do} onChange=${(event) => setArea(place, { action: event.currentTarget.value === 'open' ? { do: 'open', url: '' } : { do: 'say', text: '' } })}>
        <option value="say">${t('reply-imagemap-says')}</option><option value="open">${t('reply-button-opens')}</option></select></label>
      ${each.action.do === 'open' ? html`<label>${t('reply-button-url')}<input type="url" maxlength="1000" placeholder="https://" autocomplete="off" value=${each.action.url} onInput=${(event) => setArea(place, { action: { do: 'open', url: event.currentTarget.value } })} /></label>`
        : html`<label>${t('reply-text')}<input maxlength="400" autocomplete="off" value=${each.action.text} onInput=${(event) => setArea(place, { action: { do: 'say', text: event.currentTarget.value } })} /></label>`}
      ${imagemap.areas.length > 1 && html`<button type="button" class="ghost" aria-label=${t('reply-imagemap-area-drop', { place: place + 1 })} title=${t('reply-imagemap-area-drop', { place: place + 1 })} onClick=${(event) => { event.currentTarget.closest('.reply-part').querySelector('input').focus(); set({ areas: imagemap.areas.filter((_, at) => at !== place) }); }}><${Icon} name="close" size=${15} /></button>`}</fieldset>`)}
    ${imagemap.areas.length < MOST && html`<button type="button" class="plain more" onClick=${() => set({ areas: [...imagemap.areas, area()] })}>${t('reply-imagemap-area-add')}</button>`}`;
}
