// SPDX-License-Identifier: MIT
// Line > SIP and the global settings: what is applied, what is refused.
import { strict as assert } from 'node:assert';
import { applied, callUp, field, go, watch } from './browser.mjs';
import { Device, SIP_SECRET } from './device.mjs';
import { until } from './tap.mjs';

export async function a_line_is_changed_and_the_file_with_it(world) {
	const device = await Device.start(world);
	const page = await watch(world, device);

	await go(page, '#/line/1');
	await page.fill(field('line.1.display_name'), 'Reception');
	await page.fill(field('line.1.failback_interval'), '600');
	assert.equal(await page.textContent('.apply-count'), '2 changes not applied');
	await applied(page);
	assert.equal(await page.textContent('.apply-count'), 'No changes.');
	assert.match(device.text, /display_name = "?Reception"?/);
	assert.match(device.text, /failback_interval = 600/);
	assert.match(device.text, /# The phone of the reception\./);
	assert.match(device.text, /# the extension/);
	await page.reload();
	await page.waitForSelector('#apply');
	assert.equal(await page.inputValue(field('line.1.failback_interval')), '600');
	await go(page, '#/status/1');
	await page.waitForFunction(() => document.querySelector('h1').textContent.includes('Reception'));
	assert.deepEqual(page.complaints, []);
}

export async function a_global_setting_is_changed(world) {
	const device = await Device.start(world);
	const page = await watch(world, device);

	await go(page, '#/global');
	await page.fill(field('reg_fail_interval'), '45');
	await page.selectOption(field('shared_health'), 'all');
	await applied(page);
	assert.match(device.text, /reg_fail_interval = 45/);
	assert.match(device.text, /shared_health = all/);
	await page.getByRole('button', { name: 'Use the default of Registration Failure Retry Interval' }).click();
	await page.selectOption(field('shared_health'), '');
	await applied(page);
	assert.doesNotMatch(device.text, /shared_health|reg_fail_interval/);
}

// B29: what the file does not say, the profile says; the default of V3 is a value of its own then.
export async function a_profile_brings_its_values(world) {
	const device = await Device.start(world);
	const page = await watch(world, device);
	const counts = field('line.1.signal_retry_counts');
	const anew = async () => {
		await page.reload();
		await page.waitForSelector('#apply');
	};

	await go(page, '#/line/1');
	await page.click('#group-advanced summary');
	await page.selectOption(field('line.1.profile'), 'grandstream');
	await applied(page);
	assert.match(device.text, /profile = grandstream/);
	await anew();
	assert.equal(await page.inputValue(counts), '2');
	assert.equal(await page.getAttribute(counts, 'placeholder'), '2');
	await page.fill(counts, '3');
	await applied(page);
	assert.match(device.text, /signal_retry_counts = 3/);
	await page.getByRole('button', { name: 'Use the default of Signal Retry Counts' }).click();
	await applied(page);
	assert.doesNotMatch(device.text, /signal_retry_counts/);
	await anew();
	assert.equal(await page.inputValue(counts), '2');
	assert.deepEqual(page.complaints, []);
}

export async function apply_drops_no_call(world) {
	const device = await Device.start(world);
	const page = await watch(world, device);

	await go(page, '#/status/1');
	await page.waitForSelector('.title .badge.good');
	await callUp(page);
	await go(page, '#/line/1');
	await page.fill(field('line.1.signal_retry_counts'), '4');
	await applied(page);
	await go(page, '#/status/1');
	await page.getByText('Up', { exact: true }).waitFor();
	assert.equal(await page.isEnabled('.call-form .danger'), true);
}

const WRONG = { 'line.1.server.primary.address': 'no such!host', 'line.1.server.backup.port': '99999', 'line.1.failback_interval': 'soon', 'line.1.t1': '1' };

async function refused(world, locale, words) {
	const device = await Device.start(world);
	const before = device.text;
	const page = await watch(world, device, { locale });

	await go(page, '#/line/1');
	await page.click('#group-advanced summary');
	await page.fill(field('line.1.user'), '7777');
	for (const [path, value] of Object.entries(WRONG))
		await page.fill(field(path), value);
	await page.click('#apply');
	await page.waitForSelector('[aria-invalid]');
	for (const path of Object.keys(WRONG)) {
		const control = page.locator(field(path));
		const described = await control.getAttribute('aria-describedby');

		assert.equal(await control.getAttribute('aria-invalid'), 'true', path);
		assert.match(await page.textContent('#' + described.split(' ')[0]), words[path]);
	}
	assert.equal(await page.getAttribute(field('line.1.user'), 'aria-invalid'), null);
	assert.equal('#' + await page.evaluate(() => document.activeElement.id), field('line.1.server.primary.address'));
	assert.equal(await page.locator('.apply-errors li').count(), 4);
	assert.equal(device.text, before);
	return { page, device };
}

export async function wrong_values_are_refused_field_by_field(world) {
	const { page, device } = await refused(world, 'en-GB', {
		'line.1.server.primary.address': /address|domain name|host/i, 'line.1.server.backup.port': /\b1\W+(to )?65535/,
		'line.1.failback_interval': /\b1\W+(to )?86400/, 'line.1.t1': /\b10\W+(to )?10000/,
	});

	// What was right is kept, and all is taken once the rest is mended.
	await page.fill(field('line.1.server.primary.address'), '127.0.0.1');
	await page.fill(field('line.1.server.backup.port'), String(device.backup.port));
	await page.fill(field('line.1.failback_interval'), '900');
	await page.fill(field('line.1.t1'), '500');
	assert.equal(await page.locator('[aria-invalid]').count(), 0);
	await applied(page);
	assert.equal(await page.locator('.apply-errors li').count(), 0);
	assert.match(device.text, /user = "?7777"?/);
	assert.match(device.text, /failback_interval = 900/);
}

export async function wrong_values_are_refused_in_chinese(world) {
	const chinese = /[\u4e00-\u9fff]/;

	await refused(world, 'zh-CN', Object.fromEntries(Object.keys(WRONG).map((path) => [path, chinese])));
}

export async function what_apply_would_lose_is_said_before(world) {
	const device = await Device.start({ ...world, suffix: 'txt' });
	const page = await watch(world, device);

	await go(page, '#/line/1');
	assert.match(await page.textContent('#apply-note'), /\w+/);
	assert.ok(await page.isVisible('#apply-note'));
	assert.equal(await page.getAttribute('#apply', 'aria-describedby'), 'apply-note');
	await page.click('#language');
	await page.waitForFunction(() => /[\u4e00-\u9fff]/.test(document.getElementById('apply-note')?.textContent));
	await page.fill(field('line.1.display_name'), 'Reception');
	await applied(page);
	assert.match(device.text, /Display Name\s*:Reception/);
}

export async function an_error_of_another_page_is_shown_there(world) {
	const device = await Device.start({ ...world, lines: 2 });
	const page = await watch(world, device);

	await go(page, '#/line/2');
	await page.fill(field('line.2.server.backup.port'), '0');
	await go(page, '#/line/1');
	await page.click('#apply');
	await page.waitForSelector(field('line.2.server.backup.port') + '[aria-invalid]');
	assert.equal(new URL(page.url()).hash, '#/line/2');
}

export async function no_secret_is_ever_sent_to_the_browser(world) {
	const device = await Device.start(world);
	const page = await watch(world, device);
	const bodies = [];

	page.on('response', async (response) => {
		if (!response.url().endsWith('/events'))
			bodies.push(await response.text().catch(() => ''));
	});
	await go(page, '#/line/1');
	assert.equal(await page.inputValue(field('line.1.auth_password')), '');
	assert.equal(await page.getAttribute(field('line.1.auth_password'), 'placeholder'), 'Set; never shown');
	assert.equal(await page.getAttribute(field('line.1.proxy.primary.password'), 'placeholder'), 'Not set');
	await go(page, '#/status/1');
	await page.reload();
	await page.waitForSelector('.connection.live');
	await until(() => bodies.length > 4, 'the page was read');
	assert.ok(!bodies.some((body) => body.includes(SIP_SECRET)));
	assert.ok(!(await page.content()).includes(SIP_SECRET));
}

export async function a_password_is_set_and_removed(world) {
	const device = await Device.start(world);
	const page = await watch(world, device);

	await go(page, '#/line/1');
	await page.fill(field('line.1.auth_password'), 'another-one');
	await applied(page);
	assert.match(device.text, /auth_password = "?another-one"?/);
	assert.equal(await page.inputValue(field('line.1.auth_password')), '');
	await page.getByRole('button', { name: 'Remove the password: Authentication Password' }).click();
	await applied(page);
	assert.doesNotMatch(device.text, /another-one/);
	assert.equal(await page.getAttribute(field('line.1.auth_password'), 'placeholder'), 'Not set');
}

export async function a_line_is_added_and_removed(world) {
	const device = await Device.start(world);
	const page = await watch(world, device);

	await go(page, '#/line/1');
	await page.getByRole('button', { name: 'Add a line' }).click();
	await page.waitForSelector(field('line.2.user'));
	await page.fill(field('line.2.user'), '1002');
	await page.fill(field('line.2.server.primary.address'), '127.0.0.1');
	await page.fill(field('line.2.server.primary.port'), String(device.backup.port));
	await applied(page);
	assert.match(device.text, /line 2 \{/);
	await go(page, '#/status/2');
	await page.waitForSelector('.title .badge.good');
	await go(page, '#/line/2');
	await page.getByRole('button', { name: 'Remove this line' }).click();
	await page.click('#apply');
	await until(() => !/line 2 \{/.test(device.text), 'the line is gone from the file');
	await page.waitForSelector(field('line.1.user'));
	assert.equal(await page.locator('#choose-line option').count(), 1);
	await page.evaluate(() => { location.hash = '#/line/2'; });
	await page.waitForSelector('.problem');
	await page.evaluate(() => { location.hash = '#/status/2'; });
	await page.waitForSelector('.problem');
	assert.deepEqual(page.complaints, []);
}

export async function a_section_is_removed(world) {
	const device = await Device.start(world);
	const page = await watch(world, device);

	await go(page, '#/line/1');
	await page.getByRole('button', { name: /^Remove: SIP Server 2/ }).click();
	await applied(page);
	assert.doesNotMatch(device.text, /server backup/);
	assert.match(device.text, /server primary/);
}

// What the device itself does with a full disk is tested with the device; here what the page tells.
export async function a_full_disk_is_told_and_nothing_is_lost(world) {
	const device = await Device.start(world);
	const page = await watch(world, device);
	const text = 'No space is left: the file is as it was.';

	await page.route('**/api/v1/config', (route) => (route.request().method() === 'PATCH'
		? route.fulfill({ status: 507, contentType: 'application/json', body: JSON.stringify({ error: { code: 'disk', text, text_zh: text } }) })
		: route.continue()));
	await go(page, '#/line/1');
	await page.fill(field('line.1.display_name'), 'Reception');
	await page.click('#apply');
	await page.waitForSelector('#apply-told.bad');
	assert.equal(await page.textContent('#apply-told'), text);
	assert.equal(await page.inputValue(field('line.1.display_name')), 'Reception');
	assert.equal(await page.isEnabled('#apply'), true);
}

export async function the_language_is_the_browsers_and_can_be_changed(world) {
	const device = await Device.start(world);
	const page = await watch(world, device, { locale: 'zh-CN' });

	await go(page, '#/line/1');
	assert.equal(await page.getAttribute('html', 'lang'), 'zh-CN');
	assert.equal(await page.textContent('#apply'), '提交');
	await page.fill(field('line.1.display_name'), 'half typed');
	await page.click('#language');
	await page.waitForFunction(() => document.getElementById('apply')?.textContent === 'Apply');
	assert.equal(await page.inputValue(field('line.1.display_name')), 'half typed');
	await page.getByRole('button', { name: 'Discard' }).click();
	await page.waitForFunction(() => document.querySelector('.apply-count').textContent === 'No changes.');
	await page.reload();
	await page.waitForSelector('#apply');
	assert.equal(await page.textContent('#apply'), 'Apply');
}
