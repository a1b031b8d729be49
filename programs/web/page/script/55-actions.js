// SPDX-License-Identifier: MIT
// What a person can ask of a line, and what would happen to its requests now.

class Commands {
	constructor(number) {
		this.number = number;
		this.listening = null; // after a command its outcome is told, too
		this.count = 0; // of what was told
		const act = (name, attributes) => button(word(name), () => this.send(name), attributes);

		this.pin = button(word('pin'), () => this.send(device.lines.get(this.number)?.pinned ? 'unpin' : 'pin'), { title: word('pin_help'), 'aria-pressed': 'false', class: 'wide' });
		this.told = h('p', { class: 'told', role: 'status', 'aria-live': 'polite', id: 'told' });
		this.element = h('section', { class: 'card actions', 'aria-label': word('actions') },
			h('div', { class: 'buttons' }, act('register'), act('probe'), act('failback'), this.pin, act('options')), this.told);
		this.callForm = this.form(act);
	}

	form(act) {
		this.uri = h('input', { type: 'text', id: 'uri', 'aria-label': word('call_whom'), placeholder: word('call_whom'), autocomplete: 'off', inputmode: 'email', spellcheck: 'false', autocapitalize: 'none' });
		this.answer = act('answer');
		this.hangup = act('hangup', { class: 'danger' });
		return h('form', { class: 'call-form', onsubmit: (event) => this.call(event) }, this.uri,
			h('button', { type: 'submit', class: 'primary' }, word('call')), this.answer, this.hangup);
	}

	update(line) {
		setAttribute(this.pin, 'aria-pressed', String(line.pinned));
		this.answer.disabled = !line.calls.some((call) => call.state === 'incoming');
		this.hangup.disabled = !line.calls.length;
	}

	call(event) {
		const uri = this.uri.value.trim();

		event.preventDefault();
		if (!uri) {
			this.tell(word('call_empty'), 'bad');
			return this.uri.focus();
		}
		this.send('call', { uri });
	}

	async send(name, body) {
		// The outcome may be here before the answer to the command: it is not told over.
		const before = ++this.count;

		this.listening = { until: Date.now() + 40000 };
		try {
			await post(`/lines/${this.number}/${name}`, body ?? {});
			if (this.count === before)
				this.tell(word('done', { what: word(name) }), 'good');
		} catch (error) {
			this.listening = null;
			this.tell(word('refused', { what: word(name), why: error.message }), 'bad');
		}
	}

	// Attempts are the way, not the outcome.
	onDecision(decision) {
		const kind = decision.event?.event;

		if (!this.listening || Date.now() > this.listening.until || kind === 'attempt')
			return;
		this.tell(decisionText(decision), ['unavailable', 'request-failed', 'probe-failed', 'unregistered'].includes(kind) ? 'bad' : 'good');
	}

	tell(text, look) {
		this.count++;
		setAttribute(this.told, 'class', 'told ' + look);
		setText(this.told, text);
	}
}

class Plan {
	constructor(number) {
		this.number = number;
		this.methods = h('div', { class: 'plan' });
		this.element = h('section', { class: 'card' }, h('h2', null, word('plan')), h('p', { class: 'muted' }, word('plan_note')), this.methods);
		for (const method of ['REGISTER', 'INVITE', 'BYE'])
			this.methods.append(h('section', { 'data-method': method }, h('h3', null, method),
				h('p', { class: 'plan-sum' }, ' '), h('ol', { class: 'scroll plan-steps', tabindex: '0', 'aria-label': `${word('plan')}: ${method}` })));
	}

	close() {
		clearTimeout(this.timer);
	}

	// The plan changes with the line's state: it is asked for when a line has come, a few at a time.
	update(line) {
		this.line = line;
		clearTimeout(this.timer);
		this.timer = setTimeout(() => this.read(), this.known ? 400 : 0);
		this.known = true;
	}

	async read() {
		try {
			const plan = await get(`/lines/${this.number}/plan`);

			plan.methods.forEach((method) => this.show(method));
		} catch { /* the next state of the line asks again */ }
	}

	show({ method, steps, service_at: service, fails_at: fails }) {
		const box = this.methods.querySelector(`[data-method="${CSS.escape(method)}"]`);

		if (!box)
			return;
		const sum = [service ? word('plan_service', { t: seconds(service) }) : word('plan_only'), word('plan_fails', { t: seconds(fails) })];
		setText(box.children[1], steps.length ? sum.join(' · ') : word('plan_empty'));
		const rows = fitChildren(box.children[2], steps.length, () => h('li', null, h('span', { class: 'at' }), h('span')));

		steps.forEach((step, i) => {
			setText(rows[i].firstChild, `${seconds(step.at)} s`);
			setText(rows[i].lastChild, this.stepText(step));
			setAttribute(rows[i], 'class', 'what-' + step.what);
		});
	}

	stepText(step) {
		const target = this.line.targets.find((t) => t.index === step.target);

		return language === 'zh' && PLAN_ZH[step.what] ? PLAN_ZH[step.what](target ? targetName(target) : '') : step.text;
	}
}
