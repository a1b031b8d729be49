// SPDX-License-Identifier: MIT
// Apply: what is sent, what the device says to it, and what to do when another was first.

class ApplyBar {
	constructor() {
		this.busy = false;
		this.count = h('span', { class: 'apply-count' });
		this.told = h('p', { class: 'apply-told', role: 'status', 'aria-live': 'polite', id: 'apply-told' });
		this.errors = h('div', { class: 'apply-errors', role: 'alert' });
		this.loses = h('p', { class: 'apply-note', id: 'apply-note' });
		this.apply = button(word('apply'), () => this.send(), { class: 'primary', id: 'apply' });
		this.discard = button(word('discard'), () => this.drop());
		this.element = h('section', { class: 'apply', 'aria-label': word('apply') }, this.errors, this.loses,
			h('div', { class: 'apply-row' }, h('div', { class: 'apply-words' }, this.count, this.told), this.discard, this.apply));
	}

	update() {
		const count = edits.changes.size;
		const note = edits.base ? said(edits.base.note) : '';

		setText(this.count, count === 0 ? word('no_changes') : count === 1 ? word('change_1') : word('changes', { n: count }));
		setText(this.loses, note);
		this.loses.hidden = !note;
		if (note)
			this.apply.setAttribute('aria-describedby', 'apply-note');
		this.apply.disabled = this.discard.disabled = count === 0 || this.busy;
		if (edits.stale && count)
			this.tell(word('elsewhere'), 'warn');
		this.element.classList.toggle('dirty', count > 0);
	}

	tell(text, look) {
		setText(this.told, text ?? '');
		setAttribute(this.told, 'class', 'apply-told ' + (look ?? ''));
	}

	drop() {
		edits.changes.clear();
		this.listErrors([]);
		this.after('');
	}

	// The page anew, from what the device has now.
	async after(text) {
		try {
			await readConfig();
		} catch (error) {
			return this.tell(error.message, 'bad');
		}
		view?.refresh?.(text);
		this.update();
	}

	async send() {
		this.busy = true;
		this.listErrors([]);
		this.tell(word('applying'));
		this.update();
		try {
			const answer = await request('PATCH', '/config', { revision: edits.base.revision, changes: changesToSend() });

			edits.changes.clear();
			edits.stale = false;
			const notes = (answer.notes ?? []).map((note) => (typeof note === 'string' ? note : errorText(note) || said(note)));
			await this.after([word('applied'), ...notes].join(' '));
		} catch (error) {
			await this.failed(error);
		}
		this.busy = false;
		this.update();
	}

	async failed(error) {
		if (error.status === 409 && error.body?.error?.code === 'changed')
			return this.conflict();
		if (error.status === 422)
			return this.refused(error.body?.errors ?? []);
		this.tell(error.message, 'bad');
	}

	// In the order of the page; those of other pages last.
	refused(unordered) {
		const order = [...(view.fields?.keys() ?? [])];
		const errors = unordered.toSorted((a, b) => (order.indexOf(a.path) >>> 0) - (order.indexOf(b.path) >>> 0));
		const here = errors.some((error) => view.fields?.has(error.path));
		const elsewhere = errors.find((error) => error.path);

		this.tell('');
		this.listErrors(errors);
		pendingErrors = errors;
		if (!here && elsewhere && routeOf(elsewhere.path) !== location.hash)
			location.hash = routeOf(elsewhere.path);
		else
			view.showErrors(errors);
	}

	listErrors(errors) {
		if (!errors.length) {
			pendingErrors = [];
			return this.errors.replaceChildren();
		}
		this.errors.replaceChildren(h('p', null, errors.length === 1 ? word('errors_1') : word('errors_n', { n: errors.length })),
			h('ul', null, errors.map((error) => h('li', null, error.path && optionOf(error.path)
				? h('a', { href: routeOf(error.path), onclick: (event) => this.goTo(event, error.path) }, pathTitle(error.path)) : null, error.path ? ': ' : '', fieldErrorText(error)))));
	}

	goTo(event, path) {
		const field = view.fields?.get(path);

		if (!field)
			return;
		event.preventDefault();
		const details = field.element.closest('details');
		if (details)
			details.open = true;
		field.control.focus();
	}

	async conflict() {
		const before = edits.base;

		this.tell('');
		try {
			await readConfig();
		} catch (error) {
			return this.tell(error.message, 'bad');
		}
		const others = differences(before, edits.base);
		const touched = [...edits.changes.keys()];
		new ConflictDialog(before, touched.filter((path) => others.includes(path)), others.filter((path) => !touched.includes(path))).open();
	}
}

// The values of both, side by side; nothing is written until a person has chosen.
class ConflictDialog {
	constructor(before, both, others) {
		const form = h('form', { method: 'dialog' }, h('h2', { id: 'conflict-title' }, word('conflict')), h('p', null, word('conflict_text')),
			both.length ? this.table(before, both) : h('p', { class: 'muted' }, word('conflict_none')),
			others.length ? h('div', null, h('h3', null, word('also_changed')), h('ul', { class: 'others' }, others.map((path) => h('li', null, `${pathTitle(path)}: ${valueText(before, path)} → ${valueText(edits.base, path)}`)))) : null,
			h('div', { class: 'dialog-buttons' }, button(word('cancel'), () => this.close()), h('button', { type: 'submit', class: 'primary' }, word('apply_chosen'))));

		this.both = both;
		this.form = form;
		this.dialog = h('dialog', { 'aria-labelledby': 'conflict-title', onclose: () => this.closed() }, form);
		form.addEventListener('submit', (event) => this.choose(event));
	}

	table(before, both) {
		const choice = (path, name, text) => h('label', { class: 'choice' }, h('input', { type: 'radio', name: path, value: name, checked: name === 'mine' }), text);

		return h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-labelledby': 'conflict-title' }, h('table', { class: 'conflict' },
			h('thead', null, h('tr', null, ['item', 'was', 'theirs', 'mine'].map((name) => h('th', { scope: 'col' }, word(name))))),
			h('tbody', null, both.map((path) => h('tr', null, h('th', { scope: 'row' }, pathTitle(path)), h('td', { 'data-label': word('was') }, valueText(before, path)),
				h('td', { 'data-label': word('theirs') }, choice(path, 'theirs', valueText(edits.base, path))), h('td', { 'data-label': word('mine') }, choice(path, 'mine', mineText(path))))))));
	}

	open() {
		document.body.append(this.dialog);
		this.dialog.showModal();
	}

	choose(event) {
		event.preventDefault();
		for (const path of this.both)
			if (this.form.elements[path].value === 'theirs')
				edits.changes.delete(path);
		this.chosen = true;
		this.dialog.close();
	}

	close() {
		this.dialog.close();
	}

	closed() {
		this.dialog.remove();
		view?.refresh?.('');
		if (!this.chosen)
			return applyBar.tell(word('elsewhere'), 'warn');
		if (edits.changes.size)
			applyBar.send();
	}
}

function valueText(config, path) {
	const value = valueIn(config, path);

	if (value !== null && typeof value === 'object')
		return value.set ? word('secret_value') : word('not_set');
	return value || word(pathParts(path).key === null ? 'removed_value' : 'empty_value');
}

function mineText(path) {
	const value = edits.changes.get(path);

	if (pathParts(path).key === null)
		return value === null ? word('removed_value') : value;
	return optionOf(path)?.type === 'secret' && value ? word('secret_value') : value || word('empty_value');
}
