// A place that somebody sent: its words, and maps that show it. No tile is loaded from outside.
import { html } from '../vendor/runtime.js';
import { scriptOf } from '../format.js';
import { t } from '../i18n.js';
import { Icon } from '../icons.js';

/** Near enough to see the house and the streets around it. */
const ZOOM = 17;

export function Place({ place }) {
  const { latitude, longitude, title, address } = place;
  const at = `${latitude},${longitude}`;
  const text = [title, address].filter(Boolean).join(' · ') || `${latitude}, ${longitude}`;
  const isKnown = Number.isFinite(latitude) && Number.isFinite(longitude);
  const map = `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=${ZOOM}/${latitude}/${longitude}`;
  return html`<div class="part spot"><p><${Icon} name="pin" size=${16} /> <span lang=${scriptOf(text)}>${text}</span></p>
    ${isKnown && html`<p class="maps"><a href=${map} target="_blank" rel="noopener noreferrer">${t('place-map')}</a>
      <a class="on-phone" href=${`geo:${at}?q=${encodeURIComponent(title ? `${at}(${title})` : at)}`}>${t('place-app')}</a></p>`}</div>`;
}
