// SPDX-License-Identifier: MIT
// The status page: the list of lines, and the chosen line as it is now.

class StatusView {
	constructor(number) {
		this.chosen = number !== null;
		this.number = number ?? [...device.lines.keys()][0] ?? null;
		this.list = new LineList(this.number, this.chosen);
		this.detail = this.number === null ? null : new LineDetail(this.number, this.chosen ? 'h1' : 'h2');
		this.element = h('div', { class: 'status', 'data-chosen': this.chosen ? 'yes' : 'no' }, this.list.element,
			this.detail?.element ?? h('section', { class: 'detail' }, h('p', null, word('no_lines'))));
		this.title = this.chosen ? word('line_n', { n: this.number }) : word('status');
		this.onLines();
	}

	close() {
		this.detail?.close();
	}

	onLines() {
		this.list.update();
		if (this.detail && !device.lines.has(this.number))
			return navigate();
		this.detail?.update();
		this.detail?.drawDecisions();
	}

	onLine(line) {
		this.list.updateLine(line);
		if (line.number === this.number)
			this.detail?.update();
	}

	onDecision(decision) {
		this.detail?.onDecision(decision);
	}
}

function lineTitle(line) {
	return line.display_name || line.user || word('line_n', { n: line.number });
}

// The line's state as one word with one of five looks: good, warn, bad, busy, off.
function lineState(line) {
	if (line.state === 'registered' && line.serving > 0)
		return { look: 'warn', text: word('on_backup') };
	const look = { registered: 'good', registering: 'busy', unregistered: 'bad', off: 'off', 'no-target': 'bad' }[line.state] ?? 'off';

	return { look, text: word('state_' + line.state) };
}

function badge(state) {
	return h('span', { class: 'badge ' + state.look }, state.text);
}

class LineList {
	constructor(number, chosen) {
		this.number = number;
		this.filter = 'all';
		this.rows = new Map();
		this.search = h('input', { type: 'search', id: 'search', 'aria-label': word('search_lines'), placeholder: word('search_lines'), autocomplete: 'off', oninput: () => this.show() });
		this.filters = h('div', { class: 'segments', role: 'group', 'aria-label': word('lines') },
			['all', 'trouble', 'calls_only'].map((name) => button(word(name), () => this.setFilter(name), { 'data-filter': name, 'aria-pressed': String(name === 'all') })));
		this.items = h('ul', { class: 'line-items' });
		this.empty = h('p', { class: 'muted', hidden: true }, word('no_lines'));
		const heading = chosen ? h('h2', null, word('lines')) : h('h1', { tabindex: '-1' }, word('lines'));
		this.count = h('span', { class: 'count' });
		heading.append(' ', this.count);
		this.element = h('nav', { class: 'lines card', 'aria-label': word('lines') }, heading, this.search, this.filters, this.items, this.empty);
	}

	setFilter(name) {
		this.filter = name;
		for (const item of this.filters.children)
			item.setAttribute('aria-pressed', String(item.dataset.filter === name));
		this.show();
	}

	update() {
		const numbers = [...device.lines.keys()].sort((a, b) => a - b);

		for (const [number, row] of this.rows)
			if (!device.lines.has(number)) {
				row.remove();
				this.rows.delete(number);
			}
		for (const number of numbers) {
			if (!this.rows.has(number))
				this.rows.set(number, this.makeRow(number));
			this.items.append(this.rows.get(number));
			this.fillRow(device.lines.get(number));
		}
		setText(this.count, String(numbers.length));
		this.show();
	}

	updateLine(line) {
		if (!this.rows.has(line.number))
			return this.update();
		this.fillRow(line);
		// What has come to match is shown; what matches no more stays until the next look, so that nothing is taken away
		// from who reads it.
		const row = this.rows.get(line.number);
		if (row.hidden && this.matches(line, this.words())) {
			row.hidden = false;
			this.empty.hidden = true;
		}
	}

	words() {
		return this.search.value.toLowerCase().split(/\s+/).filter(Boolean);
	}

	makeRow(number) {
		return h('li', null, h('a', { href: `#/status/${number}`, 'aria-current': number === this.number ? 'true' : null },
			h('span', { class: 'number' }, String(number)), h('span', { class: 'name' }), h('span', { class: 'badge' })));
	}

	fillRow(line) {
		const [, name, state] = this.rows.get(line.number).firstChild.children;
		const { look, text } = lineState(line);

		setText(name, lineTitle(line));
		setText(state, text);
		setAttribute(state, 'class', 'badge ' + look);
	}

	matches(line, words) {
		const text = `${line.number} ${line.user} ${line.display_name} ${lineState(line).text} ${line.targets.map((t) => t.target + ' ' + t.name).join(' ')}`.toLowerCase();

		if (this.filter === 'trouble' && ['good', 'off'].includes(lineState(line).look))
			return false;
		if (this.filter === 'calls_only' && !line.calls.length)
			return false;
		return words.every((w) => text.includes(w));
	}

	show() {
		const words = this.words();
		let shown = 0;

		for (const [number, row] of this.rows) {
			row.hidden = !this.matches(device.lines.get(number), words);
			shown += row.hidden ? 0 : 1;
		}
		this.empty.hidden = shown > 0;
	}
}

class LineDetail {
	constructor(number, level) {
		this.number = number;
		this.level = level; // of its heading: the list's is above it where no line was chosen
		this.every = false;
		this.tick = () => this.count();
		ticking.add(this.tick);
		this.ladder = new Ladder(number);
		this.plan = new Plan(number);
		this.commands = new Commands(number);
		this.element = h('section', { class: 'detail' }, this.header(), this.facts(), this.commands.element,
			h('div', { class: 'pair' }, this.targets(), this.calls()),
			h('section', { class: 'card' }, h('h2', null, word('walk')), this.ladder.element),
			this.plan.element, this.log());
		requestAnimationFrame(() => this.bottom());
	}

	close() {
		ticking.delete(this.tick);
		this.ladder.close();
		this.plan.close();
	}

	header() {
		this.heading = h(this.level, { tabindex: '-1', class: 'line-name' });
		this.badge = h('span', { class: 'badge' });
		this.marks = h('span', { class: 'marks' });
		return h('header', { class: 'line-head' }, h('a', { href: '#/status', class: 'back' }, '← ' + word('all_lines')),
			h('div', { class: 'title' }, this.heading, this.badge, this.marks, h('a', { class: 'configure', href: `#/line/${this.number}` }, word('configured'))));
	}

	facts() {
		const fact = (name) => {
			this[name] = { main: h('span', { class: 'main' }, '–'), more: h('span', { class: 'more' }) };
			return h('div', null, h('dt', null, word(name)), h('dd', null, this[name].main, this[name].more));
		};

		return h('dl', { class: 'facts card' }, ['serving', 'registration', 'next_refresh', 'next_probe'].map(fact));
	}

	targets() {
		this.targetRows = h('tbody');
		const table = h('table', { class: 'targets' }, h('thead', null, h('tr', null,
			['target', 'health', 'why'].map((name) => h('th', { scope: 'col' }, word(name))))), this.targetRows);

		return h('section', { class: 'card' }, h('h2', { id: 'targets' }, word('targets')),
			h('div', { class: 'scroll targets-box', tabindex: '0', role: 'region', 'aria-labelledby': 'targets' }, table));
	}

	calls() {
		this.callRows = h('ul', { class: 'calls' });
		this.noCalls = h('p', { class: 'muted' }, word('no_calls'));
		return h('section', { class: 'card' }, h('h2', { id: 'calls' }, word('calls')),
			h('div', { class: 'scroll calls-box', tabindex: '0', role: 'region', 'aria-labelledby': 'calls' }, this.callRows, this.noCalls), this.commands.callForm);
	}

	log() {
		this.rows = h('ol', { class: 'log-rows' });
		this.noRows = h('p', { class: 'muted' }, word('no_decisions'));
		this.box = h('div', { class: 'scroll log', tabindex: '0', role: 'region', 'aria-labelledby': 'decisions' }, this.rows, this.noRows);
		const choose = (every) => button(word(every ? 'every_line' : 'this_line'), () => this.setEvery(every), { 'aria-pressed': String(!every) });
		this.choice = h('div', { class: 'segments', role: 'group', 'aria-labelledby': 'decisions' }, choose(false), choose(true));
		return h('section', { class: 'card' }, h('div', { class: 'card-head' }, h('h2', { id: 'decisions' }, word('decisions')), this.choice), this.box);
	}

	setEvery(every) {
		this.every = every;
		[...this.choice.children].forEach((item, i) => item.setAttribute('aria-pressed', String((i === 1) === every)));
		this.drawDecisions();
		this.bottom();
	}

	update() {
		const line = device.lines.get(this.number);

		setText(this.heading, `${word('line_n', { n: line.number })} · ${[...new Set([line.display_name, line.user].filter(Boolean))].join(' · ')}`);
		const state = lineState(line);
		setText(this.badge, state.text);
		setAttribute(this.badge, 'class', 'badge ' + state.look);
		setText(this.marks, [line.pinned && word('pinned'), line.probing && word('probing')].filter(Boolean).join(' · '));
		this.updateTargets(line);
		this.updateCalls(line);
		this.commands.update(line);
		this.ladder.draw();
		this.plan.update(line);
		this.count();
	}

	updateTargets(line) {
		const rows = fitChildren(this.targetRows, line.targets.length, () => h('tr', null,
			h('th', { scope: 'row' }, h('span', { class: 'main' }), h('span', { class: 'more mono' })), h('td', null, h('span', { class: 'badge' })), h('td', { class: 'why' })));

		line.targets.forEach((target, i) => {
			const [name, health] = rows[i].children;

			setText(name.firstChild, targetName(target));
			setText(name.lastChild, targetShort(target.target));
			setText(health.firstChild, word('health_' + target.health));
			setAttribute(health.firstChild, 'class', 'badge ' + ({ serving: 'good', good: 'good', dead: 'bad', 'asked-to-wait': 'warn' }[target.health] ?? 'off'));
		});
		this.whys = rows.map((row) => row.children[2]);
	}

	updateCalls(line) {
		const rows = fitChildren(this.callRows, line.calls.length, () => h('li', null, h('span', { class: 'main' }), h('span', { class: 'more mono' })));

		this.noCalls.hidden = line.calls.length > 0;
		line.calls.forEach((call, i) => {
			setText(rows[i].firstChild, word('call_state_' + call.state));
			setText(rows[i].lastChild, call.target ? word('via', { t: targetShort(call.target) }) : '');
		});
	}

	// Each second: what is left of the times.
	count() {
		const line = device.lines.get(this.number);

		if (!line)
			return;
		const serving = servingTarget(line);
		const left = leftOf(line, line.registered_for);
		setText(this.serving.main, serving ? targetName(serving) : word('none'));
		setText(this.serving.more, serving && line.serving_since ? word('since', { t: clockTime(line.serving_since) }) : '');
		setText(this.registration.main, left === null ? word('none') : word('left', { t: duration(left) }));
		setText(this.registration.more, left === null || !line.expires ? '' : word('of', { t: duration(line.expires) }));
		this.countdown(this.next_refresh, leftOf(line, line.next_refresh));
		this.countdown(this.next_probe, leftOf(line, line.next_probe));
		line.targets.forEach((target, i) => {
			const until = leftOf(line, target.until);

			setText(this.whys[i], [reasonText(target.reason), until > 0 ? word('until', { t: duration(until) }) : ''].filter(Boolean).join(' · '));
		});
	}

	countdown(fact, left) {
		setText(fact.main, left === null ? word('none') : left <= 0 ? word('now') : word('in_t', { t: duration(left) }));
		setText(fact.more, left === null || left <= 0 ? '' : clockTime(Date.now() / 1000 + left));
	}

	onDecision(decision) {
		if (decision.line === this.number || !decision.line) {
			this.ladder.draw();
			this.commands.onDecision(decision);
		}
		if (this.every || decision.line === this.number || !decision.line)
			this.addDecision(decision);
	}

	shownDecisions() {
		return device.decisions.filter((d) => this.every || d.line === this.number || !d.line);
	}

	drawDecisions() {
		const at = this.atBottom();

		this.rows.replaceChildren(...this.shownDecisions().map((d) => this.decisionRow(d)));
		this.noRows.hidden = this.rows.children.length > 0;
		if (at)
			this.bottom();
	}

	// New ones come at the end, where reading goes on; a person who has scrolled up is left there.
	addDecision(decision) {
		const at = this.atBottom();

		this.rows.append(this.decisionRow(decision));
		if (this.rows.children.length > 200)
			this.rows.firstElementChild.remove();
		this.noRows.hidden = true;
		if (at)
			this.bottom();
	}

	decisionRow(decision) {
		const kind = decision.event?.event ?? '';

		return h('li', { class: 'kind-' + kind, 'data-id': decision.id },
			h('time', { datetime: new Date(decision.time * 1000).toISOString(), title: fullTime(decision.time) }, clockTime(decision.time)),
			h('span', { class: 'which' }, this.every && decision.line ? word('line_short', { n: decision.line }) : ''), h('span', { class: 'text' }, decisionText(decision)));
	}

	atBottom() {
		return this.box.scrollHeight - this.box.scrollTop - this.box.clientHeight < 30;
	}

	bottom() {
		this.box.scrollTop = this.box.scrollHeight;
	}
}
