// LINE's sets of stickers, fetched once for whoever shows or sends one.
import { get } from './api.js';

let asked = null;

/** The sets; what failed is asked for again by the next who wants them. */
export function stickerSets() {
  asked ??= get('stickers').then(({ sets }) => sets);
  asked.catch(() => { asked = null; });
  return asked;
}

/** The sticker of this number in its set, as a part of a reply. */
export const stickerOf = (set, number) => ({ id: `${set.package}/${number}`, alt: `${set.title} ${number}` });
