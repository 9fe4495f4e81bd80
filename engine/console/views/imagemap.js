// A picture with areas to press: the areas are outlined and named; pressing them is for the customer.
import { html, useState } from '../vendor/runtime.js';
import { scriptOf } from '../format.js';
import { t } from '../i18n.js';

export function Imagemap({ imagemap }) {
  const { picture, alt, width, height, areas } = imagemap;
  const [isBroken, setBroken] = useState(false);
  const url = source(picture);
  const [wide, high] = [Math.max(1, width), Math.max(1, height)];
  const letters = Math.max(12, wide / 22);
  return html`<figure class="part imagemap">
    <svg viewBox=${`0 0 ${wide} ${high}`} role="img" aria-label=${alt || t('content-image')}>
      ${url && !isBroken && html`<image href=${url} width=${wide} height=${high} preserveAspectRatio="none" onError=${() => setBroken(true)} />`}
      ${areas.map((area, place) => html`<g key=${place}><rect x=${area.x} y=${area.y} width=${area.width} height=${area.height} />
        <text x=${area.x + area.width / 2} y=${area.y + area.height / 2} font-size=${letters}>${place + 1}</text></g>`)}
    </svg>
    <figcaption>${alt && html`<p lang=${scriptOf(alt)}>${alt}</p>`}
      <ol>${areas.map((area, place) => html`<li key=${place} lang=${scriptOf(titleOf(area))}>${titleOf(area)}</li>`)}</ol>
      ${picture.at === 'url' && /^https:/.test(picture.url) && html`<a href=${picture.url} target="_blank" rel="noopener noreferrer">${t('imagemap-picture')}</a>`}</figcaption></figure>`;
}

/** Pictures are only shown from this server. */
const source = (picture) => picture.at === 'blob' ? `/api/v1/media/${encodeURIComponent(picture.id)}` : picture.url.startsWith(`${location.origin}/`) ? picture.url : null;

const titleOf = ({ label, action }) => label.trim() || action.text || action.url;
