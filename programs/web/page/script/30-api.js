// SPDX-License-Identifier: MIT
// The device's HTTP interface, and what is known of it.

const API = 'api/v1';

const device = {
	csrf: null,
	status: null, // program, version, stack, profile, uptime, revision
	lines: new Map(), // number -> LINE with `at`: when it came, in ms of this clock
	decisions: [], // the last 200, oldest first
	lastId: 0,
	skew: 0, // the device's clock minus this one, in ms
	connection: 'connecting', // live, lost
	options: [],
	groups: [],
};

class ApiError extends Error {
	constructor(status, body, retryAfter) {
		super(errorText(body?.error) || word('http_error', { n: status }));
		Object.assign(this, { status, body, retryAfter });
	}
}

// Another tab that logged in has made a new session of the same cookie, with another token.
async function request(method, path, body) {
	try {
		return await requestOnce(method, path, body);
	} catch (error) {
		if (error.status !== 403 || method === 'GET' || path === '/session')
			throw error;
		await readSession();
		return requestOnce(method, path, body);
	}
}

async function requestOnce(method, path, body) {
	const headers = { Accept: 'application/json' };
	let answer, text;

	if (method !== 'GET' && device.csrf)
		headers['X-CSRF-Token'] = device.csrf;
	if (body !== undefined)
		headers['Content-Type'] = 'application/json';
	try {
		answer = await fetch(API + path, {
			method, headers, credentials: 'same-origin', cache: 'no-store',
			body: body === undefined ? undefined : JSON.stringify(body),
		});
		text = await answer.text();
	} catch {
		throw new ApiError(0, { error: { text: word('network_error') } });
	}
	measureSkew(answer.headers.get('date'));
	return takeAnswer(answer, text, path);
}

// The header says whole seconds: less than two is no difference.
function measureSkew(date) {
	const skew = Date.parse(date ?? '') - Date.now() || 0;

	device.skew = Math.abs(skew) < 2000 ? 0 : skew;
}

function takeAnswer(answer, text, path) {
	let json = null;

	try {
		json = text ? JSON.parse(text) : null;
	} catch { /* not the device's own answer: its status says enough */ }
	if (answer.ok)
		return json;
	if (answer.status === 401 && path !== '/session')
		sessionEnded();
	throw new ApiError(answer.status, json, Number(answer.headers.get('retry-after')) || 0);
}

const get = (path) => request('GET', path);
const post = (path, body) => request('POST', path, body);

function takeLine(line) {
	line.at = Date.now();
	device.lines.set(line.number, line);
}

// True when it is new; what came twice (stream and catching up) is taken once.
function takeDecision(decision) {
	if (decision.id <= device.lastId)
		return false;
	device.lastId = decision.id;
	device.decisions.push(decision);
	if (device.decisions.length > 200)
		device.decisions.shift();
	return true;
}

// Seconds that are left of `value` seconds that were left when the line came.
function leftOf(line, value) {
	return value === null || value === undefined ? null : value - (Date.now() - line.at) / 1000;
}

function nowOfDevice() {
	return (Date.now() + device.skew) / 1000;
}

function servingTarget(line) {
	return line.serving === null || line.serving === undefined ? null
		: line.targets.find((target) => target.index === line.serving) ?? null;
}

async function readStatus() {
	const { lines, ...rest } = await get('/status');
	const present = new Set(lines.map((line) => line.number));

	// A device that was started anew counts its decisions from one again.
	if (device.status && rest.uptime < device.status.uptime)
		Object.assign(device, { decisions: [], lastId: 0 });
	device.status = { ...rest, at: Date.now() };
	for (const number of [...device.lines.keys()])
		if (!present.has(number))
			device.lines.delete(number);
	lines.forEach(takeLine);
}

async function readDecisions() {
	const { decisions } = await get('/decisions?after=' + device.lastId);

	return decisions.filter(takeDecision);
}
