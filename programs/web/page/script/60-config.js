// SPDX-License-Identifier: MIT
// The configuration as it was read, and the changes that were not applied. A path names a value:
// "sip_port", "line.1.user", "line.1.server.backup.port"; or a section: "line.7", "line.1.proxy.backup".

const edits = {
	base: null, // CONFIG
	changes: new Map(), // path -> text, or null = back to the default, or removed
	stale: false, // another has applied meanwhile
};

const SECTIONS = { server: 'servers', proxy: 'proxies' };

function pathParts(path) {
	const parts = path.split('.');

	if (parts[0] !== 'line' || parts.length === 1)
		return { key: path, scope: 'global' };
	const line = Number(parts[1]);
	if (!(parts[2] in SECTIONS) || parts.length < 4)
		return { line, key: parts[2] ?? null, scope: 'line' };
	return { line, scope: parts[2], section: parts[3], key: parts[4] ?? null };
}

function optionOf(path) {
	const { key, scope } = pathParts(path);

	return device.options.find((option) => option.key === key && option.scopes.includes(scope));
}

function lineOf(config, number) {
	return config.lines.find((line) => line.number === number);
}

// The value in a configuration: text, {set}, or null.
function valueIn(config, path) {
	const { line, scope, section, key } = pathParts(path);

	if (scope === 'global')
		return config.global[key] ?? null;
	const found = lineOf(config, line);
	if (scope === 'line')
		return key === null ? (found ? 'new' : null) : found?.values[key] ?? null;
	const part = found?.[SECTIONS[scope]].find((s) => s.name === section);
	return key === null ? (part ? 'new' : null) : part?.values[key] ?? null;
}

// What holds where the file does not say it: the value of the profile, else the default (B29).
function initialOf(path) {
	const option = optionOf(path), { line, scope } = pathParts(path);
	const own = scope === 'line' ? shownValue(`line.${line}.profile`) : null;

	return option?.initials?.[own || shownValue('profile') || ''] ?? option?.initial;
}

function setEdit(path, value) {
	const before = valueIn(edits.base, path);

	const initial = initialOf(path);

	if ((typeof before !== 'object' || before === null) && sameValue(before, value, initial))
		edits.changes.delete(path);
	else
		edits.changes.set(path, value);
	applyBar?.tell('');
	applyBar?.update();
}

// Not set is the default; an empty text is not set.
function sameValue(a, b, initial) {
	return (a || initial || '') === (b || initial || '');
}

function dropEdits(prefix) {
	for (const path of [...edits.changes.keys()])
		if (path === prefix || path.startsWith(prefix + '.'))
			edits.changes.delete(path);
	applyBar?.update();
}

// The text that a field shows: the change, else what the device has.
function shownValue(path) {
	if (edits.changes.has(path))
		return edits.changes.get(path);
	const value = valueIn(edits.base, path);
	return typeof value === 'object' ? null : value;
}

// The lines that are there, and those that are to be added.
function allLines() {
	const added = [...edits.changes].filter(([path, value]) => /^line\.\d+$/.test(path) && value === 'new')
		.map(([path]) => ({ number: pathParts(path).line, values: {}, servers: [], proxies: [], added: true }));

	return [...edits.base.lines, ...added].sort((a, b) => a.number - b.number);
}

// Names of a line's sections of a kind: primary and backup always, then those of the file, then new ones.
function sectionNames(number, scope) {
	const names = new Set(['primary', 'backup']);

	lineOf(edits.base, number)?.[SECTIONS[scope]].forEach((section) => names.add(section.name));
	for (const path of edits.changes.keys()) {
		const parts = pathParts(path);

		if (parts.line === number && parts.scope === scope && parts.section)
			names.add(parts.section);
	}
	return [...names];
}

function routeOf(path) {
	const { line } = pathParts(path);

	return line === undefined ? '#/global' : `#/line/${line}`;
}

async function readConfig() {
	if (!device.options.length) {
		const { options, groups } = await get('/options');

		Object.assign(device, { options, groups });
	}
	edits.base = await get('/config');
	edits.stale = false;
}

// Another has applied: what a person has typed stays, what nobody has touched is read anew.
async function configChanged(revision) {
	if (!edits.base || !revision || revision === edits.base.revision || applyBar?.busy)
		return;
	edits.stale = true;
	if (edits.changes.size) {
		applyBar?.update();
		return;
	}
	try {
		await readConfig();
	} catch {
		return;
	}
	if (view?.isForm)
		view.refresh(word('reloaded'));
}

// What is sent: a section that is removed needs none of its values removed; a line comes before its values.
function changesToSend() {
	const removed = [...edits.changes].filter(([path, value]) => value === null && pathParts(path).key === null).map(([path]) => path);

	return [...edits.changes].filter(([path]) => !removed.some((gone) => path.startsWith(gone + '.')))
		.sort(([a], [b]) => (pathParts(a).key !== null) - (pathParts(b).key !== null))
		.map(([path, value]) => ({ path, value }));
}

// Paths whose values differ between two configurations.
function differences(from, to) {
	const paths = new Set();
	const collect = (config) => {
		Object.keys(config.global).forEach((key) => paths.add(key));
		for (const line of config.lines) {
			paths.add(`line.${line.number}`);
			Object.keys(line.values).forEach((key) => paths.add(`line.${line.number}.${key}`));
			for (const [scope, list] of Object.entries(SECTIONS))
				for (const section of line[list])
					Object.keys(section.values).forEach((key) => paths.add(`line.${line.number}.${scope}.${section.name}.${key}`));
		}
	};

	collect(from);
	collect(to);
	return [...paths].filter((path) => JSON.stringify(valueIn(from, path)) !== JSON.stringify(valueIn(to, path)));
}

// "Line 1 › SIP Server 2 › Server Port"
function pathTitle(path) {
	const { line, scope, section } = pathParts(path);
	const option = optionOf(path);
	const parts = [];

	if (line !== undefined)
		parts.push(word('line_n', { n: line }));
	if (section)
		parts.push(sectionTitle(scope, section, sectionNames(line, scope).indexOf(section)));
	if (option)
		parts.push(optionLabel(option, section));
	return parts.join(' › ') || path;
}

function group(id) {
	return device.groups.find((found) => found.id === id);
}

function sectionTitle(scope, name, index) {
	const titled = group(`${scope}.${name}`);

	if (titled)
		return said(titled.label);
	const built = { server: ['server_n', 'server_n'], proxy: ['proxy_1', 'proxy_2'] }[scope][index];
	return word(built ?? (scope === 'server' ? 'server_n' : 'proxy_n'), { n: index + 1 });
}

function optionLabel(option, section) {
	return said(section === 'backup' && option.label_backup || option.label);
}

// A text of the table that may have both languages or one.
function eitherText(value) {
	return typeof value === 'object' ? said(value) : value ?? '';
}
