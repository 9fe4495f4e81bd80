// The files of a reply, before it is sent: each with its picture, how far it is, and what the platform makes of it.
import { html, useRef } from '../vendor/runtime.js';
import { KINDS, LARGEST, MOST, attachFiles, attachedTo, bringAgain, detach } from '../attachments.js';
import { channelName, fileSize } from '../format.js';
import { t } from '../i18n.js';
import { Icon } from '../icons.js';
import { notify } from '../notice.js';

const focusComposer = () => requestAnimationFrame(() => document.getElementById('composer')?.focus());

/** Takes what was chosen, pasted or dropped. */
export function takeFiles(id, files) {
  if (attachFiles(id, files)) notify('attach-most');
  focusComposer();
}

export function AttachButton({ id }) {
  const input = useRef(null);
  const words = `${t('attach')}: ${t('attach-allowed', { most: fileSize(LARGEST), count: MOST })}`;
  return html`<button type="button" class="template attach" title=${words} onClick=${() => input.current.click()}><${Icon} name="clip" size=${15} /> <span>${t('attach')}</span></button>
    <input ref=${input} hidden type="file" multiple accept=${KINDS} aria-label=${words} onChange=${(event) => { takeFiles(id, event.currentTarget.files); event.currentTarget.value = ''; }} />`;
}

export function Attached({ id, channel }) {
  const all = attachedTo(id);
  if (!all.length) return null;
  return html`<ul class="attached" aria-label=${t('attach-chosen')}>${all.map((each) => html`<li key=${each.key} class=${each.state}>
    ${each.preview ? html`<img src=${each.preview} alt="" />` : html`<span class="ending" aria-hidden="true">${each.name.split('.').pop().slice(0, 4)}</span>`}
    <span class="about"><b>${each.name}</b> <small class="quiet">${fileSize(each.size)}</small>
      ${each.state === 'bringing' && html`<progress max="1" value=${each.part} aria-label=${t('attach-bringing', { name: each.name })}></progress>`}
      ${each.state === 'failed' && html`<em role="alert">${t(`attach-fault-${each.fault}`, { most: fileSize(LARGEST) })}</em>`}
      ${each.state === 'ready' && each.kept.goes !== 'whole' && html`<em role="status">${t(`attach-goes-${each.kept.goes}`, { channel: channelName(channel) })}</em>`}</span>
    ${each.fault === 'lost' && html`<button type="button" class="plain" onClick=${() => bringAgain(id, each.key)}><${Icon} name="retry" size=${15} /> ${t('attach-again')}</button>`}
    <button type="button" class="ghost" aria-label=${t(each.state === 'bringing' ? 'attach-cancel' : 'attach-remove', { name: each.name })} onClick=${() => { detach(id, each.key); focusComposer(); }}><${Icon} name="close" size=${16} /></button></li>`)}</ul>`;
}
