// My channels: the agent's own addresses, a code to link one, and unlinking.
import { html, useEffect, useState } from '../vendor/runtime.js';
import { get, post, remove } from '../api.js';
import { channelName, moment } from '../format.js';
import { t } from '../i18n.js';
import { Icon } from '../icons.js';
import { detailOf, titleOf } from '../problem_text.js';

/** While a code is open, what came of it is asked for so often. */
const LOOK_MS = 2_000;

export function MyChannels() {
  const [known, setKnown] = useState({ addresses: null, problem: null });
  const [offer, setOffer] = useState(null);
  const load = async () => {
    try {
      const { addresses } = await get('me/addresses');
      setKnown((before) => {
        if (before.addresses && addresses.length > before.addresses.length) setOffer(null);
        return { addresses, problem: null };
      });
    } catch (problem) {
      setKnown((before) => ({ ...before, problem }));
    }
  };
  const attempt = async (work) => {
    try {
      await work();
    } catch (problem) {
      setKnown((before) => ({ ...before, problem }));
    }
  };
  useEffect(() => { load(); }, []);
  useEffect(() => {
    if (!offer) return undefined;
    const timer = setInterval(() => (Date.now() > offer.expires_at ? setOffer(null) : load()), LOOK_MS);
    return () => clearInterval(timer);
  }, [offer]);
  const ask = () => attempt(async () => setOffer((await post('me/addresses')).offer));
  const unlink = (id) => attempt(async () => {
    await remove(`me/addresses/${encodeURIComponent(id)}`);
    await load();
  });
  const { addresses, problem } = known;
  return html`<section class="my-channels" aria-labelledby="my-channels">
    <h3 id="my-channels">${t('my-channels')}</h3>
    <p class="quiet">${t('my-channels-why')}</p>
    ${problem && html`<p class="bad" role="alert">${detailOf(problem) || titleOf(problem)}</p>`}
    ${!addresses && !problem && html`<p class="quiet" aria-busy="true">${t('loading')}</p>`}
    <ul class="plainlist">${(addresses || []).map((each) => html`<li key=${each.id}>
      <span><b>${channelName(each.channel)}</b> ${each.name || each.external_id} <span class="quiet">${moment(each.linked_at)}</span></span>
      <button type="button" class="plain" aria-label=${t('my-channels-unlink-of', { name: `${channelName(each.channel)} ${each.name || ''}` })} onClick=${() => unlink(each.id)}>${t('my-channels-unlink')}</button></li>`)}</ul>
    ${addresses?.length === 0 && html`<p class="quiet">${t('my-channels-none')}</p>`}
    <div role="status">${offer && html`<div class="offer"><p>${t('my-channels-send')}</p><p class="code" translate="no">${offer.code}</p>
      <p class="quiet">${t('my-channels-until', { time: moment(offer.expires_at) })}</p>
      <p>${offer.links.filter((each) => each.url).map((each) => html`<a key=${each.account} href=${each.url} target="_blank" rel="noopener">${channelName(each.channel)}</a> `)}</p></div>`}</div>
    <button type="button" class="plain" onClick=${ask}><${Icon} name="link" size=${16} /> ${t('my-channels-code')}</button>
  </section>`;
}
