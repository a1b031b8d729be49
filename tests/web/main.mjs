// SPDX-License-Identifier: MIT
// All suites with one browser. usage: main.mjs [WORD...]
import { openBrowser } from './browser.mjs';
import { runAll } from './tap.mjs';
import * as login from './login.mjs';
import * as form from './form.mjs';
import * as conflict from './conflict.mjs';
import * as figures from './figures.mjs';
import * as live from './live.mjs';
import * as looks from './looks.mjs';

const browser = await openBrowser();

await runAll([login, form, conflict, figures, live, looks], { browser }, process.argv.slice(2));
await browser.close();
