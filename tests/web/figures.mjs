// SPDX-License-Identifier: MIT
// Each field of the figures (S 3.2: 2 and 3; P 4.2: 4 and 5) is there under its label. What the figures show of
// other features of that phone (voice messages, hot line, codecs) is no part of the documents' subject.
import { strict as assert } from 'node:assert';
import { go, watch } from './browser.mjs';
import { Device } from './device.mjs';

// The part of the form, and what its fields are called there.
const FIGURES = {
	'en-GB': {
		line: 'Line',
		parts: {
			'Register Settings': ['Username', 'Display name', 'Realm', 'Authentication User', 'Authentication Password', 'Server Name', 'Activate'],
			'SIP Server 1': ['Server Address', 'Server Port', 'Transport Protocol', 'Registration Expiration'],
			'SIP Server 2': ['Server Address', 'Server Port', 'Transport Protocol', 'Registration Expiration'],
			'SIP Proxy': ['SIP Proxy Server Address', 'SIP Proxy Server Port', 'Proxy User', 'Proxy Password'],
			'Backup Proxy': ['Backup Proxy Server Address', 'Backup Proxy Server Port'],
			'Basic Settings': ['Enable Failback', 'Failback Interval', 'Signal Failback', 'Signal Retry Counts'],
		},
		texts: ['Line status', 'NOTE', 'Apply'],
	},
	'zh-CN': {
		line: '线路',
		parts: {
			注册设置: ['用户名', '显示名称', '认证域', '认证用户', '认证密码', '服务器名称', '启用'],
			'SIP 服务器 1': ['服务器地址', '服务器端口', '传输协议', '注册有效期'],
			'SIP 服务器 2': ['服务器地址', '服务器端口', '传输协议', '注册有效期'],
			'SIP 代理服务器': ['SIP代理服务器地址', 'SIP代理服务器端口', '代理用户', '代理密码'],
			备份代理服务器: ['备份代理服务器地址', '备份代理服务器端口'],
			基本设置: ['启用 Failback', 'Failback 间隔', '信令 Failback', '信令重试次数'],
		},
		texts: ['线路状态', '说明', '提交'],
	},
};

async function figures(world, locale) {
	const device = await Device.start(world);
	const page = await watch(world, device, { locale });
	const { line, parts, texts } = FIGURES[locale];

	// As the documents say it: click Line, then SIP; choose the line.
	await page.getByRole('navigation').getByRole('link', { name: line, exact: true }).click();
	await page.getByRole('link', { name: 'SIP', exact: true }).click();
	await page.getByRole('combobox', { name: line, exact: true }).selectOption('1');
	for (const [part, labels] of Object.entries(parts)) {
		const box = page.getByRole('group', { name: part, exact: true }).or(page.getByRole('region', { name: part, exact: true }));

		assert.equal(await box.count(), 1, part);
		for (const label of labels) {
			const control = box.getByLabel(label, { exact: true });

			assert.equal(await control.count(), 1, `${part}: ${label}`);
			assert.ok(await control.isVisible(), `${part}: ${label}`);
		}
	}
	for (const text of texts)
		assert.ok(await page.getByText(text, { exact: true }).first().isVisible(), text);
	const [one, two] = await Promise.all(Object.keys(parts).slice(1, 3).map((name) => page.getByRole('group', { name, exact: true }).boundingBox()));
	assert.equal(one.y, two.y, 'the servers are side by side');
	assert.ok(two.x > one.x);
	await go(page, '#/global');
	assert.equal(await page.locator('h1').count(), 1);
}

export async function S_3_2_and_P_4_2_each_field_of_the_figures(world) {
	await figures(world, 'en-GB');
}

export async function S_3_2_and_P_4_2_each_field_of_the_figures_in_chinese(world) {
	await figures(world, 'zh-CN');
}

// What the table has is what the form has: nothing is written in the page itself.
export async function every_item_of_the_table_has_its_field(world) {
	const device = await Device.start(world);
	const page = await watch(world, device);
	const { options } = await (await page.request.get(device.url + 'api/v1/options')).json();
	const ids = async () => page.evaluate(() => [...document.querySelectorAll('[id^="f-"]')].map((e) => e.id));

	assert.ok(options.length > 40);
	await go(page, '#/line/1');
	const line = await ids();
	await go(page, '#/global');
	const global = await ids();
	const places = { global: (key) => global.includes(`f-${key}`), line: (key) => line.includes(`f-line-1-${key}`),
		server: (key) => line.includes(`f-line-1-server-primary-${key}`) && line.includes(`f-line-1-server-backup-${key}`),
		proxy: (key) => line.includes(`f-line-1-proxy-primary-${key}`) && line.includes(`f-line-1-proxy-backup-${key}`) };
	for (const option of options)
		for (const scope of option.scopes)
			assert.ok(places[scope](option.key), `${scope} ${option.key}`);
}
