// SPDX-License-Identifier: MIT
// One item of the form: its label, its control, what is accepted, what is wrong.

const fieldId = (path) => 'f-' + path.replaceAll('.', '-');

class Field {
	constructor(path, option) {
		this.path = path;
		this.option = option;
		this.id = fieldId(path);
		this.label = optionLabel(option, pathParts(path).section);
		this.control = this.makeControl();
		this.control.id = this.id;
		this.error = h('span', { class: 'error', id: this.id + '-error' });
		this.hint = h('span', { class: 'hint', id: this.id + '-hint' }, this.hintText());
		this.reset = this.hasDefault() && button('↺', () => this.toDefault(), { class: 'reset', title: word('to_default'), 'aria-label': word('to_default_of', { label: this.label }) });
		this.describe();
		this.element = this.layout();
		this.show();
	}

	layout() {
		const label = h('label', { for: this.id }, this.label);
		const unit = eitherText(this.option.unit);
		const box = h('span', { class: 'control' }, this.control, unit && this.option.type === 'number' ? h('span', { class: 'unit', 'aria-hidden': 'true' }, unit) : null, this.extra, this.reset);

		return this.option.type === 'bool'
			? h('div', { class: 'field check' }, h('span', { class: 'control' }, this.control, label, this.reset), this.hint, this.error)
			: h('div', { class: 'field type-' + this.option.type }, label, box, this.hint, this.error);
	}

	get initial() {
		return initialOf(this.path);
	}

	// Elsewhere an empty field, or the first choice, is the way back.
	hasDefault() {
		return Boolean(this.initial) && ['bool', 'number', 'list'].includes(this.option.type);
	}

	makeControl() {
		const onchange = () => this.changed();

		switch (this.option.type) {
		case 'bool':
			return h('input', { type: 'checkbox', onchange });
		case 'choice':
			return h('select', { onchange }, this.choices().map(([value, text]) => h('option', { value }, text)));
		case 'list':
			return h('textarea', { rows: '1', oninput: onchange, spellcheck: 'false', placeholder: this.initial ?? '' });
		case 'secret':
			this.extra = button('✕', () => this.clearSecret(), { class: 'clear', title: word('clear_secret'), 'aria-label': `${word('clear_secret')}: ${this.label}` });
			return h('input', { type: 'password', oninput: onchange, autocomplete: 'new-password', spellcheck: 'false' });
		default:
			return h('input', { type: 'text', oninput: onchange, autocomplete: 'off', spellcheck: 'false', autocapitalize: 'none', inputmode: this.option.type === 'number' ? 'numeric' : null, placeholder: this.initial ?? '' });
		}
	}

	// Not to choose is a choice of its own only where it means something else than one of the others.
	choices() {
		const { unset, choices } = this.option, initial = this.initial;
		const usual = (choice) => (!unset && choice === initial ? ['', word('default_choice', { v: choice })] : [choice, choice]);

		return [...(unset ? [['', word('default_choice', { v: eitherText(unset) })]] : []), ...choices.map(usual)];
	}

	hintText() {
		const { type, minimum, maximum, unset, help } = this.option, initial = this.initial;
		const unit = eitherText(this.option.unit);
		const parts = [said(help)];

		if (type === 'number')
			parts.push(word('range', { a: minimum, b: maximum }) + (unit ? ' ' + unit : '') + (language === 'zh' ? '。' : '.'));
		if (type === 'list' && this.option.choices?.length)
			parts.push(word('one_of', { v: this.option.choices.join(', ') }) + (language === 'zh' ? '。' : '.'));
		if (type === 'bool')
			parts.push(word('default_is', { v: word(initial === 'true' ? 'yes' : 'no') }) + (language === 'zh' ? '。' : '.'));
		else if (initial && type !== 'choice')
			parts.push(word('default_is', { v: initial }) + (language === 'zh' ? '。' : '.'));
		else if (eitherText(unset) && type !== 'choice' && type !== 'secret')
			parts.push(word('unset_is', { v: eitherText(unset) }) + (language === 'zh' ? '。' : '.'));
		return parts.join(' ');
	}

	// What the field shows: the change that was made, else what the device has.
	show() {
		const value = shownValue(this.path);
		const changed = edits.changes.has(this.path);

		if (this.option.type === 'bool')
			this.control.checked = (value ?? this.initial) === 'true';
		else if (this.option.type === 'secret')
			this.showSecret(value, changed);
		else
			this.control.value = this.option.type === 'choice' && !this.option.unset && value === this.initial ? '' : value ?? '';
		this.mark();
	}

	showSecret(value, changed) {
		const set = valueIn(edits.base, this.path)?.set;

		this.control.value = value ?? '';
		this.control.placeholder = changed && value === null ? word('secret_removed') : word(set ? 'set' : 'not_set');
		this.extra.hidden = !set;
	}

	mark() {
		const value = shownValue(this.path);
		const usual = value === null || value === '' || value === this.initial;

		this.element.classList.toggle('changed', edits.changes.has(this.path));
		if (this.reset)
			this.reset.style.visibility = usual ? 'hidden' : 'visible';
	}

	changed() {
		const { type } = this.option;

		if (type === 'bool')
			setEdit(this.path, String(this.control.checked));
		else if (type === 'secret' && this.control.value === '')
			dropEdits(this.path);
		else
			setEdit(this.path, type === 'secret' ? this.control.value : this.control.value.trim() || null);
		this.setError('');
		this.mark();
	}

	toDefault() {
		setEdit(this.path, null);
		this.setError('');
		this.show();
		this.control.focus();
	}

	clearSecret() {
		edits.changes.set(this.path, null);
		applyBar.update();
		this.show();
		this.control.focus();
	}

	setError(text) {
		if (!text && !this.error.textContent)
			return;
		setText(this.error, text);
		if (text)
			this.control.setAttribute('aria-invalid', 'true');
		else
			this.control.removeAttribute('aria-invalid');
		this.describe();
	}

	describe() {
		this.control.setAttribute('aria-describedby', this.error.textContent ? `${this.error.id} ${this.hint.id}` : this.hint.id);
	}
}
