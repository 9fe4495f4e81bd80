// What a look at a channel account found, in the reader's words.
import { known, t } from './i18n.js';

/** True where the platform did not answer at all: nobody knows how it is. */
export const isUnreached = ({ finding }) => finding === 'no-answer';

/** What was found, with what to do. */
export function sentenceOf({ finding, arguments: given, advice, says }) {
  const found = known(`finding-${finding}`, given) ?? says;
  const todo = advice && known(`advice-${advice}`);
  return todo ? `${found} — ${todo}` : found;
}

/** The numbers that the platform tells. */
export const factsOf = ({ facts }) => Object.entries(facts ?? {}).map(([name, count]) => t(`fact-${name.replaceAll('_', '-')}`, { count }));
