// The console's texts: one Fluent file a language, the same files the server reads.
import { FluentBundle, FluentResource, signal } from './vendor/runtime.js';
import { keep, kept } from './keep.js';

export const LANGUAGES = ['th', 'en', 'zh'];
/** What each language calls itself. */
export const LANGUAGE_NAMES = { th: 'ไทย', en: 'English', zh: '中文' };

/** The language in use. It changes only when its texts are there. */
export const language = signal('en');
const bundle = signal(null);

/** Loads the language this device chose, else the browser's. */
export function startLanguage() {
  return use(kept('language') || fromBrowser());
}

/** Changes the language and remembers it on this device. */
export function chooseLanguage(code) {
  keep('language', code);
  return use(code);
}

/** Follows the agent's own language, unless this device has chosen one. */
export function followAgent(code) {
  return kept('language') ? Promise.resolve() : use(code);
}

/** The text `id` with its arguments; an id that no file holds is shown as it is. */
export function t(id, args) {
  const message = bundle.value?.getMessage(id);
  return message?.value ? bundle.value.formatPattern(message.value, args) : id;
}

/** The text `id` where there is one, else null: for names that bots and servers may add to. */
export function known(id, args) {
  return bundle.value?.hasMessage(id) ? t(id, args) : null;
}

/** The attribute `name` of the message `id`, where there is one. */
export function knownAttribute(id, name, args) {
  const pattern = bundle.value?.getMessage(id)?.attributes[name];
  return pattern ? bundle.value.formatPattern(pattern, args) : null;
}

async function use(code) {
  const wanted = LANGUAGES.includes(code) ? code : 'en';
  if (bundle.value && wanted === language.value) return;
  const response = await fetch(new URL(`./locales/${wanted}.ftl`, import.meta.url));
  const next = new FluentBundle(wanted, { useIsolating: false });
  next.addResource(new FluentResource(await response.text()));
  document.documentElement.lang = wanted;
  language.value = wanted;
  bundle.value = next;
}

function fromBrowser() {
  const wanted = navigator.languages.map((each) => each.slice(0, 2));
  return wanted.find((each) => LANGUAGES.includes(each)) || 'en';
}
