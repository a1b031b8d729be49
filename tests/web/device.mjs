// SPDX-License-Identifier: MIT
// A phone with its page, and its two servers: the programs of the build, at free ports of this machine.
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { PATIENCE, until } from './tap.mjs';

const build = process.env.top_builddir;
export const PASSWORD = 'correct horse battery';
export const SIP_SECRET = 'sip-secret-7e3a';

// One program; what it says is kept, and what is said to it goes to its standard input.
class Program {
	constructor(name, args) {
		this.said = '';
		this.child = spawn(path.join(build, name), args, { stdio: ['pipe', 'pipe', 'pipe'] });
		for (const stream of [this.child.stdout, this.child.stderr])
			stream.on('data', (data) => { this.said += data; });
		this.child.stdin.on('error', () => {});
		this.ended = new Promise((resolve) => this.child.on('exit', (code, signal) => resolve({ code, signal })));
	}

	say(command) {
		this.child.stdin.write(command + '\n');
	}

	// A server's command, done: what another program is told next comes after it.
	async does(command) {
		const shown = () => this.said.match(/^received /gm)?.length ?? 0;
		const before = shown();

		this.say(command);
		this.say('show');
		await until(() => shown() > before, command);
	}

	async hear(pattern, what) {
		return until(() => {
			if (this.child.exitCode !== null)
				throw new Error(`it has ended: ${this.said}`);
			return pattern.exec(this.said);
		}, what);
	}

	// It was there until now, and ends as it should.
	async stop() {
		const insist = setTimeout(() => this.child.kill('SIGKILL'), PATIENCE);

		this.child.kill('SIGTERM');
		const { code, signal } = await this.ended;
		clearTimeout(insist);
		if (code !== 0)
			throw new Error(`it ended with ${signal ?? code}: ${this.said.slice(-2000)}`);
	}
}

function freePort() {
	return new Promise((resolve) => {
		const server = net.createServer().listen(0, '127.0.0.1', () => {
			const { port } = server.address();
			server.close(() => resolve(port));
		});
	});
}

async function startServer() {
	const server = new Program('failover-server', ['--listen', '127.0.0.1:0', '--quiet', '--ring-time', '0']);

	server.port = Number((await server.hear(/listening on 127\.0\.0\.1:(\d+)/, 'a server listens'))[1]);
	return server;
}

function lineText(number, device, settings) {
	return `line ${number} {
  user = "${1000 + number}"     # the extension
  auth_password = "${SIP_SECRET}"
  server primary { address = "127.0.0.1" port = ${device.primary.port} }
  server backup { address = "127.0.0.1" port = ${device.backup.port} }
  failback_interval = 86400
  keepalive = off
${Object.entries(settings).map(([key, value]) => `  ${key} = ${value}\n`).join('')}}
`;
}

export class Device {
	// lines: how many; settings: of each line, beside what all have; suffix: of the file, which says its format
	static async start({ lines = 1, settings = {}, suffix = 'conf', atEnd }) {
		const device = new Device();

		device.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'failover-page-'));
		atEnd(() => fs.promises.rm(device.folder, { recursive: true }));
		for (const name of ['primary', 'backup']) {
			device[name] = await startServer();
			atEnd(() => device[name].stop());
		}
		device.file = path.join(device.folder, 'phone.conf');
		device.passwordFile = path.join(device.folder, 'password');
		fs.writeFileSync(device.passwordFile, PASSWORD + '\n', { mode: 0o600 });
		device.write('# The phone of the reception.\n' +
			Array.from({ length: lines }, (_, i) => lineText(i + 1, device, { t1: 250, ...settings })).join('\n'));
		if (suffix !== 'conf') {
			const file = path.join(device.folder, 'phone.' + suffix);

			execFileSync(path.join(build, 'failover-config'), ['convert', device.file, file]);
			device.file = file;
		}
		device.port = await freePort();
		await device.startPhone();
		atEnd(() => device.phone.stop());
		return device;
	}

	async startPhone() {
		this.phone = new Program('failover-phone', ['--plugin-dir', path.join(build, '.libs'), '--listen', '127.0.0.1:0',
			'--web', `127.0.0.1:${this.port}`, '--web-password-file', this.passwordFile, this.file]);
		this.url = (await this.phone.hear(/the page is at (http:\S+)/, 'the page is there'))[1];
	}

	get text() {
		return fs.readFileSync(this.file, 'utf8');
	}

	write(text) {
		fs.writeFileSync(this.file, text);
	}
}
