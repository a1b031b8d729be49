// SPDX-License-Identifier: MIT
// What happens is seen as it happens, and a person can do something about it.
import { strict as assert } from 'node:assert';
import { callUp, go, logIn, watch } from './browser.mjs';
import { Device } from './device.mjs';

const fact = (page, name) => page.locator('.facts > div', { has: page.getByText(name, { exact: true }) }).locator('.main');

async function serves(page, name) {
	await page.waitForFunction((wanted) => [...document.querySelectorAll('.facts .main')][0]?.textContent === wanted, name);
}

async function registered(world, options = {}) {
	const device = await Device.start({ ...world, ...options });
	const page = await watch(world, device, options.visit);

	await go(page, '#/status/1');
	await page.waitForSelector('.title .badge.good');
	await serves(page, 'primary');
	return { device, page };
}

const press = (page, name) => page.getByRole('button', { name, exact: true }).click();
const told = (page, pattern) => page.waitForFunction((source) => new RegExp(source).test(document.getElementById('told').textContent), pattern.source);

export async function the_failover_is_seen_live_when_the_server_dies_in_mid_call(world) {
	const { device, page } = await registered(world);

	await callUp(page);
	await page.evaluate(() => { window.sameDocument = true; });
	await device.primary.does('silent');
	await press(page, 'Hang up');
	await page.waitForSelector('.ladder .row.attempt.running');
	await page.waitForSelector('.ladder .row.attempt.dead');
	await page.waitForSelector('.ladder .row.moved');
	await serves(page, 'backup');
	await page.waitForSelector('.title .badge.warn');
	await page.getByText('No call.').waitFor();
	const rows = page.locator('.targets tbody tr');
	assert.match(await rows.nth(0).textContent(), /primary.*Unavailable.*no answer/);
	assert.match(await rows.nth(1).textContent(), /backup.*Serving/);
	const log = await page.textContent('.log');
	assert.match(log, /has not answered 3 x BYE/);
	assert.match(log, /failover: moved from/);
	assert.match(await fact(page, 'Registration').textContent(), /^\d+:\d\d(:\d\d)? left$/);
	assert.match(await fact(page, 'Next probe').textContent(), /^in \d/);
	assert.match(await page.textContent('.lines'), /On a backup/);
	assert.equal(await page.evaluate(() => window.sameDocument), true);
	assert.deepEqual(page.complaints, []);
}

export async function a_probe_brings_the_line_back_when_asked(world) {
	const { device, page } = await registered(world);

	await device.primary.does('silent');
	await press(page, 'Register now');
	await serves(page, 'backup');
	await device.primary.does('up');
	await press(page, 'Probe now');
	await serves(page, 'primary');
	await page.waitForSelector('.title .badge.good');
	assert.match(await page.textContent('.log'), /failback: moved from/);
}

export async function a_line_can_be_pinned_to_the_backup_and_sent_back(world) {
	const { device, page } = await registered(world);
	const pin = page.getByRole('button', { name: 'Stay where it is' });

	await device.primary.does('silent');
	await press(page, 'Register now');
	await serves(page, 'backup');
	await pin.click();
	await page.waitForSelector('button[aria-pressed="true"].wide');
	await device.primary.does('up');
	await press(page, 'Register now');
	await told(page, /registered at/);
	await serves(page, 'backup');
	await pin.click();
	await page.waitForSelector('button[aria-pressed="false"].wide');
	await press(page, 'Go back to the primary now');
	await serves(page, 'primary');
}

export async function what_a_button_did_is_told(world) {
	const { page } = await registered(world);

	assert.equal(await page.getAttribute('#told', 'aria-live'), 'polite');
	await press(page, 'Register now');
	await told(page, /registered at 127\.0\.0\.1:\d+.* \d+ s/);
	await press(page, 'Send OPTIONS');
	await told(page, /answers 200 to OPTIONS/);
	await press(page, 'Probe now');
	await page.waitForSelector('#told.bad:not(:empty)');
	await press(page, 'Call');
	await told(page, /Enter a number/);
	assert.equal(await page.isDisabled('.call-form .danger'), true);
}

export async function a_call_is_answered_from_the_page(world) {
	const { device, page } = await registered(world);

	device.primary.say('ring 1001');
	await page.locator('.calls').getByText('Incoming', { exact: true }).waitFor();
	await press(page, 'Answer');
	await page.locator('.calls').getByText('Up', { exact: true }).waitFor();
	device.primary.say('hangup');
	await page.getByText('No call.').waitFor();
}

// Timers that leave time for a reload while the primary is silent.
export async function a_reload_in_mid_walk_shows_the_walk(world) {
	const { device, page } = await registered(world, { settings: { t1: 1500 } });

	await device.primary.does('silent');
	await press(page, 'Register now');
	await page.waitForSelector('.ladder .row.attempt.running');
	await page.reload();
	await page.waitForSelector('.ladder .row.attempt');
	assert.match(await page.textContent('.log'), /REGISTER to/);
	await page.waitForSelector('.ladder .row.moved', { timeout: 60000 });
	await serves(page, 'backup');
}

export async function a_lost_connection_is_told_and_made_again(world) {
	const { device, page } = await registered(world);

	await device.phone.stop();
	await page.waitForSelector('.connection.lost');
	await device.startPhone();
	// Sessions are the device's memory: it asks for the password again, and nothing is left of the old picture.
	await page.waitForSelector('#password', { timeout: 60000 });
	await logIn(page);
	await page.waitForSelector('.connection.live');
	await serves(page, 'primary');
}

// The stream alone is cut: what happened meanwhile is shown once, in order.
export async function a_browser_that_was_away_catches_up(world) {
	const { device, page } = await registered(world);
	const away = await world.browser.newContext();

	world.atEnd(() => away.close());
	await page.evaluate(() => { window.offlineDone = false; });
	await page.context().setOffline(true);
	await page.evaluate(() => { window.dispatchEvent(new Event('offline')); });
	await device.primary.does('silent');
	device.phone.say('register 1');
	await new Promise((resolve) => setTimeout(resolve, 3000));
	await page.context().setOffline(false);
	await serves(page, 'backup');
	await page.waitForSelector('.connection.live');
	await page.getByText(/failover: moved from/).first().waitFor();
	const ids = await page.locator('.log li').evaluateAll((rows) => rows.map((row) => Number(row.dataset.id)));
	assert.deepEqual(ids, [...new Set(ids)].sort((a, b) => a - b));
}

export async function decisions_are_filtered_by_line(world) {
	const { page } = await registered(world, { lines: 2 });
	const rows = page.locator('.log li');

	await page.waitForFunction(() => document.querySelectorAll('.log li').length > 1);
	const one = await rows.count();
	await press(page, 'All lines');
	await page.waitForFunction((n) => document.querySelectorAll('.log li').length > n, one);
	assert.match(await page.textContent('.log'), /Line 2/);
	await press(page, 'This line');
	assert.doesNotMatch(await page.textContent('.log'), /Line 2/);
}

export async function what_would_happen_now_is_shown_with_times(world) {
	const { page } = await registered(world);

	for (const method of ['REGISTER', 'INVITE', 'BYE']) {
		const box = page.locator(`[data-method=${method}]`);

		await box.locator('.plan-steps li').nth(1).waitFor();
		assert.match(await box.locator('.plan-sum').textContent(), /after [\d.]+ s.*failed after [\d.]+ s/);
		assert.match(await box.locator('.plan-steps li').first().textContent(), /^0 s/);
	}
}

export async function a_hundred_lines_are_searched_and_filtered(world) {
	const device = await Device.start({ ...world, lines: 100 });
	const page = await watch(world, device);
	const shown = () => page.locator('.line-items li:not([hidden])').count();

	await go(page, '#/status');
	await page.waitForFunction(() => document.querySelectorAll('.line-items .badge.good').length === 100);
	assert.equal(await shown(), 100);
	await page.fill('#search', '1042');
	assert.equal(await shown(), 1);
	await page.fill('#search', 'no such line');
	assert.ok(await page.getByText('No line matches.').isVisible());
	await page.fill('#search', '');
	await press(page, 'Trouble');
	assert.equal(await shown(), 0);
	await device.primary.does('silent');
	device.phone.say('register 7');
	await page.waitForSelector('.line-items li:not([hidden]) .badge.warn');
	assert.equal(await shown(), 1);
	await press(page, 'All');
	await page.fill('#search', '1042');
	await page.click('.line-items li:not([hidden]) a');
	await page.waitForFunction(() => document.querySelector('h1').textContent.startsWith('Line 42'));
	assert.deepEqual(page.complaints, []);
}
