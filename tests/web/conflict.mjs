// SPDX-License-Identifier: MIT
// Two browsers, and a file that changes on disk: nothing is overwritten silently.
import { strict as assert } from 'node:assert';
import { applied, field, go, watch } from './browser.mjs';
import { Device } from './device.mjs';

const INTERVAL = 'line.1.failback_interval';

// The second has typed before the first applied.
async function bothChange(world) {
	const device = await Device.start(world);
	const [first, second] = [await watch(world, device), await watch(world, device)];

	await go(first, '#/line/1');
	await go(second, '#/line/1');
	await second.fill(field(INTERVAL), '200');
	await second.fill(field('line.1.display_name'), 'Second');
	await first.fill(field(INTERVAL), '100');
	await first.fill(field('line.1.realm'), 'first.example');
	await applied(first);
	await second.waitForFunction(() => /changed elsewhere/.test(document.getElementById('apply-told').textContent));
	await second.click('#apply');
	await second.waitForSelector('dialog[open]');
	assert.match(device.text, /failback_interval = 100/);
	assert.doesNotMatch(device.text, /Second/);
	const text = await second.textContent('dialog');
	assert.match(text, /Failback Interval/);
	for (const part of ['86400', '100', '200', 'Realm', 'first.example'])
		assert.ok(text.includes(part), part);
	return { device, first, second };
}

export async function two_browsers_in_conflict_mine(world) {
	const { device, first, second } = await bothChange(world);

	await second.getByRole('button', { name: 'Apply what is chosen' }).click();
	await second.waitForSelector('#apply-told.good:not(:empty)');
	assert.match(device.text, /failback_interval = 200/);
	assert.match(device.text, /display_name = "?Second"?/);
	assert.match(device.text, /realm = "?first\.example"?/);
	// The first has changed nothing since: it shows what is there now.
	await first.waitForFunction((id) => document.querySelector(id).value === '200', field(INTERVAL));
	assert.deepEqual([...first.complaints, ...second.complaints], []);
}

export async function two_browsers_in_conflict_theirs(world) {
	const { device, second } = await bothChange(world);

	await second.locator('input[type=radio][value=theirs]').check();
	await second.getByRole('button', { name: 'Apply what is chosen' }).click();
	await second.waitForSelector('#apply-told.good:not(:empty)');
	assert.match(device.text, /failback_interval = 100/);
	assert.match(device.text, /display_name = "?Second"?/);
}

export async function a_conflict_can_be_left_alone(world) {
	const { device, second } = await bothChange(world);

	await second.keyboard.press('Escape');
	await second.waitForSelector('dialog', { state: 'detached' });
	assert.match(device.text, /failback_interval = 100/);
	assert.doesNotMatch(device.text, /Second/);
	assert.equal(await second.inputValue(field(INTERVAL)), '200');
	assert.equal(await second.textContent('.apply-count'), '2 changes not applied');
}

export async function a_file_that_changed_on_disk_is_not_overwritten(world) {
	const device = await Device.start(world);
	const page = await watch(world, device);

	await go(page, '#/line/1');
	await page.fill(field(INTERVAL), '200');
	device.write(device.text.replace('failback_interval = 86400', 'failback_interval = 300') + '# by hand\n');
	await page.click('#apply');
	await page.waitForSelector('dialog[open]');
	assert.match(device.text, /failback_interval = 300/);
	await page.getByRole('button', { name: 'Apply what is chosen' }).click();
	await page.waitForSelector('#apply-told.good:not(:empty)');
	assert.match(device.text, /failback_interval = 200/);
	assert.match(device.text, /# by hand/);
}
