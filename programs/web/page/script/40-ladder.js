// SPDX-License-Identifier: MIT
// The running walk as a ladder: the phone on the left, a column for each target, time downwards. Each
// attempt is a row; what became of it is written there when it is known.

const ROW_HEIGHT = 42;
const LADDER_ROWS = 9;
const STALE_AFTER = 120; // s: an attempt whose end is not among the last decisions is not running

// The rows of a line's decisions, oldest first.
function ladderRows(decisions) {
	const rows = [];

	for (const decision of decisions)
		LADDER_EVENTS[decision.event?.event]?.(rows, decision.event, decision);
	return rows.filter((row, i) => !quietRow(row, rows[i + 1]));
}

const LADDER_EVENTS = {
	attempt: (rows, e, d) => rows.push({ id: d.id, kind: 'attempt', time: d.time, method: e.method, target: e.target, request: e.request, probe: e.probe, answers: [] }),
	response(rows, e) {
		const row = findAttempt(rows, e);

		if (!row)
			return;
		row.answers.push(e.status);
		row.done = e.status >= 200 && e.status !== 401 && e.status !== 407;
	},
	unavailable(rows, e) {
		const row = findAttempt(rows, e);

		if (row)
			Object.assign(row, { done: true, dead: true, reason: e.reason, transmissions: e.transmissions, elapsed: e.elapsed });
	},
	'probe-failed'(rows, e) {
		const row = findAttempt(rows, { method: 'REGISTER', target: e.target });

		if (row)
			Object.assign(row, { done: true, dead: true, reason: e.reason });
	},
	'given-up': (rows, e) => endAttempts(rows, e),
	'request-failed': (rows, e) => endAttempts(rows, e),
	registered: (rows, e, d) => rows.push({ id: d.id, kind: 'registered', time: d.time, target: e.target, expires: e.expires, done: true }),
	unregistered: (rows, e, d) => rows.push({ id: d.id, kind: 'unregistered', time: d.time, reason: e.reason, done: true }),
	moved: (rows, e, d) => rows.push({ id: d.id, kind: 'moved', time: d.time, from: e.from, target: e.to, way: e.kind, done: true }),
	call(rows, e, d) {
		// That it is called and rings, the INVITE and its answers say already.
		const outgoing = rows.findLast((row) => row.kind === 'attempt' && row.method === 'INVITE');

		if (e.state === 'calling' || (e.state === 'ringing' && outgoing && !outgoing.done))
			return;
		rows.push({ id: d.id, kind: 'call', time: d.time, target: e.target, state: e.state, done: true });
	},
};

function findAttempt(rows, event) {
	return rows.findLast((row) => row.kind === 'attempt' && !row.dead && row.method === event.method &&
		row.target === event.target && (event.request === undefined || row.request === event.request));
}

function endAttempts(rows, event) {
	for (const row of rows)
		if (row.kind === 'attempt' && !row.done && row.method === event.method)
			Object.assign(row, { done: true, dead: true, reason: null });
}

// A keep-alive that was answered hides nothing else: of several in a row the last is shown.
function quietRow(row, next) {
	return row.method === 'OPTIONS' && row.done && !row.dead && next?.method === 'OPTIONS' && next.target === row.target;
}

class Ladder {
	constructor(number) {
		this.number = number;
		this.drawn = new Map(); // row's id -> { element, text }
		this.lifelines = svg('g', { class: 'lifelines' });
		this.rows = svg('g', { class: 'rows' });
		this.heads = svg('g', { class: 'heads' });
		this.clip = svg('svg', { class: 'clip' }, this.rows);
		this.picture = svg('svg', { class: 'ladder-picture', role: 'img', 'aria-label': word('walk_text', { n: number }) },
			this.lifelines, this.clip, this.heads);
		this.quiet = h('p', { class: 'ladder-quiet' }, word('walk_quiet'));
		this.element = h('div', { class: 'ladder', tabindex: '0', role: 'region', 'aria-label': word('walk') }, this.picture, this.quiet);
		this.sizes = new ResizeObserver(() => this.draw(true));
		this.sizes.observe(this.element);
		this.tick = () => this.count();
		ticking.add(this.tick);
	}

	close() {
		this.sizes.disconnect();
		ticking.delete(this.tick);
	}

	draw(anew) {
		const line = device.lines.get(this.number);
		const width = this.element.clientWidth;

		if (!line || !width)
			return;
		const all = ladderRows(device.decisions.filter((d) => d.line === this.number));
		this.columns(line, all, width);
		this.drawHeads(line);
		if (anew)
			this.forget();
		this.drawRows(all);
		this.quiet.hidden = all.length > 0;
	}

	forget() {
		this.rows.replaceChildren();
		this.drawn.clear();
	}

	// Where each target's lifeline stands. Targets that are gone from the line have none.
	columns(line, rows, width) {
		const narrow = width < 480;
		const left = narrow ? 46 : 104;
		const count = Math.max(line.targets.length, 1);
		const full = Math.max(width, left + 92 * count + 10);
		const step = (full - left - (narrow ? 36 : 90)) / count;

		const key = `${full}/${language}/${line.targets.map((target) => target.target)}`;
		if (key !== this.key)
			this.forget();
		this.key = key;
		this.phoneX = left;
		this.step = step;
		this.x = new Map(line.targets.map((target, i) => [target.target, left + step * (i + 1)]));
		const height = 56 + ROW_HEIGHT * LADDER_ROWS;
		this.picture.setAttribute('width', full);
		this.picture.setAttribute('height', height);
		this.clip.setAttribute('y', 52);
		this.clip.setAttribute('width', full);
		this.clip.setAttribute('height', ROW_HEIGHT * LADDER_ROWS);
		this.narrow = narrow;
		this.picture.classList.toggle('narrow', narrow);
	}

	drawHeads(line) {
		const head = (x, name, place, kind) => svg('g', { class: 'head ' + kind, transform: `translate(${x} 0)` },
			svg('text', { y: 18, class: 'head-name' }, name), svg('text', { y: 36, class: 'head-place' }, place));
		const life = (x, kind) => svg('line', { x1: x, x2: x, y1: 46, y2: 52 + ROW_HEIGHT * LADDER_ROWS, class: kind });

		this.heads.replaceChildren(head(this.phoneX, word('phone'), '', 'phone'),
			...line.targets.map((t) => head(this.x.get(t.target), targetName(t), this.narrow ? '' : targetParts(t.target).place, t.health)));
		this.lifelines.replaceChildren(life(this.phoneX, 'phone'),
			...line.targets.map((t) => life(this.x.get(t.target), t.health)));
	}

	drawRows(all) {
		const rows = all.slice(-LADDER_ROWS - 4);
		const first = all.length - rows.length;
		const known = new Set(rows.map((row) => row.id));

		for (const [id, entry] of this.drawn)
			if (!known.has(id)) {
				entry.element.remove();
				this.drawn.delete(id);
			}
		rows.forEach((row, i) => this.drawRow(row, first + i));
		const offset = -Math.max(0, all.length - LADDER_ROWS) * ROW_HEIGHT;
		this.rows.style.transform = `translateY(${offset}px)`;
	}

	// A row that says the same as before stays; its place is that of the whole walk.
	drawRow(row, place) {
		const text = JSON.stringify([row, place]);
		const entry = this.drawn.get(row.id);

		if (entry?.text === text)
			return;
		const running = row.kind === 'attempt' && !row.done && nowOfDevice() - row.time < STALE_AFTER;
		const element = svg('g', { class: `row ${row.kind} ${running ? 'running' : ''} ${row.dead ? 'dead' : ''} ${row.probe ? 'probe' : ''} ${entry ? '' : 'fresh'}`, transform: `translate(0 ${place * ROW_HEIGHT})` },
			svg('text', { x: 2, y: 25, class: 'time' }, ladderTime(row.time).slice(this.narrow ? 3 : 0)), this.content(row, running));
		if (entry)
			entry.element.replaceWith(element);
		else
			this.rows.append(element);
		this.drawn.set(row.id, { element, text, row, running });
	}

	content(row, running) {
		const to = this.x.get(row.target);

		if (row.kind === 'attempt')
			return to === undefined ? this.sentence(`${row.method} → ${targetShort(row.target)}`) : this.attempt(row, to, running);
		if (row.kind === 'moved')
			return this.moved(row, to);
		if (row.kind === 'registered' && to !== undefined)
			return [svg('circle', { cx: to, cy: 21, r: 5, class: 'dot' }), this.label(this.phoneX, to, 25, word('registered_at', { n: row.expires }))];
		if (row.kind === 'call')
			return this.sentence(`${word('call')}: ${word('call_state_' + row.state)}`);
		return this.sentence(`${word('unregistered')} · ${reasonText(row.reason)}`);
	}

	attempt(row, to, running) {
		const from = this.phoneX;
		const parts = [arrow(from, to, 18, 'out'), this.label(from, to, 13, (row.probe ? word('probe_word') + ' ' : '') + row.method)];

		if (row.answers.length)
			parts.push(arrow(to, from, 32, 'reply'), this.label(from, to, 37, row.answers.join(', '), 'answer'));
		if (row.dead) {
			parts.push(svg('path', { d: `M${to - 5} 13l10 10m0 -10l-10 10`, class: 'cross' }));
			if (!row.answers.length)
				parts.push(this.label(from, to, 36, deathText(row), 'answer'));
		}
		if (running)
			parts.push(this.label(from, to, 36, this.waited(row), 'answer waiting'));
		return parts;
	}

	moved(row, to) {
		const from = this.x.get(row.from);
		const text = row.way === 'failback' ? word('to_primary') : word('failover');

		if (from === undefined || to === undefined)
			return this.sentence(text);
		return [arrow(from, to, 24, 'move'), this.label(from, to, 18, text, 'move-text')];
	}

	// What goes from the phone is named beside it, so that one column can be read downwards.
	label(from, to, y, text, kind) {
		const x = from !== this.phoneX ? (from + to) / 2 : this.narrow ? from + 13 : from + Math.min(to - from, this.step) / 2;

		return svg('text', { x, y, class: `label ${from === this.phoneX ? 'beside' : ''} ${kind ?? ''}` }, text);
	}

	sentence(text) {
		return svg('text', { x: this.phoneX + 10, y: 25, class: 'sentence' }, text);
	}

	waited(row) {
		return `${word('waiting')} ${Math.max(0, Math.floor(nowOfDevice() - row.time))} s`;
	}

	count() {
		for (const entry of this.drawn.values())
			if (entry.running) {
				const text = entry.element.querySelector('.waiting');

				if (text)
					setText(text, this.waited(entry.row));
			}
	}
}

function deathText(row) {
	if (row.reason === 'no-answer' && row.transmissions)
		return `${reasonText(row.reason)} · ${word('again', { n: row.transmissions, t: seconds(row.elapsed) })}`;
	return row.reason ? reasonText(row.reason) : word('given_up');
}

function arrow(from, to, y, kind) {
	const way = to < from ? -1 : 1;

	return svg('path', { d: `M${from + 3 * way} ${y}L${to - 3 * way} ${y}m${-7 * way} -4l${7 * way} 4l${-7 * way} 4`, class: 'arrow ' + kind });
}

// "primary", "backup via backup proxy" in the page's language
function targetName(target) {
	if (language !== 'zh')
		return target.name;
	return target.name.replace(/\bprimary\b/g, '主').replace(/\bbackup\b/g, '备份').replace(/ via /g, ' 经 ')
		.replace(/ proxy\b/g, '代理').replace(/(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])/g, '');
}
