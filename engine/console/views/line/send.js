// A message to many: written, counted, looked at, confirmed with its number, and watched while it goes out.
import { html, useEffect, useRef, useState } from '../../vendor/runtime.js';
import { post } from '../../api.js';
import { moment, plain, scriptOf } from '../../format.js';
import { t } from '../../i18n.js';
import { notify } from '../../notice.js';
import { detailOf, titleOf } from '../../problem_text.js';
import { ReplyEditor, emptyPart, filledParts } from '../reply_editor.js';
import { ReplyShown } from '../reply_shown.js';
import { Choice } from './choice.js';
import { useFetched } from './page.js';

const POLL_MS = 1_500;

export function Send({ root, known }) {
  const quota = useFetched(`${root}/quota`);
  const sent = useFetched(`${root}/broadcasts`);
  const audiences = useFetched(`${root}/audiences`);
  const [draft, setDraft] = useState(null);
  const [round, setRound] = useState(0);
  const going = useRef(null);
  const isGoing = sent.value?.broadcasts.some(({ state }) => state === 'sending');
  useEffect(() => {
    const timer = isGoing && setInterval(sent.load, POLL_MS);
    return () => clearInterval(timer);
  }, [isGoing]);
  useEffect(() => { if (!isGoing) quota.load(); }, [isGoing]);
  // What was sent leaves the form, and the focus goes to where it is watched.
  const over = () => {
    setDraft(null);
    setRound(round + 1);
    sent.load();
    quota.load();
    requestAnimationFrame(() => going.current?.focus());
  };
  return html`<h3>${t('line-send')}</h3><p class="quiet">${t('line-send-hint')}</p>
    ${quota.value && html`<${Quota} quota=${quota.value.quota} />`}${quota.problem && html`<p class="bad">${titleOf(quota.problem)} ${detailOf(quota.problem)}</p>`}
    <${Compose} key=${round} root=${root} kinds=${known.kinds} audiences=${(audiences.value?.audiences ?? []).filter(({ state }) => state === 'ready')} onDraft=${setDraft} />
    ${draft && html`<${Sure} key=${draft.broadcast.id} root=${root} draft=${draft} over=${over} change=${setDraft} />`}
    <h4 ref=${going} tabindex="-1">${t('line-sent')}</h4>
    ${sent.value && html`<ul class="accounts broadcasts">${sent.value.broadcasts.filter(({ state }) => state !== 'draft').map((each) => html`<${Sent} key=${each.id} root=${root} broadcast=${each} reload=${sent.load} />`)}</ul>`}`;
}

function Quota({ quota }) {
  const { limit, used, left } = quota;
  if (limit === null) return html`<p class="quota">${t('line-quota-free', { used })}</p>`;
  return html`<p class="quota"><meter min="0" max=${limit} value=${used} high=${limit * 0.8} optimum="0" aria-label=${t('line-quota')}></meter> ${t('line-quota-left', { left, limit, used })}</p>`;
}

const KINDS = ['text', 'media', 'buttons', 'cards', 'sticker'];
/** LINE takes so many bubbles in one call. */
const MOST_BUBBLES = 5;

function Compose({ root, kinds, audiences, onDraft }) {
  const [way, setWay] = useState('people');
  const [choice, setChoice] = useState({});
  const [parts, setParts] = useState([emptyPart('text')]);
  const [problem, setProblem] = useState(null);
  const submit = async (event) => {
    event.preventDefault();
    const { audience, called } = Object.fromEntries(new FormData(event.currentTarget));
    const group = audiences.find(({ id }) => id === audience);
    const to = way === 'people' ? { way, choice } : way === 'audience' ? { way, group_id: group?.group_id, name: group?.name } : { way };
    setProblem(null);
    try {
      const reply = { parts: await filledParts(parts) };
      const { line } = (await post('preview', reply)).preview;
      if (line.shown.length === 0) return setProblem(t('many-empty'));
      if (line.shown.length > MOST_BUBBLES) return setProblem(t('many-too-long', { count: line.shown.length, most: MOST_BUBBLES }));
      onDraft(await post(`${root}/broadcasts`, { name: called.trim(), to, reply }));
    } catch (refusal) {
      onDraft(null);
      setProblem(`${titleOf(refusal)} ${detailOf(refusal)}`);
    }
  };
  // What was counted and shown is no longer what would be sent.
  const outdate = () => onDraft(null);
  return html`<form class="setup compose" onSubmit=${submit} onInput=${outdate} onChange=${outdate}>
    <${ReplyEditor} parts=${parts} kinds=${KINDS} onChange=${(news) => { setParts(news); outdate(); }} />
    <label class="wide">${t('line-name')}<input name="called" maxlength="80" autocomplete="off" placeholder=${t('line-name-none')} /></label>
    <label>${t('line-to')}<select value=${way} onChange=${(event) => setWay(event.currentTarget.value)}>${['people', 'audience', 'everybody'].map((each) => html`<option key=${each} value=${each} disabled=${each === 'audience' && !audiences.length}>${t(`line-to-${each}`)}</option>`)}</select></label>
    ${way === 'people' && html`<${Choice} kinds=${kinds} choice=${choice} onChange=${setChoice} />`}
    ${way === 'audience' && html`<label>${t('line-audience')}<select name="audience" required>${audiences.map(({ id, name, people }) => html`<option key=${id} value=${id}>${name} (${people})</option>`)}</select></label>`}
    ${problem && html`<p class="bad wide" role="alert">${problem}</p>`}
    <button class="plain count">${t('line-count')}</button></form>`;
}

/** The number again, what it looks like, and the one button that sends. */
function Sure({ root, draft, over, change }) {
  const { broadcast, quota, preview } = draft;
  const [problem, setProblem] = useState(null);
  const [isBusy, setBusy] = useState(false);
  const heading = useRef(null);
  // What is asked here comes below a long form: it is brought into sight and read.
  useEffect(() => heading.current.focus(), []);
  const count = broadcast.people;
  const short = quota.left !== null && quota.left < count;
  const send = async () => {
    setBusy(true);
    try {
      await post(`${root}/broadcasts/${broadcast.id}/send`, { people: count });
      notify('line-sending');
      return over();
    } catch (refusal) {
      setProblem(refusal);
      if (refusal.status === 409) change({ ...draft, broadcast: { ...broadcast, people: refusal.body.people } });
    }
    setBusy(false);
  };
  return html`<div class="added sure" role="group" aria-label=${t('line-sure', { count })}>
    <h4 ref=${heading} tabindex="-1">${t('line-sure', { count })}</h4>
    <p>${quota.left === null ? t('line-sure-free') : t('line-sure-quota', { count, left: quota.left })}</p>
    <${ReplyShown} ...${preview} />
    ${short && html`<p class="bad" role="alert">${t('line-too-few', { left: quota.left })}</p>`}
    ${problem && html`<p class="bad" role="alert">${problem.status === 409 ? t('line-recounted', { count }) : `${titleOf(problem)} ${problem.body.detail ?? ''}`}</p>`}
    <p class="deeds"><button type="button" class="primary" disabled=${isBusy || short || count === 0} onClick=${send}>${t('line-send-to', { count })}</button>
      <button type="button" class="plain" onClick=${() => change(null)}>${t('line-cancel')}</button></p></div>`;
}

function Sent({ root, broadcast, reload }) {
  const { state, people, sent, refused, chunks, reply, reason } = broadcast;
  const words = plain({ parts: reply.parts });
  const [isBusy, setBusy] = useState(false);
  const ask = (verb) => async () => {
    setBusy(true);
    try {
      await post(`${root}/broadcasts/${broadcast.id}/${verb}`);
    } catch (problem) {
      notify('notice-failed', problem);
    }
    setBusy(false);
    reload();
  };
  return html`<li><div><h4>${broadcast.name || words}</h4>${broadcast.name !== words && html`<p class="words" lang=${scriptOf(words)}>${words}</p>`}
      <p class="quiet">${t(`line-state-${state}`)} · ${t(`line-to-${broadcast.to.way}`)} · ${moment(broadcast.confirmed_at)}</p>
      <p role="status"><progress max=${Math.max(1, people)} value=${sent + refused} aria-label=${t('line-progress')}></progress> ${t('line-sent-of', { sent, people })}${refused > 0 ? ` · ${t('line-refused-of', { refused })}` : ''}</p>
      ${reason && html`<p class="bad">${reason}</p>`}
      ${chunks.filter((chunk) => chunk.reason || chunk.state === 'unknown').map((chunk) => html`<p key=${chunk.chunk} class="bad">${t('line-chunk', { number: chunk.chunk + 1 })}: ${chunk.reason ?? t('line-chunk-unknown')}</p>`)}</div>
    ${state === 'sending' && html`<button type="button" class="plain" disabled=${isBusy} onClick=${ask('stop')}>${t('line-stop')}</button>`}
    ${state === 'stopped' && html`<button type="button" class="plain" disabled=${isBusy} onClick=${ask('resume')}>${t('line-resume')}</button>`}</li>`;
}
