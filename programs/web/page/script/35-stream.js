// SPDX-License-Identifier: MIT
// The device's events as they happen. The browser connects again by itself and names the last event
// it has; where it cannot (the device was gone, the session ended), the page does.

let stream = null;
let streamRetry = 0;
let streamTimer = 0;
let streamLater = null; // decisions that come while earlier ones are asked for

function streamStart() {
	streamStop();
	setConnection('connecting');
	stream = new EventSource(API + '/events');
	stream.addEventListener('hello', onHello);
	stream.addEventListener('decision', (event) => onDecision(JSON.parse(event.data)));
	stream.addEventListener('line', (event) => onLine(JSON.parse(event.data)));
	stream.addEventListener('config', (event) => onConfig(JSON.parse(event.data).revision));
	stream.addEventListener('error', onStreamError);
}

function streamStop() {
	clearTimeout(streamTimer);
	stream?.close();
	stream = null;
}

function setConnection(name) {
	device.connection = name;
	shell?.showConnection();
}

// What was missed is asked for each time: a device that was started anew has no old events.
async function onHello(event) {
	streamRetry = 0;
	try {
		streamLater = [];
		await readStatus();
		(await readDecisions()).forEach((decision) => view?.onDecision?.(decision));
		streamLater.splice(0).forEach(tellDecision);
		streamLater = null;
		setConnection('live');
		view?.onLines?.();
		shell?.showDevice();
		configChanged(JSON.parse(event.data).revision);
	} catch (error) {
		streamLater = null;
		if (error.status !== 401)
			streamAgain();
	}
}

function onStreamError() {
	setConnection('lost');
	if (stream?.readyState === EventSource.CLOSED)
		streamAgain();
}

function streamAgain() {
	streamStop();
	setConnection('lost');
	streamRetry = Math.min(streamRetry + 1, 6);
	streamTimer = setTimeout(async () => {
		try {
			await readSession();
			streamStart();
		} catch (error) {
			if (error.status === 401)
				sessionEnded();
			else
				streamAgain();
		}
	}, 500 * 2 ** (streamRetry - 1));
}

async function readSession() {
	device.csrf = (await get('/session')).csrf;
}

function onDecision(decision) {
	if (streamLater)
		streamLater.push(decision);
	else
		tellDecision(decision);
}

function tellDecision(decision) {
	if (takeDecision(decision))
		view?.onDecision?.(decision);
}

function onLine(line) {
	takeLine(line);
	view?.onLine?.(line);
}

// Lines may have come and gone.
async function onConfig(revision) {
	configChanged(revision);
	try {
		await readStatus();
		view?.onLines?.();
	} catch { /* the stream ends, too, and is begun anew */ }
}
