// Starts the console: the language first, then who is signed in, then the page.
import { h, render } from './vendor/runtime.js';
import { restoreSession } from './actions.js';
import { keepFocus } from './focus.js';
import { startLanguage } from './i18n.js';
import { listenToKeys } from './keys.js';
import { startRoute } from './route.js';
import { startTheme } from './settings.js';
import { startTitle } from './title.js';
import { App } from './views/app.js';

startTheme();
startRoute();
const session = restoreSession();
await startLanguage();
render(h(App), document.getElementById('app'));
startTitle();
listenToKeys();
keepFocus();
await session;
