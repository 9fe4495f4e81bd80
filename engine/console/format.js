// How times, names and labels read in the chosen language.
import { signal } from './vendor/runtime.js';
import { known, language, t } from './i18n.js';
import { titles } from './store.js';

export const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The present, milliseconds UTC, renewed twice a minute: what depends on it redraws itself. */
export const now = signal(Date.now());
setInterval(() => { now.value = Date.now(); }, 30_000);

const formats = new Map();
function dated(at, options) {
  const key = language.value + JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(language.value, options));
  return formats.get(key).format(at);
}

export const clock = (at) => dated(at, { timeStyle: 'short' });
export const fullTime = (at) => dated(at, { dateStyle: 'full', timeStyle: 'short' });
export const isSameDay = (a, b) => new Date(a).toDateString() === new Date(b).toDateString();

/** A day as a heading between messages. */
export function day(at) {
  if (isSameDay(at, now.value)) return t('day-today');
  if (isSameDay(at, now.value - DAY)) return t('day-yesterday');
  return dated(at, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
}

/** A moment, past or to come, wherever no list counts how long ago: the clock today, yesterday and tomorrow by name, else with
 * its day, and its year where that is another one. Seconds are nowhere. */
export function moment(at) {
  if (isSameDay(at, now.value)) return clock(at);
  if (isSameDay(at, now.value - DAY)) return t('time-yesterday', { time: clock(at) });
  if (isSameDay(at, now.value + DAY)) return t('time-tomorrow', { time: clock(at) });
  const year = new Date(at).getFullYear() === new Date(now.value).getFullYear() ? {} : { year: 'numeric' };
  return dated(at, { weekday: 'short', day: 'numeric', month: 'short', ...year, hour: 'numeric', minute: '2-digit' });
}

/** How long ago, short, for a list: minutes and hours today, then the date. */
export function ago(at) {
  const passed = now.value - at;
  if (passed < HOUR) return duration(passed);
  if (isSameDay(at, now.value)) return clock(at);
  if (isSameDay(at, now.value - DAY)) return t('day-yesterday');
  return dated(at, { day: 'numeric', month: 'short' });
}

export function duration(ms) {
  if (ms < MINUTE) return t('duration-now');
  if (ms < HOUR) return t('duration-minutes', { count: Math.floor(ms / MINUTE) });
  if (ms < DAY) return t('duration-hours', { count: Math.floor(ms / HOUR) });
  return t('duration-days', { count: Math.floor(ms / DAY) });
}

export const percent = (share) => new Intl.NumberFormat(language.value, { style: 'percent' }).format(share);
export const decimal = (value) => new Intl.NumberFormat(language.value, { maximumFractionDigits: 2, minimumFractionDigits: 2 }).format(value);

/** The size of a file, in the units that people know. */
export const fileSize = (bytes) => bytes < 1 << 20
  ? new Intl.NumberFormat(language.value, { style: 'unit', unit: 'kilobyte', maximumFractionDigits: 0 }).format(Math.max(1, bytes / 1024))
  : new Intl.NumberFormat(language.value, { style: 'unit', unit: 'megabyte', maximumFractionDigits: 1 }).format(bytes / (1 << 20));

/** An amount in a currency (ISO 4217); the number alone where it has none, or one that nobody knows. */
export function money(value, currency) {
  try {
    return new Intl.NumberFormat(language.value, currency ? { style: 'currency', currency, maximumFractionDigits: 2 } : {}).format(value);
  } catch {
    return `${value} ${currency}`;
  }
}

/** `track_order` as words: what is shown of an id without a title. */
export const words = (name) => String(name).replaceAll('_', ' ');
/** The product's text for a name of a family where it has one, else the name as words: `label('decision', 'hand_off')`. */
export const label = (family, name) => known(`${family}-${String(name).replaceAll('_', '-')}`) ?? words(name);

/** What the bot of a channel account calls one of its intents, flows or entities, in the reader's language. */
export const title = (account, family, name) => titled(account, family, name) ?? (family === 'entities' ? label('entity', name) : words(name));
/** What it calls a value of a list entity, or null. */
export const valueTitle = (account, entity, value) => titled(account, 'values', entity, value) ?? null;

function titled(account, ...path) {
  const { accounts, bots } = titles.value;
  return [...path, language.value].reduce((at, key) => at?.[key], bots[accounts[account]]);
}

export function languageName(code) {
  if (!code) return t('language-unknown');
  try {
    return new Intl.DisplayNames(language.value, { type: 'language' }).of(code);
  } catch {
    return code;
  }
}

const CHANNELS = { line: 'LINE', messenger: 'Messenger', instagram: 'Instagram', whatsapp: 'WhatsApp', telegram: 'Telegram' };
export const channelName = (channel) => CHANNELS[channel] ?? label('channel', channel);

const segmenter = new Intl.Segmenter();
/** The first letter people see, by grapheme: Thai vowels and tones stay with their consonant. */
export function initial(name) {
  const graphemes = [...segmenter.segment(name || '?')].map((each) => each.segment);
  // A Thai word may begin with a vowel that is written first; the consonant after it is what people know it by.
  return /^[เ-ไ]/.test(graphemes[0]) && graphemes[1] ? graphemes[1] : graphemes[0].toUpperCase();
}

/** What a person is called; somebody without a name (a visitor of the web chat) keeps a short sign of their own. */
/** What a conversation's other side is called: a person, or the group that shares it. */
export const personName = (person) => person.name || (person.group ? t('group') : null) || t('person-unnamed', { sign: String(person.id).slice(-4).toUpperCase() });

/** A steady number below `count` for a name: the colour of an avatar. */
export function hue(id, count = 8) {
  let sum = 0;
  for (const letter of String(id)) sum = (sum * 31 + letter.codePointAt(0)) % 997;
  return sum % count;
}

/** The language by which a text is wrapped, read from its script. */
export const scriptOf = (text) => /[\u0e00-\u0e7f]/.test(text) ? 'th' : /[\u4e00-\u9fff]/.test(text) ? 'zh' : 'en';

/** A platform's reason with what to do about it: "… (check-token)" in the reader's words. */
export function refusal(text) {
  const [, reason, advice] = /^(.*) \(([a-z]+(?:-[a-z]+)*)\)$/s.exec(text ?? '') ?? [];
  const todo = advice && known(`advice-${advice}`);
  return todo ? `${reasonInWords(reason)} — ${todo}` : reasonInWords(text);
}

// What the program itself says; everything else is the platform's own words.
const OWN_REASONS = {
  "the platform's window for answers has shut": 'refusal-window-shut',
  'the channel account is gone': 'refusal-account-gone',
  'nobody knows whether an earlier try of this message arrived': 'refusal-nobody-knows',
};
const EARLIER = 'an earlier try may have arrived; this one was refused: ';

function reasonInWords(reason) {
  if (reason?.startsWith(EARLIER)) return t('refusal-earlier-try', { reason: reasonInWords(reason.slice(EARLIER.length)) });
  return Object.hasOwn(OWN_REASONS, reason ?? '') ? t(OWN_REASONS[reason]) : reason;
}

/** The readable words of a message's parts on one line. */
export function plain(message) {
  return message.parts.map((part) => part.text || part.alt || part.template?.text || part.cards?.map((card) => card.title).join(', ') || label('content', part.type)).join(' ');
}
