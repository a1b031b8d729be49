#!/bin/sh
# ejabberd's SIP library reads no IPv6 address: the Contact becomes an unknown header, the Via is empty.
#
# Version:     p1_sip 1.0.49 (erlang-p1-sip, Debian 12), what ejabberd's registrar is made of.
# Guess:       it reads an IPv6reference (RFC 3261 25.1), or says that the message is malformed.
# Behaviour:   the message is taken as well-formed. A Contact with an IPv6 address stands there as a
#              header that nobody knows, under its text; a Via with one is a list without an entry.
#              Only in the request line it is an error.
# Consequence: to a program that asks the library, a REGISTER from an IPv6 network is one without
#              Contact: a question that binds nothing and is answered 200. The phone believes that it
#              is registered, and nobody can call it. Where the Via is missing, the answer has nowhere
#              to go, and the phone leaves a server that is well.
set -u
T=$(mktemp -d) && cd "$T" || exit 2
trap 'rm -rf "$T"' EXIT
trap 'exit 2' INT TERM
apt-get -qq download erlang-base erlang-p1-sip=1.0.49-1 erlang-p1-utils erlang-p1-stun \
	>/dev/null 2>&1 || { echo "the packages cannot be had"; exit 2; }
for f in *.deb; do dpkg -x "$f" root || exit 2; done
R=$T/root/usr/lib/erlang
sed -i "s|/usr/lib/erlang|$R|g" "$R/bin/erl" || exit 2
cat >probe.erl <<'E'
-module(probe).
-export([main/0]).

message(Via, Contact) ->
	iolist_to_binary(["REGISTER sip:example.net SIP/2.0\r\nVia: SIP/2.0/UDP ", Via,
		";branch=z9hG4bK1\r\nFrom: <sip:1001@example.net>;tag=1\r\n",
		"To: <sip:1001@example.net>\r\nCall-ID: 1@example.net\r\nCSeq: 1 REGISTER\r\n",
		"Contact: <sip:1001@", Contact, ">\r\nContent-Length: 0\r\n\r\n"]).

%% The headers are the one list that has a Call-ID.
headers(Message) ->
	[Headers] = [List || List <- tuple_to_list(Message), is_list(List), lists:keymember('call-id', 1, List)],
	Headers.

show(Via, Contact) ->
	{ok, Message} = esip_codec:decode(message(Via, Contact)),
	Headers = headers(Message),
	{via, Vias} = lists:keyfind(via, 1, Headers),
	io:format("Via ~s: ~b; Contact ~s: ~s~n", [Via, length(Vias), Contact,
		case lists:keyfind(contact, 1, Headers) of
			{contact, List} -> integer_to_list(length(List));
			false -> "none, but an unknown header " ++
				binary_to_list(hd([Name || {Name, _} <- Headers, is_binary(Name)]))
		end]).

main() ->
	show("192.0.2.1:5060", "192.0.2.1"),
	show("[2001:db8::1]:5060", "192.0.2.1"),
	show("192.0.2.1:5060", "[2001:db8::1]"),
	halt().
E
export ERL_LIBS="$R/lib" HOME="$T"
timeout 60 "$R/bin/erlc" probe.erl >log 2>&1 || { cat log; exit 2; }
timeout 60 "$R/bin/erl" -noshell -s probe main >seen 2>&1
cat seen
cat >known <<'E'
Via 192.0.2.1:5060: 1; Contact 192.0.2.1: 1
Via [2001:db8::1]:5060: 0; Contact 192.0.2.1: 1
Via 192.0.2.1:5060: 1; Contact [2001:db8::1]: none, but an unknown header Contact
E
cmp -s seen known || exit 1
