// SPDX-License-Identifier: MIT
// TAP: tests are functions of a suite, run one after the other; each has a device and a browser of its own.
import { strict as assert } from 'node:assert';

export const PATIENCE = 120000; // ms: a busy machine is no failure
const TEST_MOST = 180000;

export async function until(condition, what) {
	const end = Date.now() + PATIENCE;

	for (;;) {
		const value = await condition();
		if (value)
			return value;
		if (Date.now() > end)
			assert.fail(`not within ${PATIENCE / 1000} s: ${what}`);
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
}

async function runOne(test, world) {
	const finish = [];
	let timer;
	const late = new Promise((_, reject) => {
		timer = setTimeout(() => reject(new Error(`not within ${TEST_MOST / 1000} s`)), TEST_MOST);
	});

	try {
		await Promise.race([test({ ...world, atEnd: (f) => finish.push(f) }), late]);
	} finally {
		clearTimeout(timer);
		await finishAll(finish);
	}
}

// All of them, and then the first failure.
async function finishAll(finish) {
	let first = null;

	for (const f of finish.reverse())
		await f().catch((error) => { first ??= error; });
	if (first)
		throw first;
}

export async function runAll(suites, world, words) {
	const tests = suites.flatMap((suite) => Object.entries(suite))
		.filter(([name]) => words.length === 0 || words.some((word) => name.includes(word)));
	let n = 0;

	console.log(`1..${tests.length}`);
	for (const [name, test] of tests) {
		n++;
		try {
			await runOne(test, world);
			console.log(`ok ${n} - ${name}`);
		} catch (error) {
			for (const line of String(error.stack ?? error).split('\n'))
				console.log('# ' + line);
			console.log(`not ok ${n} - ${name}`);
		}
	}
}
