// SPDX-License-Identifier: MIT
// What a person needs of any page: it is readable, steady, small, and does without a mouse.
import { strict as assert } from 'node:assert';
import fs from 'node:fs';
import { PAGES, callUp, field, go, logIn, visit, watch } from './browser.mjs';
import { Device } from './device.mjs';

const WORDS = new URL('../../programs/web/page/script/10-words.js', import.meta.url);

async function axe(page, where) {
	const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));

	assert.deepEqual(found.violations.map((v) => `${where}: ${v.id}: ${v.nodes.slice(0, 3).map((n) => n.target.join(' ')).join(', ')}`), []);
}

async function noSideways(page, where) {
	assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${where} scrolls sideways`);
}

// Every page, the log-in page, errors and the conflict included.
async function everyPage(world, device, options, look) {
	const page = await visit(world, device, options);

	await look(page, 'log in');
	await logIn(page);
	await page.waitForSelector('.connection.live');
	for (const hash of PAGES) {
		await go(page, hash);
		await look(page, hash);
	}
	await go(page, '#/line/1');
	await page.click('#group-advanced summary');
	await page.fill(field('line.1.t1'), '1');
	await page.click('#apply');
	await page.waitForSelector('[aria-invalid]');
	await look(page, 'an error');
	await page.fill(field('line.1.t1'), '300');
	device.write(device.text.replace(/t1 = \d+/, 't1 = 400'));
	await page.click('#apply');
	await page.waitForSelector('dialog[open]');
	await look(page, 'a conflict');
	assert.deepEqual(page.complaints, []);
}

async function axeOnEveryPage(world, options) {
	const device = await Device.start({ ...world, lines: 3 });

	await everyPage(world, device, { ...options, axe: true }, axe);
}

export const axe_finds_nothing_in_the_light = (world) => axeOnEveryPage(world, { colorScheme: 'light' });
export const axe_finds_nothing_in_the_dark = (world) => axeOnEveryPage(world, { colorScheme: 'dark' });
export const axe_finds_nothing_on_a_phone = (world) => axeOnEveryPage(world, { viewport: { width: 320, height: 640 } });
export const axe_finds_nothing_in_chinese_in_the_dark_on_a_phone = (world) =>
	axeOnEveryPage(world, { viewport: { width: 320, height: 640 }, colorScheme: 'dark', locale: 'zh-CN' });

export async function a_screen_of_320_pixels_never_scrolls_sideways(world) {
	for (const locale of ['en-GB', 'zh-CN'])
		await everyPage(world, await Device.start({ ...world, lines: 3 }), { viewport: { width: 320, height: 640 }, locale }, noSideways);
}

export async function a_phone_sized_screen_goes_from_the_list_to_a_line_and_back(world) {
	const device = await Device.start({ ...world, lines: 2 });
	const page = await watch(world, device, { viewport: { width: 320, height: 640 } });

	await go(page, '#/status');
	assert.equal(await page.isVisible('.detail'), false);
	await page.locator('.line-items a').nth(1).click();
	await page.waitForFunction(() => document.querySelector('h1').textContent.startsWith('Line 2'));
	assert.equal(await page.isVisible('.lines'), false);
	await page.getByRole('link', { name: '← All lines' }).click();
	await page.waitForSelector('.lines');
	assert.equal(await page.isVisible('.detail'), false);
}

// What a line's badge and marks, and the sum of a plan, can say: the page's own words.
function wordsOfStates(locale) {
	const [english, chinese] = fs.readFileSync(WORDS, 'utf8').split(/^\tzh: /m);
	const word = (key) => new RegExp(`[\\s{]'?${key}'?: '([^']*)'`).exec(locale.startsWith('zh') ? chinese : english)[1].replace('{t}', '3599.5');

	return [
		['state_registered', 'state_registering', 'state_unregistered', 'state_off', 'state_no-target', 'on_backup'].map(word),
		['', word('pinned'), word('probing'), `${word('pinned')} · ${word('probing')}`],
		[' ', word('plan_empty'), ...['plan_service', 'plan_only'].map((key) => `${word(key)} · ${word('plan_fails')}`)],
	];
}

// Short states pass too fast to be seen by who waits for events, as a probe that is answered at once.
export async function no_state_of_a_line_takes_more_room_than_another(world) {
	for (const width of [320, 375, 1280])
		for (const locale of ['en-GB', 'zh-CN']) {
			const page = await watch(world, await Device.start(world), { viewport: { width, height: 640 }, locale });

			await go(page, '#/status/1');
			await page.waitForSelector('.title .badge.good');
			await page.waitForSelector('.plan-steps li');
			const heights = await page.evaluate(([states, marks, sums]) => {
				const say = (selector, text) => {
					const element = document.querySelector(selector);

					element.textContent = text;
					return element.scrollHeight > element.clientHeight ? `${text} is cut` : document.body.scrollHeight;
				};
				const title = (state, mark) => { say('.title .badge', state); return [say('.title .marks', mark), state, mark]; };

				return [...states.flatMap((state) => marks.map((mark) => title(state, mark))), ...sums.map((sum) => [say('.plan-sum', sum), sum])];
			}, wordsOfStates(locale));
			assert.deepEqual(heights.filter(([height]) => height !== heights[0][0]), [], `${heights[0][0]} at ${width} pixels, ${locale}`);
		}
}

async function steady(world, options) {
	const device = await Device.start({ ...world, lines: 2 });
	const page = await watch(world, device, options);

	await go(page, '#/status/1');
	await page.waitForSelector('.title .badge.good');
	await page.waitForSelector('.plan-steps li');
	await callUp(page);
	await page.evaluate(() => {
		window.shifts = [];
		new PerformanceObserver((list) => {
			for (const entry of list.getEntries())
				window.shifts.push(`${entry.value}: ${entry.sources.map(({ node }) => `${node?.nodeName} "${node?.textContent.slice(0, 30)}" in ${node?.parentElement?.className}`).join(', ')}`);
		}).observe({ type: 'layout-shift' });
	});
	await device.primary.does('silent');
	device.phone.say('hangup 1');
	await page.waitForSelector('.ladder .row.moved');
	await page.waitForSelector('.title .badge.warn');
	await page.getByText('No call.').waitFor();
	await device.primary.does('up');
	device.phone.say('failback 1');
	await page.waitForSelector('.title .badge.good');
	await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
	assert.deepEqual(await page.evaluate(() => window.shifts), []);
}

export const nothing_jumps_when_events_come = (world) => steady(world, {});
export const nothing_jumps_on_a_phone_when_events_come = (world) => steady(world, { viewport: { width: 320, height: 640 } });

export async function the_observer_of_jumps_sees_one(world) {
	const device = await Device.start(world);
	const page = await watch(world, device);

	await go(page, '#/status/1');
	await page.evaluate(() => {
		window.shifts = 0;
		new PerformanceObserver((list) => { window.shifts += list.getEntries().length; }).observe({ type: 'layout-shift' });
		setTimeout(() => document.querySelector('.facts').before(Object.assign(document.createElement('p'), { textContent: 'pushed' })), 1500);
	});
	await page.waitForFunction(() => window.shifts > 0);
}

export async function one_request_each_and_at_most_120_KiB(world) {
	const device = await Device.start(world);
	const asked = [];
	const page = await visit(world, device);

	page.on('response', (response) => asked.push(response));
	await page.reload();
	await logIn(page);
	await page.waitForSelector('.connection.live');
	const origin = new URL(device.url).origin;
	assert.deepEqual(asked.filter((r) => new URL(r.url()).origin !== origin && !r.url().startsWith('data:')).map((r) => r.url()), []);
	const files = asked.filter((r) => r.url().startsWith(origin) && !r.url().includes('/api/'));
	assert.deepEqual(files.map((r) => r.request().resourceType()).sort(), ['document', 'script', 'stylesheet']);
	const sizes = await Promise.all(files.map(async (r) => (await r.body()).length));
	const total = sizes.reduce((a, b) => a + b);
	console.log(`# ${total} bytes`);
	assert.ok(total > 10000 && total <= 120 * 1024, `${total} bytes`);
	const policy = files.find((r) => r.request().resourceType() === 'document').headers()['content-security-policy'];
	assert.ok(policy && !/unsafe/.test(policy), policy);
	assert.deepEqual(page.complaints, []);
}

export async function all_is_done_with_the_keyboard(world) {
	const device = await Device.start({ ...world, lines: 2 });
	const page = await visit(world, device);
	const tabTo = async (wanted) => {
		for (let i = 0; i < 90; i++) {
			await page.keyboard.press('Tab');
			if (await page.evaluate((w) => { const e = document.activeElement; return e.id === w || e.textContent.trim() === w; }, wanted))
				return;
		}
		assert.fail(`no way to ${wanted}`);
	};

	await tabTo('password');
	await page.keyboard.type('correct horse battery');
	await page.keyboard.press('Enter');
	await page.waitForSelector('.connection.live');
	await tabTo('Line');
	await page.keyboard.press('Enter');
	await page.waitForSelector('#apply');
	// A page that is new begins at its heading.
	await page.waitForFunction(() => document.activeElement.tagName === 'H1');
	await tabTo('f-line-1-display_name');
	await page.keyboard.type('Typed');
	await tabTo('Apply');
	await page.keyboard.press('Enter');
	await page.waitForSelector('#apply-told.good:not(:empty)');
	assert.match(device.text, /display_name = "?Typed"?/);
	await page.keyboard.press('Home');
	await page.evaluate(() => document.activeElement.blur());
	await tabTo('Skip to the content');
	await page.keyboard.press('Enter');
	assert.equal(await page.evaluate(() => document.activeElement.tagName), 'H1');
}

export async function what_has_the_focus_is_never_under_the_bar(world) {
	const device = await Device.start(world);
	const page = await watch(world, device, { viewport: { width: 700, height: 500 } });
	const hidden = () => page.evaluate(() => {
		const e = document.activeElement, bar = document.querySelector('.apply');

		return e.closest('.groups') && e.getBoundingClientRect().bottom > bar.getBoundingClientRect().top ? e.id || e.textContent : null;
	});
	const seen = [];

	await go(page, '#/line/1');
	await page.locator('h1').focus();
	for (const [key, times] of [['Tab', 45], ['Shift+Tab', 45]])
		for (let i = 0; i < times; i++) {
			await page.keyboard.press(key);
			seen.push(await hidden());
		}
	assert.deepEqual(seen.filter(Boolean), []);
	assert.equal(seen.length, 90);
}

export async function nothing_moves_for_who_wants_it_so(world) {
	const device = await Device.start({ ...world, settings: { t1: 1000 } });
	const page = await watch(world, device, { reducedMotion: 'reduce' });

	await go(page, '#/status/1');
	await page.waitForSelector('.title .badge.good');
	await device.primary.does('silent');
	device.phone.say('register 1');
	await page.waitForSelector('.ladder .row.attempt.running');
	assert.equal(await page.evaluate(() => document.getAnimations().length), 0);
	await page.emulateMedia({ reducedMotion: 'no-preference' });
	await page.waitForFunction(() => document.getAnimations().length > 0);
}

export async function the_scheme_is_the_systems_and_can_be_changed(world) {
	const device = await Device.start(world);
	const page = await watch(world, device, { colorScheme: 'dark' });
	const dark = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
	const first = await dark();

	await page.selectOption('#theme', 'light');
	const light = await dark();
	assert.notEqual(light, first);
	await page.reload();
	await page.waitForSelector('.connection.live');
	assert.equal(await dark(), light);
	await page.selectOption('#theme', 'auto');
	assert.equal(await dark(), first);
}

export async function times_are_those_of_the_browsers_zone(world) {
	const device = await Device.start(world);
	const hours = [];

	for (const timezoneId of ['UTC', 'Asia/Kolkata']) {
		const page = await watch(world, device, { timezoneId });

		await go(page, '#/status/1');
		await page.waitForSelector('.log li time');
		hours.push(await page.evaluate(() => { const t = document.querySelector('.log li time'); return [t.textContent.slice(-8), t.getAttribute('datetime')]; }));
	}
	assert.equal(hours[0][1], hours[1][1]);
	assert.notEqual(hours[0][0].slice(0, 5), hours[1][0].slice(0, 5));
	assert.equal(hours[0][0].slice(-2), hours[1][0].slice(-2));
}
