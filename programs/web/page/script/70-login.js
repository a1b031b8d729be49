// SPDX-License-Identifier: MIT
// The log-in page.

class LoginView {
	constructor(text) {
		this.title = word('login');
		this.password = h('input', { type: 'password', id: 'password', autocomplete: 'current-password', 'aria-describedby': 'login-told', required: true });
		this.told = h('p', { class: 'told bad', id: 'login-told', role: 'alert' }, text ?? '');
		this.send = h('button', { type: 'submit', class: 'primary' }, word('login'));
		const reveal = h('input', { type: 'checkbox', id: 'reveal', onchange: () => { this.password.type = reveal.checked ? 'text' : 'password'; } });

		this.element = h('section', { class: 'login card' }, h('h1', { tabindex: '-1' }, word('login')),
			h('form', { novalidate: true, onsubmit: (event) => this.submit(event) },
				h('input', { type: 'text', name: 'username', autocomplete: 'username', value: 'admin', hidden: true, readonly: true }),
				h('label', { for: 'password' }, word('password')), this.password,
				h('label', { class: 'reveal', for: 'reveal' }, reveal, word('show_password')), this.told, this.send),
			h('p', { class: 'muted' }, word('login_hint')));
	}

	close() {
		clearInterval(this.timer);
	}

	async submit(event) {
		event.preventDefault();
		if (!this.password.value)
			return this.refuse(word('login_empty'));
		this.send.disabled = true;
		try {
			device.csrf = (await post('/session', { password: this.password.value })).csrf;
			await loggedIn();
		} catch (error) {
			this.send.disabled = false;
			if (error.status === 429 && error.retryAfter)
				this.wait(error.retryAfter);
			else
				this.refuse(error.message);
		}
	}

	refuse(text) {
		setText(this.told, text);
		this.password.setAttribute('aria-invalid', 'true');
		this.password.select();
		this.password.focus();
	}

	// The device counts tries; until then another one would only be refused.
	wait(seconds) {
		let left = Math.min(seconds, 3600);
		const tick = () => {
			setText(this.told, left > 0 ? word('login_wait', { n: left }) : '');
			this.send.disabled = left > 0;
			if (left-- <= 0)
				clearInterval(this.timer);
		};

		clearInterval(this.timer);
		this.timer = setInterval(tick, 1000);
		tick();
	}
}
