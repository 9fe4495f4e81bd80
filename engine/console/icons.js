// The icons, drawn as strokes on a 24 × 24 field.
import { html } from './vendor/runtime.js';

const PATHS = {
  agent: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4 21c0-4 3.6-7 8-7s8 3 8 7',
  alert: 'M12 4 2.5 20h19zM12 10v4M12 17h.01',
  back: 'M15 5l-7 7 7 7',
  bin: 'M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10.5 11v5M13.5 11v5',
  book: 'M5 4h11a3 3 0 0 1 3 3v13H8a3 3 0 0 1-3-3zM5 17a3 3 0 0 1 3-3h11',
  bot: 'M6 9h12a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2v-7a2 2 0 0 1 2-2ZM12 9V5M12 5h.01M9 14v1M15 14v1M2 13v3M22 13v3',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  checks: 'M2 12.5l4.5 4.5L15 8M11 16l1 1L21.5 8',
  clip: 'M20 11.5 12.2 19.3a5 5 0 0 1-7-7l8-8a3.3 3.3 0 0 1 4.7 4.7l-8 8a1.6 1.6 0 0 1-2.3-2.3l7.3-7.3',
  clock: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 7v5l3 2',
  close: 'M6 6l12 12M18 6L6 18',
  comment: 'M4 5h16v11H11l-4.5 4v-4H4zM8 9.5h8M8 12.5h5',
  cloud: 'M7 18a4 4 0 0 1-.5-8A6 6 0 0 1 18 9.5a4.3 4.3 0 0 1-.5 8.5zM3 3l18 18',
  down: 'M12 5v14M6 13l6 6 6-6',
  eye: 'M2 12s3.5-7 10-7 10 7 10 7-3.5 7-10 7S2 12 2 12ZM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6Z',
  eyeoff: 'M2 12s3.5-7 10-7 10 7 10 7-3.5 7-10 7S2 12 2 12ZM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM4 4l16 16',
  file: 'M6 3h8l5 5v13H6zM14 3v5h5',
  help: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM9.5 9.5a2.5 2.5 0 1 1 3.5 2.3c-.7.4-1 .9-1 1.7M12 16.5h.01',
  inbox: 'M4 13 6.5 5h11L20 13v6H4zM4 13h5l1 2.5h4L15 13h5',
  link: 'M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 13 5.3l-1 1M14 10a4 4 0 0 0-5.7 0l-3 3A4 4 0 0 0 11 18.7l1-1',
  lock: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
  logo: 'M4 11.5 12 5l8 6.5M6 10.5V20M18 10.5V20M4 20h16M9.5 15h5',
  negative: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM8.5 16c2-2 5-2 7 0M9 10h.01M15 10h.01',
  many: 'M4 10v4h3l8 4V6l-8 4zM18.5 9a4 4 0 0 1 0 6M8 14.5V19h2.5',
  neutral: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM8.5 15h7M9 10h.01M15 10h.01',
  people: 'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM2.5 20c0-3.6 2.9-6 6.5-6s6.5 2.4 6.5 6M16 4.4a3.5 3.5 0 0 1 0 6.4M18 14.6c2.1.9 3.5 2.8 3.5 5.4',
  panel: 'M4 5h16v14H4zM14.5 5v14',
  pen: 'M4 20l1-4.5L16 4.5l3.5 3.5L8.5 19z',
  pin: 'M12 21s7-6.5 7-11.5a7 7 0 0 0-14 0C5 14.5 12 21 12 21ZM12 12a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z',
  positive: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM8.5 14.5c2 2 5 2 7 0M9 10h.01M15 10h.01',
  pulse: 'M3 12h4l3-7 4 14 3-7h4',
  quote: 'M5 17c3 0 4-2 4-5V7H4v5h5M15 17c3 0 4-2 4-5V7h-5v5h5',
  retry: 'M20 11a8 8 0 1 0-2.3 6M20 5v6h-6',
  return: 'M9 7 4 12l5 5M4 12h10a6 6 0 0 1 6 6',
  search: 'M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM20.5 20.5 16 16',
  send: 'M12 19V5M6 11l6-6 6 6',
  spark: 'M12 3l2 6.5L20.5 12 14 14.5 12 21l-2-6.5L3.5 12 10 9.5z',
  thumb: 'M7 11v9H4v-9zM7 11l4-7c2 0 2.3 1.5 2 3l-.7 3H19a2 2 0 0 1 2 2.3l-1 6a2 2 0 0 1-2 1.7H7',
};

/** One icon, `size` pixels wide. It says nothing to a screen reader: the words beside it do. */
export function Icon({ name, size = 18, className = '' }) {
  return html`<svg class=${`icon ${className}`} width=${size} height=${size} viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d=${PATHS[name]} /></svg>`;
}
