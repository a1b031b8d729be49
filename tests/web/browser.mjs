// SPDX-License-Identifier: MIT
// Debian's chromium; each visitor has a profile of its own.
import { createRequire } from 'node:module';
import path from 'node:path';
import { PATIENCE } from './tap.mjs';
import { PASSWORD } from './device.mjs';

const require = createRequire(path.join(process.env.NODE_MODULES, 'modules.cjs'));
const { chromium } = require('playwright-core');

export const AXE = require.resolve('axe-core/axe.min.js');
export const PAGES = ['#/status', '#/status/1', '#/line/1', '#/global'];

export async function openBrowser() {
	return chromium.launch({
		executablePath: process.env.CHROMIUM,
		args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
			'--disable-background-networking', '--disable-component-update', '--disable-sync'],
	});
}

// A person with a browser: language, scheme and screen as asked. What the page complains of is kept.
export async function visit(world, device, options = {}) {
	const context = await world.browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 900 }, ...options });
	const page = await context.newPage();

	world.atEnd(() => context.close());
	page.setDefaultTimeout(PATIENCE);
	page.complaints = [];
	page.on('pageerror', (error) => page.complaints.push(String(error.stack)));
	page.on('console', (message) => {
		if (message.type() === 'error' && !/status of (4\d\d|507)|ERR_/.test(message.text()))
			page.complaints.push(message.text());
	});
	if (options.axe)
		await context.addInitScript({ path: AXE });
	await page.goto(device.url);
	await page.waitForSelector('#password');
	return page;
}

export async function logIn(page, password = PASSWORD) {
	await page.fill('#password', password);
	await page.keyboard.press('Enter');
}

// Logged in, and the stream of events is there.
export async function watch(world, device, options) {
	const page = await visit(world, device, options);

	await logIn(page);
	await page.waitForSelector('.connection.live');
	return page;
}

// Another page of the same visit; the frame stays, so it is the hash that changes.
export async function go(page, hash) {
	await page.evaluate((to) => { location.hash = to; }, hash);
	await page.waitForSelector(hash.startsWith('#/status') ? '.status' : '#apply');
	await page.waitForFunction((to) => location.hash === to, hash);
}

export const field = (path) => '#f-' + path.replaceAll('.', '-');

export async function applied(page) {
	await page.click('#apply');
	await page.waitForSelector('#apply-told.good:not(:empty)');
}

// From the status page of a line that is registered.
export async function callUp(page) {
	await page.fill('#uri', '2000');
	await page.click('.call-form .primary');
	await page.locator('.calls').getByText('Up', { exact: true }).waitFor();
}
