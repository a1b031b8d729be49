// SPDX-License-Identifier: MIT
// The frame around the pages, and which page is shown.

let shell = null; // header and footer; null before the first page
let view = null;
let applyBar = null;
let pendingErrors = []; // of an Apply whose fields are on another page
let lastLine = null;

class Shell {
	constructor(loggedIn) {
		this.connection = h('span', { class: 'connection', role: 'status' }, h('span', { class: 'connection-word' }));
		this.main = h('main', { id: 'main' });
		this.nav = h('nav', { class: 'main-nav', 'aria-label': 'failover' });
		this.brand = h('span', { class: 'brand' }, 'failover-phone');
		this.footer = h('footer', { class: 'page-foot' });
		const header = h('header', { class: 'page-head' }, this.brand, loggedIn ? this.nav : null,
			h('div', { class: 'tools' }, loggedIn ? this.connection : null, this.languageButton(), this.themeChoice(),
				loggedIn ? button(word('logout'), logout, { class: 'quiet' }) : null));

		this.element = [h('a', { class: 'skip', href: '#main', onclick: (event) => { event.preventDefault(); this.main.querySelector('h1')?.focus(); } }, word('skip')), header, this.main, this.footer];
		this.showDevice();
		this.showConnection();
	}

	// In the language that it leads to, so that whoever needs it can read it.
	languageButton() {
		return h('button', { type: 'button', class: 'quiet', lang: language === 'zh' ? 'en' : 'zh-CN', id: 'language', onclick: () => { setLanguage(language === 'zh' ? 'en' : 'zh'); rebuild(); document.getElementById('language').focus(); } }, language === 'zh' ? 'English' : '中文');
	}

	themeChoice() {
		const select = h('select', { id: 'theme', 'aria-label': word('theme'), class: 'quiet', onchange: () => setTheme(select.value) },
			['auto', 'light', 'dark'].map((name) => h('option', { value: name, selected: name === (stored.get('theme') ?? 'auto') }, word('theme_' + name))));

		return select;
	}

	showNav(route) {
		const link = (href, name, current) => h('a', { href, 'aria-current': current ? 'page' : null }, word(name));

		this.nav.replaceChildren(link('#/status', 'status', route.page === 'status'),
			link(lastLine === null ? '#/line' : `#/line/${lastLine}`, 'line', route.page !== 'status'));
	}

	showConnection() {
		setAttribute(this.connection, 'class', 'connection ' + device.connection);
		setText(this.connection.firstChild, word(device.connection));
		setAttribute(this.connection, 'title', device.connection === 'lost' ? word('lost_hint') : '');
		document.documentElement.classList.toggle('is-lost', device.connection === 'lost');
	}

	showDevice() {
		const status = device.status;

		if (!status)
			return;
		setText(this.brand, status.program);
		const since = (status.at + device.skew) / 1000 - status.uptime;
		setText(this.footer, [`${status.program} ${status.version}`, `${word('stack')} ${status.stack}`, status.profile && `${word('profile')} ${status.profile}`, word('up_since', { t: fullTime(since) })].filter(Boolean).join(' · '));
	}
}

function setTheme(name) {
	stored.set('theme', name);
	if (name === 'auto')
		delete document.documentElement.dataset.theme;
	else
		document.documentElement.dataset.theme = name;
}

// "#/status/3" -> the page and the line's number
function readRoute() {
	const [, page, number] = location.hash.split('/');
	const line = /^\d{1,6}$/.test(number ?? '') ? Number(number) : null;

	return { page: ['status', 'line', 'global'].includes(page) ? page : 'status', line };
}

function showView(next, keepFocus) {
	const first = view === null;

	view?.close();
	view = next;
	shell.main.replaceChildren(view.element);
	document.title = `${view.title} – ${device.status?.program ?? 'failover-phone'}`;
	if (!first && !keepFocus)
		view.element.querySelector('h1')?.focus({ preventScroll: true });
	if (!keepFocus)
		scrollTo(0, 0);
}

async function navigate(keepFocus) {
	const route = readRoute();

	if (!device.csrf)
		return;
	shell.showNav(route);
	try {
		await (route.page === 'status' ? showStatus(route, keepFocus) : showForm(route, keepFocus));
		shell.showNav(route);
	} catch (error) {
		if (error.status !== 401)
			showView(problem(error.message));
	}
}

async function showStatus(route, keepFocus) {
	if (!device.status)
		await Promise.all([readStatus(), readDecisions()]);
	shell.showDevice();
	if (route.line !== null && !device.lines.has(route.line))
		return showView(new NoLineView(route.line));
	showView(new StatusView(route.line), keepFocus);
}

async function showForm(route, keepFocus) {
	if (!edits.base)
		await readConfig();
	const numbers = allLines().map((line) => line.number);
	const number = route.page === 'global' ? null : route.line ?? lastLine ?? numbers[0] ?? 1;

	if (number !== null && !numbers.includes(number))
		return showView(problem(word('no_such_line', { n: number })));
	if (number !== null)
		lastLine = number;
	showView(new FormView(number), keepFocus);
	if (pendingErrors.length)
		view.showErrors(pendingErrors);
}

// A line that was added a moment ago is told of soon.
class NoLineView {
	constructor(number) {
		Object.assign(this, problem(word('no_such_line', { n: number })));
		this.number = number;
	}

	onLine(line) {
		if (line.number === this.number)
			navigate();
	}

	onLines() {
		if (device.lines.has(this.number))
			navigate();
	}
}

function problem(text) {
	return { title: text, close() {}, element: h('section', { class: 'card problem' }, h('h1', { tabindex: '-1' }, text), h('p', null, h('a', { href: '#/status' }, word('status')))) };
}

// The frame and the page in the language that is chosen now.
function rebuild(text) {
	setLanguage(language);
	shell = new Shell(Boolean(device.csrf));
	applyBar = new ApplyBar();
	document.getElementById('app').replaceChildren(...shell.element);
	if (device.csrf)
		navigate(true);
	else
		showView(new LoginView(text));
}

async function loggedIn() {
	device.decisions = [];
	device.lastId = 0;
	device.status = null;
	view?.close();
	view = null;
	rebuild();
	streamStart();
}

function sessionEnded() {
	if (!device.csrf)
		return;
	device.csrf = null;
	streamStop();
	rebuild(word('session_ended'));
}

async function logout() {
	try {
		await request('DELETE', '/session');
	} catch { /* it ends by itself, too */ }
	edits.changes.clear();
	edits.base = null;
	device.csrf = null;
	streamStop();
	rebuild();
}

async function begin() {
	setLanguage(language);
	setTheme(stored.get('theme') ?? 'auto');
	addEventListener('hashchange', () => navigate());
	addEventListener('beforeunload', (event) => {
		if (edits.changes.size)
			event.preventDefault();
	});
	try {
		await readSession();
		await loggedIn();
	} catch {
		rebuild();
	}
}

begin();
