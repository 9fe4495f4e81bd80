// Audiences: groups of people that LINE keeps, made of people of a kind.
import { html, useEffect, useState } from '../../vendor/runtime.js';
import { post, remove } from '../../api.js';
import { t } from '../../i18n.js';
import { notify } from '../../notice.js';
import { Choice } from './choice.js';
import { Fetched, useFetched } from './page.js';

const POLL_MS = 3_000;

export function Audiences({ root, known }) {
  const audiences = useFetched(`${root}/audiences`);
  const [choice, setChoice] = useState({});
  const isMaking = audiences.value?.audiences.some(({ state }) => state === 'making');
  useEffect(() => {
    const timer = isMaking && setInterval(audiences.load, POLL_MS);
    return () => clearInterval(timer);
  }, [isMaking]);
  const act = async (work) => {
    try {
      await work();
    } catch (problem) {
      notify('notice-failed', problem);
    }
    audiences.load();
  };
  const make = (event) => {
    event.preventDefault();
    const form = event.currentTarget;
    const { name } = Object.fromEntries(new FormData(form));
    act(async () => { await post(`${root}/audiences`, { name, choice }); form.reset(); });
  };
  return html`<h3>${t('line-audiences')}</h3><p class="quiet">${t('line-audiences-hint')}</p>
    <${Fetched} from=${audiences}>${({ audiences: all }) => html`<ul class="accounts audiences">${all.map(({ id, name, people, state, reason }) => html`<li key=${id}><div><h4>${name}</h4>
      <p class=${state === 'refused' ? 'bad' : 'quiet'} role="status">${t(`line-audience-${state}`)} · ${t('line-people-count', { count: people })} ${reason ?? ''}</p></div>
      <button type="button" class="plain" onClick=${() => confirm(t('line-menu-remove-sure', { name })) && act(() => remove(`${root}/audiences/${id}`))}>${t('line-menu-remove')}<span class="hidden"> ${name}</span></button></li>`)}</ul>`}<//>
    <form class="setup" onSubmit=${make}><label>${t('line-audience-name')}<input name="name" required maxlength="100" autocomplete="off" /></label>
      <${Choice} kinds=${known.kinds} choice=${choice} onChange=${setChoice} /><button class="plain">${t('line-audience-make')}</button></form>`;
}
