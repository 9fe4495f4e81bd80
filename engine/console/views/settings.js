// What this device and this agent choose, and signing out.
import { html } from '../vendor/runtime.js';
import { signOut } from '../actions.js';
import { LANGUAGES, LANGUAGE_NAMES, chooseLanguage, language, t } from '../i18n.js';
import { THEMES, chooseSingleKeys, chooseTheme, dialog, singleKeys, theme } from '../settings.js';
import { session } from '../store.js';
import { Dialog } from './dialog.js';
import { MyChannels } from './my_channels.js';

export function Settings() {
  const { agent, tenant } = session.value;
  const leave = () => {
    dialog.value = null;
    signOut();
  };
  return html`<${Dialog} title=${t('settings-title')}>
    <p><b>${agent.name}</b><br /><span class="quiet">${agent.email} · ${tenant.name}</span></p>
    <${LanguageChoice} />
    <${Choice} name="theme" legend=${t('settings-theme')} values=${THEMES} value=${theme.value} label=${(each) => t(`theme-${each}`)} choose=${chooseTheme} />
    <label class="switch"><input type="checkbox" checked=${singleKeys.value} onChange=${(event) => chooseSingleKeys(event.currentTarget.checked)} />
      <span>${t('settings-single-keys')}<small>${t('settings-single-keys-why')}</small></span></label>
    <${MyChannels} />
    <button type="button" class="plain" onClick=${leave}>${t('sign-out')}</button>
  </${Dialog}>`;
}

export function LanguageChoice() {
  return html`<${Choice} name="language" legend=${t('settings-language')} values=${LANGUAGES} value=${language.value} label=${(each) => LANGUAGE_NAMES[each]}
    choose=${chooseLanguage} lang=${(each) => each} />`;
}

function Choice({ name, legend, values, value, label, choose, lang }) {
  return html`<fieldset class="segments"><legend>${legend}</legend><div>
    ${values.map((each) => html`<label key=${each} lang=${lang?.(each)}>
      <input type="radio" name=${name} value=${each} checked=${each === value} onChange=${() => choose(each)} /><span>${label(each)}</span></label>`)}
  </div></fieldset>`;
}
