// SPDX-License-Identifier: MIT
// A registrar and proxy as the readme of the package `sip` has it: 200 to a REGISTER has neither
// Contact nor Expires, and the proxy stays out of dialogs. usage: server.js ADDRESS
'use strict';

const sip = require('sip');
const proxy = require('sip/proxy');

const address = process.argv[2];
const contacts = new Map();

function register(request) {
	contacts.set(sip.parseUri(request.headers.to.uri).user, request.headers.contact);
	const response = sip.makeResponse(request, 200, 'OK');
	response.headers.to.params.tag = String(Date.now());
	proxy.send(response);
}

function relay(request) {
	const user = sip.parseUri(request.uri).user;
	const found = contacts.get(user);
	if (!found || found.length === 0) {
		proxy.send(sip.makeResponse(request, 404, 'Not Found'));
		return;
	}
	if (request.method === 'INVITE') proxy.send(sip.makeResponse(request, 100, 'Trying'));
	request.uri = found[0].uri;
	proxy.send(request);
}

proxy.start({ address, publicAddress: address, port: 5060, tcp: false }, (request) => {
	if (request.method === 'REGISTER') register(request);
	else if (request.method === 'OPTIONS') proxy.send(sip.makeResponse(request, 200, 'OK'));
	else relay(request);
});
