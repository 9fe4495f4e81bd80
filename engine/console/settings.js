// Choices of this device: theme, single-key shortcuts, the side panel.
import { effect, signal } from './vendor/runtime.js';
import { keep, kept } from './keep.js';

export const THEMES = ['auto', 'light', 'dark'];
export const theme = signal(kept('theme') || 'auto');
/** Whether `/` and `?` work without Alt (WCAG 2.1.4 asks for a switch). */
export const singleKeys = signal(kept('single-keys') ?? true);
const wide = matchMedia('(min-width: 1180px)');
/** On a wide window the panel stands beside the thread; elsewhere it covers it and starts closed. */
export const panelOpen = signal(wide.matches && (kept('panel') ?? true));
// A window that becomes narrow shows the thread, not what would cover it.
wide.addEventListener('change', () => { panelOpen.value = wide.matches && (kept('panel') ?? true); });
/** What the panel shows, from one conversation to the next: understanding or person. */
export const panelTab = signal('understanding');
/** True where the panel covers the thread. */
export const panelCovers = () => !wide.matches;
/** Which dialog is open: null, 'settings', 'help', 'merge' or 'account-link'. */
export const dialog = signal(null);

export function startTheme() {
  effect(() => {
    document.documentElement.dataset.theme = theme.value;
  });
}

export function chooseTheme(value) {
  theme.value = value;
  keep('theme', value);
}

export function chooseSingleKeys(value) {
  singleKeys.value = value;
  keep('single-keys', value);
}

export function togglePanel() {
  panelOpen.value = !panelOpen.value;
  if (wide.matches) keep('panel', panelOpen.value);
}
