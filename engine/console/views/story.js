// A story that somebody answered or named us in: seen while it lasts, never kept.
import { html, useState } from '../vendor/runtime.js';
import { MINUTE, now } from '../format.js';
import { t } from '../i18n.js';
import { Icon } from '../icons.js';
import { Text } from './part.js';

/** A story is over after a day. */
const LASTS = 24 * 60 * MINUTE;

export function Story({ part, message }) {
  const isOver = !message || !part.story?.url || now.value - message.at > LASTS;
  // A film is no picture: what cannot be shown as one is tried as the other.
  const [shownAs, setShownAs] = useState('picture');
  const url = message && `/api/v1/messages/${encodeURIComponent(message.id)}/story`;
  const words = t(part.type === 'story_mention' ? 'story-mention' : 'story-reply');
  return html`<div class="stack story"><p class="came-by"><${Icon} name="link" size=${14} /> ${words}</p>
    ${isOver || shownAs === 'ended' ? html`<p class="part gone">${t('story-ended')}</p>`
      : shownAs === 'picture' ? html`<p class="part picture"><img src=${url} alt=${words} loading="lazy" onError=${() => setShownAs('film')} /></p>`
      : html`<video class="part" controls preload="metadata" src=${url} aria-label=${words} onError=${() => setShownAs('ended')}></video>`}
    <${Text} text=${part.text} /></div>`;
}
