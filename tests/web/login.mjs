// SPDX-License-Identifier: MIT
// Who may: the password, the session, its token.
import { strict as assert } from 'node:assert';
import { go, logIn, visit, watch } from './browser.mjs';
import { Device, PASSWORD } from './device.mjs';

export async function a_wrong_password_is_refused_and_told(world) {
	const device = await Device.start(world);
	const page = await visit(world, device);

	await logIn(page, 'wrong horse battery');
	await page.waitForSelector('#login-told:not(:empty)');
	assert.equal(await page.getAttribute('#password', 'aria-invalid'), 'true');
	assert.equal(await page.evaluate(() => document.activeElement.id), 'password');
	assert.equal(await page.locator('.main-nav').count(), 0);
	await logIn(page);
	await page.waitForSelector('.connection.live');
	assert.deepEqual(page.complaints, []);
}

export async function a_wrong_password_is_told_in_chinese(world) {
	const device = await Device.start(world);
	const page = await visit(world, device, { locale: 'zh-CN' });

	assert.equal(await page.textContent('h1'), '登录');
	await logIn(page, 'wrong horse battery');
	await page.waitForSelector('#login-told:not(:empty)');
	assert.match(await page.textContent('#login-told'), /[\u4e00-\u9fff]/);
}

export async function an_empty_password_is_not_sent(world) {
	const device = await Device.start(world);
	const page = await visit(world, device);
	let sent = 0;

	page.on('request', (request) => { sent += request.method() === 'POST' ? 1 : 0; });
	await page.click('button[type=submit]');
	assert.equal(await page.textContent('#login-told'), 'Enter the password.');
	assert.equal(sent, 0);
}

export async function a_session_outlives_a_reload_and_ends_when_asked(world) {
	const device = await Device.start(world);
	const page = await watch(world, device);

	await page.reload();
	await page.waitForSelector('.connection.live');
	await page.getByRole('button', { name: 'Log out' }).click();
	await page.waitForSelector('#password');
	await page.reload();
	await page.waitForSelector('#password');
	assert.equal((await page.request.get(device.url + 'api/v1/status')).status(), 401);
}

export async function a_session_that_has_ended_leads_to_the_log_in(world) {
	const device = await Device.start(world);
	const page = await watch(world, device);

	await go(page, '#/status/1');
	await page.waitForSelector('.plan-steps');
	await page.context().clearCookies();
	await page.getByRole('button', { name: 'Send OPTIONS' }).click();
	await page.waitForSelector('#password');
	assert.match(await page.textContent('#login-told'), /session has ended/);
	await logIn(page);
	await page.waitForSelector('.connection.live');
	assert.equal(new URL(page.url()).hash, '#/status/1');
}

export async function a_request_without_the_token_is_refused(world) {
	const device = await Device.start(world);
	const page = await watch(world, device);
	const before = device.text;
	const answers = await page.evaluate(async () => {
		const send = async (method, path, body) => (await fetch('api/v1' + path, { method, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })).status;
		const { revision } = await (await fetch('api/v1/config')).json();

		return [await send('PATCH', '/config', { revision, changes: [{ path: 'line.1.user', value: 'x' }] }),
			await send('POST', '/lines/1/pin', {}), await send('DELETE', '/session')];
	});

	assert.deepEqual(answers, [403, 403, 403]);
	assert.equal(device.text, before);
}

export async function a_second_tab_that_logs_in_leaves_the_first_its_work(world) {
	const device = await Device.start(world);
	const page = await watch(world, device);
	const second = await page.context().newPage();

	await go(page, '#/status/1');
	await page.waitForSelector('.title .badge.good');
	await second.goto(device.url);
	await second.waitForSelector('.connection.live');
	await second.evaluate((password) => fetch('api/v1/session', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ password }) }), PASSWORD);
	await page.getByRole('button', { name: 'Send OPTIONS' }).click();
	await page.waitForFunction(() => /answers 200 to OPTIONS|accepted/.test(document.getElementById('told')?.textContent));
}

export async function tries_that_are_too_many_are_told_to_wait(world) {
	const device = await Device.start(world);
	const page = await visit(world, device);

	for (let i = 0; i < 60; i++) {
		const answer = page.waitForResponse((response) => response.request().method() === 'POST');

		await logIn(page, 'wrong horse ' + i);
		if ((await answer).status() === 429)
			break;
		await page.waitForSelector('button[type=submit]:not(:disabled)');
	}
	await page.waitForFunction(() => /\d/.test(document.getElementById('login-told').textContent));
	assert.match(await page.textContent('#login-told'), /Too many tries\. Try again in \d+ s/);
	assert.equal(await page.isDisabled('button[type=submit]'), true);
}
