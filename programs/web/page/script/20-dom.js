// SPDX-License-Identifier: MIT
// Elements, times and texts.

// h('p', { class: 'x', onclick: f }, 'text', child): an element. A member that is null is left out.
function h(tag, attributes, ...children) {
	return dress(document.createElement(tag), attributes, children);
}

function svg(tag, attributes, ...children) {
	return dress(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children);
}

function dress(element, attributes, children) {
	for (const [name, value] of Object.entries(attributes ?? {})) {
		if (value === null || value === undefined || value === false)
			continue;
		if (name.startsWith('on'))
			element.addEventListener(name.slice(2), value);
		else
			element.setAttribute(name, value === true ? '' : value);
	}
	element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
	return element;
}

// Writes only what differs, so that nothing is read or painted again without need.
function setText(element, text) {
	if (element.textContent !== text)
		element.textContent = text;
}

function setAttribute(element, name, value) {
	if (element.getAttribute(name) !== value)
		element.setAttribute(name, value);
}

function button(text, onclick, attributes) {
	return h('button', { type: 'button', onclick, ...attributes }, text);
}

// Removes what is too much at the end and makes what is missing.
function fitChildren(parent, count, make) {
	while (parent.children.length > count)
		parent.lastElementChild.remove();
	while (parent.children.length < count)
		parent.append(make(parent.children.length));
	return [...parent.children];
}

const two = (n) => String(n).padStart(2, '0');

// 75 -> "1:15", 4000 -> "1:06:40"
function duration(total) {
	const s = Math.max(0, Math.round(total));
	const hours = Math.floor(s / 3600), minutes = Math.floor(s / 60) % 60;

	return hours ? `${hours}:${two(minutes)}:${two(s % 60)}` : `${minutes}:${two(s % 60)}`;
}

// At most three decimals: 3.5, 0.021
function seconds(value) {
	return String(Math.round((value ?? 0) * 1000) / 1000);
}

function locale() {
	return language === 'zh' ? 'zh-CN' : navigator.language.startsWith('zh') ? 'en' : navigator.language;
}

// A time of day in the browser's zone; with the date where it is another day.
function clockTime(unix) {
	const time = new Date(unix * 1000);
	const form = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' };

	if (time.toDateString() !== new Date().toDateString())
		Object.assign(form, { month: 'short', day: 'numeric' });
	return new Intl.DateTimeFormat(locale(), form).format(time);
}

function fullTime(unix) {
	return new Intl.DateTimeFormat(locale(), { dateStyle: 'medium', timeStyle: 'long', hourCycle: 'h23' })
		.format(new Date(unix * 1000));
}

function ladderTime(unix) {
	const time = new Date(unix * 1000);

	return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}

// "192.0.2.1:5060;transport=udp" -> its place and its transport
function targetParts(target) {
	const [place, transport] = (target ?? '').split(';transport=');

	return { place, transport: (transport ?? '').toUpperCase() };
}

function targetShort(target) {
	const { place, transport } = targetParts(target);

	return transport ? `${place} ${transport}` : place;
}

// What counts down or up is told each second by one clock of the page, not by the device.
const ticking = new Set();

setInterval(() => {
	if (!document.hidden)
		ticking.forEach((tick) => tick());
}, 1000);

const motion = matchMedia('(prefers-reduced-motion: reduce)');
