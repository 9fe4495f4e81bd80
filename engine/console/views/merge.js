// Making another person one with this one: look for them, see both side by side, say why, confirm.
import { html, useEffect, useRef, useState } from '../vendor/runtime.js';
import { loadThread } from '../actions.js';
import { get, post } from '../api.js';
import { channelName, personName, scriptOf } from '../format.js';
import { t } from '../i18n.js';
import { notify } from '../notice.js';
import { detailOf, titleOf } from '../problem_text.js';
import { dialog } from '../settings.js';
import { selected, thread } from '../store.js';
import { Dialog } from './dialog.js';
import { Addresses, named } from './person.js';

const PAUSE_MS = 250;

export function Merge() {
  const person = thread.value?.person;
  const [other, setOther] = useState(null);
  if (!person) return null;
  return html`<${Dialog} title=${t('merge-title')}>
    ${other ? html`<${Confirm} person=${person} other=${other} back=${() => setOther(null)} />` : html`<${Find} person=${person} why=${t('merge-why')} choose=${setOther} />`}
  </${Dialog}>`;
}

/** Looks for another person; `why` stands above. */
export function Find({ person, why, choose }) {
  const [words, setWords] = useState('');
  const [found, setFound] = useState({ state: 'none', people: [] });
  const field = useRef(null);
  useEffect(() => field.current.focus(), []);
  useEffect(() => {
    if (!words.trim()) return setFound({ state: 'none', people: [] });
    let isOld = false;
    setFound((before) => ({ ...before, state: 'loading' }));
    const timer = setTimeout(async () => {
      try {
        const { people } = await get(`people?limit=10&q=${encodeURIComponent(words.trim())}`);
        if (!isOld) setFound({ state: 'ready', people: people.filter((each) => each.id !== person.id) });
      } catch (problem) {
        if (!isOld) setFound({ state: 'failed', people: [], problem });
      }
    }, PAUSE_MS);
    return () => {
      isOld = true;
      clearTimeout(timer);
    };
  }, [words]);
  return html`<div class="merge">
    <p>${why}</p>
    <label for="merge-words">${t('merge-find')}</label>
    <input id="merge-words" ref=${field} type="search" autocomplete="off" value=${words} onInput=${(event) => setWords(event.currentTarget.value)} />
    <div role="status">${said(found)}</div>
    <ul class="plainlist found">${found.people.map((each) => html`<li key=${each.id}><button type="button" class="plain" onClick=${() => choose(each)}>
      <b lang=${scriptOf(personName(each))}>${personName(each)}</b> <span class="quiet">${each.addresses.map((one) => `${channelName(one.channel)} ${named(one)}`).join(' · ')}</span></button></li>`)}</ul>
  </div>`;
}

function said({ state, people, problem }) {
  if (state === 'loading') return t('loading');
  if (state === 'failed') return html`<p class="bad">${detailOf(problem) || titleOf(problem)}</p>`;
  if (state === 'ready' && !people.length) return t('merge-nobody');
  return null;
}

function Confirm({ person, other, back }) {
  const [note, setNote] = useState('');
  const [staying, setStaying] = useState(person.id);
  const leaving = [person, other].find(({ id }) => id !== staying);
  const [problem, setProblem] = useState(null);
  const [isBusy, setBusy] = useState(false);
  const merge = async (event) => {
    event.preventDefault();
    setBusy(true);
    try {
      await post(`people/${encodeURIComponent(staying)}/merge`, { with: leaving.id, note });
      dialog.value = null;
      notify('merge-done');
      if (selected.peek()) loadThread(selected.peek().id);
    } catch (refusal) {
      setProblem(refusal);
      setBusy(false);
    }
  };
  const form = useRef(null);
  useEffect(() => form.current.querySelector('input').focus(), []);
  return html`<form class="merge" ref=${form} onSubmit=${merge}>
    <fieldset class="both"><legend>${t('merge-who-stays')}</legend>
      ${[person, other].map((each) => html`<${Side} key=${each.id} person=${each} isStaying=${each.id === staying} stay=${() => setStaying(each.id)} />`)}
    </fieldset>
    <p>${t('merge-outcome', { kept: personName(person.id === staying ? person : other), moved: personName(leaving) })}</p>
    <label for="merge-note">${t('merge-note')}</label>
    <input id="merge-note" maxlength="500" value=${note} onInput=${(event) => setNote(event.currentTarget.value)} />
    <p class="quiet">${t('merge-can-be-undone')}</p>
    ${problem && html`<p class="bad" role="alert">${detailOf(problem) || titleOf(problem)}</p>`}
    <div class="choices"><button type="button" class="plain" onClick=${back}>${t('merge-back')}</button><button class="primary" disabled=${isBusy}>${t('merge-confirm')}</button></div>
  </form>`;
}

function Side({ person, isStaying, stay }) {
  const name = personName(person);
  return html`<div><h3 lang=${scriptOf(name)}>${name}</h3>
    <label class="stays"><input type="radio" name="staying" checked=${isStaying} onChange=${stay} /> <span>${t(isStaying ? 'merge-kept' : 'merge-moved')}<span class="hidden"> ${name}</span></span></label>
    <${Addresses} addresses=${person.addresses} /></div>`;
}
