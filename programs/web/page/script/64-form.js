// SPDX-License-Identifier: MIT
// Line > SIP and the global settings: groups in the order of the device, their items inside.

class FormView {
	constructor(number) {
		this.isForm = true;
		this.number = number; // null: the global settings
		this.title = number === null ? word('global') : `${word('line_n', { n: number })} · ${word('sip')}`;
		this.element = h('div', { class: 'form-page' });
		this.build();
	}

	close() {}

	build() {
		this.fields = new Map();
		this.element.replaceChildren(this.tabs(), this.head(), h('div', { class: 'groups' }, this.groups()), applyBar.element);
		applyBar.update();
	}

	// The same page anew, the same place in it.
	refresh(text) {
		const focused = document.activeElement?.id;

		if (this.number !== null && !allLines().some((line) => line.number === this.number)) {
			lastLine = null; // it is gone: the first one is shown
			location.hash = '#/line';
			return applyBar.tell(text, 'good');
		}
		this.build();
		if (focused)
			document.getElementById(focused)?.focus({ preventScroll: true });
		applyBar.tell(text, 'good');
	}

	tabs() {
		const number = this.number ?? lastLine ?? edits.base.lines[0]?.number ?? 1;

		return h('nav', { class: 'tabs', 'aria-label': word('line') },
			h('a', { href: `#/line/${number}`, 'aria-current': this.number === null ? null : 'page' }, word('sip')),
			h('a', { href: '#/global', 'aria-current': this.number === null ? 'page' : null }, word('global')));
	}

	head() {
		if (this.number === null)
			return h('div', { class: 'form-head' }, h('h1', { tabindex: '-1' }, word('global')));
		const select = h('select', { id: 'choose-line', onchange: (event) => { location.hash = `#/line/${event.target.value}`; } },
			allLines().map((line) => h('option', { value: line.number, selected: line.number === this.number }, lineChoice(line))));

		this.stateBadge = h('span', { class: 'badge' });
		this.removedNote = h('p', { class: 'notice', hidden: true }, word('line_removed') + ' ', button(word('keep_line'), () => this.keepLine()));
		this.showState();
		this.showRemoved();
		return h('div', { class: 'form-head' }, h('h1', { tabindex: '-1' }, this.title),
			h('div', { class: 'line-choice' }, h('label', { for: 'choose-line' }, word('choose_line')), select,
				button(word('add_line'), () => this.addLine()), button(word('remove_line'), () => this.removeLine(), { class: 'danger' })),
			h('p', { class: 'line-status' }, h('span', null, word('line_status')), ' ', this.stateBadge, ' ', h('a', { href: `#/status/${this.number}` }, word('status'))),
			this.removedNote);
	}

	showState() {
		const line = device.lines.get(this.number);
		const state = line ? lineState(line) : { look: 'off', text: word('state_off') };

		setText(this.stateBadge, state.text);
		setAttribute(this.stateBadge, 'class', 'badge ' + state.look);
	}

	onLine(line) {
		if (line.number === this.number)
			this.showState();
	}

	onLines() {
		if (this.number !== null)
			this.showState();
	}

	showRemoved() {
		const path = `line.${this.number}`;

		this.removedNote.hidden = !(edits.changes.has(path) && edits.changes.get(path) === null);
	}

	addLine() {
		const number = Math.max(0, ...allLines().map((line) => line.number)) + 1;

		setEdit(`line.${number}`, 'new');
		location.hash = `#/line/${number}`;
	}

	removeLine() {
		const path = `line.${this.number}`;
		const added = edits.changes.get(path) === 'new';

		dropEdits(path);
		if (added)
			return navigate();
		edits.changes.set(path, null);
		this.build();
		this.removedNote.querySelector('button').focus();
	}

	keepLine() {
		dropEdits(`line.${this.number}`);
		this.build();
		this.element.querySelector('h1').focus();
	}

	// What is the file's alone comes before what a line may have for itself.
	groups() {
		const ofLines = (found) => Number(device.options.some((option) => option.group === found.id && option.scopes.includes('line')));
		const order = this.number === null ? device.groups.toSorted((a, b) => ofLines(a) - ofLines(b)) : device.groups;

		return order.map((found) => this.group(found)).filter(Boolean);
	}

	// The items of a group that belong to this page: the file's or the line's own, and those of its sections.
	group(found) {
		const options = device.options.filter((option) => option.group === found.id);
		const plain = options.filter((option) => option.scopes.includes(this.number === null ? 'global' : 'line'));
		const body = [];

		if (plain.length)
			body.push(h('div', { class: 'fields' }, plain.map((option) => this.field(this.number === null ? option.key : `line.${this.number}.${option.key}`, option))));
		if (this.number !== null)
			for (const scope of Object.keys(SECTIONS)) {
				const inside = options.filter((option) => option.scopes.includes(scope));

				if (inside.length)
					body.push(this.sections(scope, inside));
			}
		if (!body.length)
			return null;
		return this.frame(found, body);
	}

	frame(found, body) {
		const notes = [found, ...device.groups.filter((other) => other.id.startsWith(found.id + '.'))]
			.map((one) => said(one.note)).filter(Boolean);
		const note = h('aside', { class: 'note', 'aria-label': `${word('note')}: ${said(found.label)}` }, h('strong', null, word('note')), notes.map((text) => h('p', null, text)));
		const inner = h('div', { class: 'group-body' }, h('div', { class: 'group-items' }, body), note);
		const id = 'group-' + found.id;

		if (found.id === 'advanced' && this.number !== null)
			return h('details', { class: 'group card', id }, h('summary', null, h('h2', null, said(found.label))), inner);
		return h('section', { class: 'group card', 'aria-labelledby': id }, h('h2', { id }, said(found.label)), inner);
	}

	sections(scope, options) {
		const names = sectionNames(this.number, scope);

		return [h('div', { class: 'sections' }, names.map((name, i) => this.section(scope, name, i, options))),
			button(word('add_' + scope), () => this.addSection(scope, names), { class: 'add' })];
	}

	section(scope, name, index, options) {
		const path = `line.${this.number}.${scope}.${name}`;
		const removed = edits.changes.has(path) && edits.changes.get(path) === null;
		const title = sectionTitle(scope, name, index);
		const fields = options.map((option) => this.field(`${path}.${option.key}`, option));

		return h('fieldset', { class: 'part' + (removed ? ' removed' : ''), id: fieldId(path) }, h('legend', null, title),
			removed ? h('p', { class: 'notice' }, word('section_removed') + ' ', button(word('keep'), () => this.change(() => dropEdits(path), path))) : h('div', { class: 'fields one' }, fields),
			!removed && valueIn(edits.base, path) !== null && !(scope === 'server' && name === 'primary')
				? button(word('remove'), () => this.change(() => { dropEdits(path); edits.changes.set(path, null); }, path), { class: 'remove danger', 'aria-label': `${word('remove')}: ${title}` }) : null);
	}

	change(what, path) {
		what();
		this.build();
		document.getElementById(fieldId(path))?.querySelector('button, input')?.focus();
	}

	addSection(scope, names) {
		let n = names.length + 1;

		while (names.includes(scope + n))
			n++;
		const path = `line.${this.number}.${scope}.${scope}${n}`;
		this.change(() => edits.changes.set(`${path}.address`, ''), path);
	}

	field(path, option) {
		const field = new Field(path, option);

		this.fields.set(path, field);
		return field.element;
	}

	// Each error at its field; the first is where the person is taken.
	showErrors(errors) {
		for (const field of this.fields.values())
			field.setError('');
		for (const error of errors)
			this.fields.get(error.path)?.setError(fieldErrorText(error));
		const first = [...this.fields.values()].find((field) => field.error.textContent);
		if (!first)
			return;
		const details = first.element.closest('details');
		if (details)
			details.open = true;
		first.control.focus({ preventScroll: true });
		first.element.scrollIntoView({ block: 'center' });
	}
}

function lineChoice(line) {
	const name = line.values.display_name || line.values.user || '';

	return `SIP${line.number}${name ? ' — ' + name : ''}${line.added ? ` (${word('new_line')})` : ''}`;
}
