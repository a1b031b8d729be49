/* SPDX-License-Identifier: MIT */
/* message_rows.c - the tables: see message_rows.h. Valid by RFC 3261 unless they say otherwise. */
#include "message_rows.h"

#define CONTACT "<$C>;expires=60"

const char register_plain[] = "SIP/2.0 200 OK\r\n"
			      "Via: $V\r\n"
			      "From: $F\r\n"
			      "To: $T\r\n"
			      "Call-ID: $I\r\n"
			      "CSeq: $N REGISTER\r\n"
			      "Contact: " CONTACT "\r\n"
			      "Content-Length: 0\r\n"
			      "\r\n";

const struct register_row register_rows[] = {
	{ "plain", "", "", 200, 60 },
	/* blanks, TABs and folds */
	{ "a TAB in CSeq", "$N REG", "$N\tREG", 200, 60 },
	{ "a fold in CSeq", "$N REG", "$N\r\n\tREG", 200, 60 },
	{ "blanks in CSeq", "CSeq: $N REG", "CSeq:   00$N   REG", 200, 60 },
	{ "a TAB behind a colon", "To: ", "To:\t", 200, 60 },
	{ "a TAB before a colon", "To: ", "To\t: ", 200, 60 },
	{ "no blank behind colons", "Call-ID: ", "Call-ID:", 200, 60 },
	{ "a fold at once", "Call-ID: ", "Call-ID:\r\n ", 200, 60 },
	{ "a folded length", "Length: 0", "Length:\r\n 0", 200, 60 },
	{ "a length in zeros", "Length: 0", "Length: 000", 200, 60 },
	{ "no length", "Content-Length: 0\r\n", "", 200, 60 },
	{ "the length twice", "Content-Length: 0\r\n", "l: 0\r\nContent-Length: 0\r\n", 200, 60 },
	{ "blanks at ends of lines", "REGISTER\r\n", "REGISTER \t\r\n", 200, 60 },
	{ "a Via with blanks", "$V", "SIP / 2.0 / UDP\t$H : $P ; rport ; branch = $B", 200, 60 },
	{ "a Via in folds", "$V", "SIP\r\n /2.0/UDP\r\n $H:$P\r\n\t;branch\r\n =$B", 200, 60 },
	{ "a fold of the Contact", ";expires=60", "\r\n ;expires\r\n =\r\n\t60", 200, 60 },
	{ "empty lines first", "SIP/2.0 ", "\r\n\r\nSIP/2.0 ", 200, 60 },
	/* letters */
	{ "version in small letters", "SIP/2.0 200", "sip/2.0 200", 200, 60 },
	{ "version in mixed letters", "SIP/2.0 200", "Sip/2.0 200", 200, 60 },
	{ "names in capitals", "Contact: ", "CONTACT: ", 200, 60 },
	{ "names in small letters", "Call-ID", "call-id", 200, 60 },
	{ "compact Via", "Via: ", "v: ", 200, 60 },
	{ "compact From and capital", "From: ", "F: ", 200, 60 },
	{ "compact To", "To: ", "t : ", 200, 60 },
	{ "compact Call-ID", "Call-ID: ", "i:", 200, 60 },
	{ "compact Contact", "Contact: ", "m: ", 200, 60 },
	{ "compact length", "Content-Length: ", "l: ", 200, 60 },
	{ "Branch", "$V", "SIP/2.0/UDP $H:$P;Branch=$B", 200, 60 },
	{ "BRANCH and blanks", "$V", "SIP/2.0/UDP $H:$P;x=\";branch=y\";BRANCH = $B", 200, 60 },
	{ "transport in small letters", "$V", "SIP/2.0/udp $H:$P;branch=$B", 200, 60 },
	{ "a received with brackets", "$V", "SIP/2.0/UDP $H:$P;received=[::1];branch=$B", 200, 60 },
	{ "a host in the Via that we never gave", "$V", "SIP/2.0/UDP h;branch=$B", 200, 60 },
	{ "To with TAG", "To: $T", "To: <sip:1001@primary.example>;TAG=x", 200, 60 },
	{ "To without <>", "To: $T", "To: sip:1001@primary.example;tag=x", 200, 60 },
	{ "To with a quoted name", "To: $T", "To: \"<sip:x@y>;tag=z \\\"\" <sip:a@b>;tag=x", 200,
	  60 },
	/* status line */
	{ "no reason", "200 OK", "200 ", 200, 60 },
	{ "no reason and no blank", "200 OK", "200", 200, 60 },
	{ "a long reason", "200 OK", "200 = 2**3 * 5**2 \xd0\xbd\xd0\xbe \"x", 200, 60 },
	{ "another 2xx", "200 OK", "202 Accepted", 202, 60 },
	/* Contact: which is ours, and for how long (B24) */
	{ "Expires", ";expires", ";Expires", 200, 60 },
	{ "blanks in it", ";expires=60", " ; expires = 60 ; q=0.5", 200, 60 },
	{ "quoted", ";expires=60", ";expires=\"60\"", 200, 60 },
	{ "other parameters first", ";expires", ";x=\";expires=7\";y;expires", 200, 60 },
	{ "a name", CONTACT, "\"A, <b>;expires=9\" " CONTACT, 200, 60 },
	{ "a name with a quote", CONTACT, "\"A \\\" , <b>\" " CONTACT, 200, 60 },
	{ "no <>", CONTACT, "$C;expires=60", 200, 60 },
	{ "a scheme in capitals", "<$C>", "<SIP:1001@$H:$P>", 200, 60 },
	{ "an escaped user", "<$C>", "<sip:%31001@$H:$P>", 200, 60 },
	{ "empty parameters", ";expires", ";;expires", 200, 60 },
	{ "a list", CONTACT, "<sip:x@y>;expires=7," CONTACT, 200, 60 },
	{ "a list with commas in users", CONTACT, "<sip:1,2@y>;expires=7 , " CONTACT, 200, 60 },
	{ "lines", CONTACT, "<sip:x@y>;expires=7\r\nm: " CONTACT, 200, 60 },
	{ "a hundred of others first", "Contact: ", "$LContact: ", 200, 60 },
	{ "ours with the transport written", "$C>", "$C;transport=udp>", 200, 60 },
	{ "another transport's is not ours",
	  "Contact: ", "Contact: <$C;transport=tcp>;expires=7\r\nContact: ", 200, 60 },
	{ "ours gone", "=60", "=0", 200, 0 },
	{ "ours gone beside others", CONTACT, "<sip:x@y>;expires=7,<$C>;expires=0", 200, 0 },
	{ "rewritten by a NAT", "<$C>", "<sip:1001@192.0.2.9:41234>", 200, 60 },
	{ "its port rewritten beside others", CONTACT,
	  "<sip:x@y>;expires=7,<sip:1001@$H:1>;expires=60,<sip:z@y>;expires=8", 200, 60 },
	{ "all rewritten", "<$C>", "<sip:gw@192.0.2.9>", 200, 60 },
	{ "the instance", CONTACT,
	  "<sip:1001@a>;expires=7,<sip:1001@b>;+sip.instance=\"<$G>\";expires=60", 200, 60 },
	{ "none is ours: the least", CONTACT,
	  "<sip:1001@a>;expires=90,<sip:1001@b>;expires=60,<sip:1001@c>;expires=0", 200, 60 },
	{ "none is ours: Expires", "Contact: " CONTACT,
	  "Contact: <sip:1001@a>;expires=9,<sip:1001@b>;expires=8\r\nExpires: 60", 200, 60 },
	{ "the header", "Contact: " CONTACT, "Expires:\t60", 200, 60 },
	{ "the header for ours", ";expires=60", "\r\nExpires: 60 ", 200, 60 },
	{ "ours before the header", "Contact: ", "Expires: 9\r\nContact: ", 200, 60 },
	{ "nothing said", ";expires=60", "", 200, 3600 },
	{ "no Contact", "Contact: " CONTACT "\r\n", "", 200, 3600 },
	/* the rest of the message */
	{ "three hundred headers", "Contact: ", "$UContact: ", 200, 60 },
	{ "headers without a value", "Contact: ", "Subject:\r\ns: \r\nContact: ", 200, 60 },
	{ "unknown headers", "Contact: ", "X: ;;,,;,\"\r\nY\t:\t\\\r\nContact: ", 200, 60 },
	{ "a body", "Length: 0\r\n\r\n", "Length: 5\r\n\r\nhello", 200, 60 },
	{ "bytes behind the body", "\r\n\r\n", "\r\n\r\nBYE x SIP/2.0\r\n\r\n", 200, 60 },
	{ "failures", "200 OK", "403 No", 403, 0 },
	{ "only trying", "200 OK", "100 Trying", 100, 0 },
	/* broken where no rule needs it (B22d) */
	{ "a broken From", "From: $F", "From: \"x <sip:>;;", 200, 60 },
	{ "no From", "From: $F\r\n", "", 200, 60 },
	{ "a To without a URI", "To: $T", "To: <>", 200, 60 },
	{ "a line without a colon", "Contact: ", "what is this\r\nContact: ", 200, 60 },
	{ "another's broken Contact", CONTACT, "\"x <sip:a@b>\r\nContact: " CONTACT, 200, 60 },
	{ "another's empty Contact", CONTACT, "<>;expires=5,sip:;x,,<sip:@>," CONTACT, 200, 60 },
	{ "a broken Expires", "Contact: ", "Expires: soon\r\nContact: ", 200, 60 },
	{ "a broken Date, Allow and Server",
	  "Contact: ", "Date: \"\r\nAllow: ,,\r\nServer: (((\r\nContact: ", 200, 60 },
	/* broken where a rule needs it: a bad answer */
	{ "bad: a status of four digits", "200 OK", "2000 OK", 0, 0 },
	{ "bad: a status of two digits", "200 OK", "20 OK", 0, 0 },
	{ "bad: a status of nobody", "200 OK", "799 OK", 0, 0 },
	{ "bad: another version", "SIP/2.0 200", "SIP/3.0 200", 0, 0 },
	{ "bad: no CSeq", "CSeq: $N REGISTER\r\n", "", 0, 0 },
	{ "bad: a CSeq without method", "$N REGISTER", "$N", 0, 0 },
	{ "bad: two Call-IDs", "Call-ID: $I", "Call-ID: $I\r\ni: x", 0, 0 },
	{ "bad: no Call-ID", "Call-ID: $I\r\n", "", 0, 0 },
	{ "bad: no Via", "Via: $V\r\n", "", 0, 0 },
	{ "bad: two Vias", "Via: $V", "Via: $V, SIP/2.0/UDP h;branch=x", 0, 0 },
	{ "bad: a Via without a branch", "$V", "SIP/2.0/UDP $H:$P", 0, 0 },
	{ "bad: a body that was cut off", "Length: 0", "Length: 5", 0, 0 },
	{ "bad: a length below zero", "Length: 0", "Length: -1", 0, 0 },
	{ "bad: two lengths", "Length: 0", "Length: 0\r\nl: 1", 0, 0 },
	{ "bad: no end of the header", "Length: 0\r\n\r\n", "Length: 0\r\n", 0, 0 },
};
const size_t register_rows_count = sizeof(register_rows) / sizeof(register_rows[0]);

#define BOB "Contact: <sip:bob@192.0.2.9>"

const char invite_plain[] = "SIP/2.0 200 OK\r\n"
			    "Via: $V\r\n"
			    "From: $F\r\n"
			    "To: $T\r\n"
			    "Call-ID: $I\r\n"
			    "CSeq: $N INVITE\r\n" BOB "\r\n"
			    "Content-Length: 0\r\n"
			    "\r\n";

const struct invite_row invite_rows[] = {
	{ "plain", "", "", "sip:bob@192.0.2.9", "" },
	{ "a user with a comma", BOB, "Contact: <sip:100,1@h>", "sip:100,1@h", "" },
	{ "a host of one letter", BOB, "Contact: <sip:bob@h>", "sip:bob@h", "" },
	{ "escapes stay", BOB, "m: <sip:b%2541@h;x=%2541>", "sip:b%2541@h;x=%2541", "" },
	{ "parameters", BOB, "Contact: <sip:b@h:5070;transport=udp;ob;x>;q=1;y",
	  "sip:b@h:5070;transport=udp;ob;x", "" },
	{ "letters of all parts", BOB, "CONTACT : <SIP:Bob@H.Example;X=Y>", "SIP:Bob@H.Example;X=Y",
	  "" },
	{ "IPv6", BOB, "Contact: <sip:b@[2001:db8::1]:5070>", "sip:b@[2001:db8::1]:5070", "" },
	{ "no user", BOB, "Contact: <sip:192.0.2.9;lr>", "sip:192.0.2.9;lr", "" },
	{ "no <>", BOB, "Contact: sip:b@h;x=y", "sip:b@h", "" },
	{ "a name with brackets", BOB, "Contact: \"<sip:x@y>, \\\" ;\" <sip:b@h>;z", "sip:b@h",
	  "" },
	{ "a name without quotes", BOB, "Contact: Bob B. <sip:b@h>", "sip:b@h", "" },
	{ "a fold and a TAB", BOB, "Contact\t:\r\n\t<sip:b@h>", "sip:b@h", "" },
	{ "a user with semicolons", BOB, "Contact: <sip:b;p=%40x@h>", "sip:b;p=%40x@h", "" },
	{ "a password", BOB, "Contact: <sip:b:w@h>", "sip:b:w@h", "" },
	{ "two", BOB, "Contact: <sip:b@h>,<sip:c@h>", "sip:b@h", "" },
	{ "a broken one first", BOB, "Contact: <>,<sip:>, \"<sip:x@y>\r\n" BOB, "sip:bob@192.0.2.9",
	  "" },
	{ "empty parameters behind it", BOB, BOB ";;;expires=30", "sip:bob@192.0.2.9", "" },
	{ "To with TAG", "To: $T", "To: <sip:1002@primary.example:5060> ; TAG = x",
	  "sip:bob@192.0.2.9", "" },
	{ "a route", BOB, BOB "\r\nRecord-Route: <sip:p1;lr>", "sip:bob@192.0.2.9",
	  "Route: <sip:p1;lr>\r\n" },
	{ "a route behind a TAB", BOB, BOB "\r\nRecord-Route:\t<sip:p1;lr>", "sip:bob@192.0.2.9",
	  "Route: <sip:p1;lr>\r\n" },
	{ "routes in one line, folded", BOB,
	  BOB "\r\nRECORD-ROUTE: <sip:p2;lr>\r\n ,\r\n\t<sip:p1;lr>", "sip:bob@192.0.2.9",
	  "Route: <sip:p1;lr>\r\nRoute: <sip:p2;lr>\r\n" },
	{ "a route with commas", BOB,
	  BOB "\r\nRecord-Route: <sip:a,b@p2;lr>,<sip:p1;lr;x=\"1,2\">\r\nRecord-Route: \"c,\" "
	      "<sip:p0;lr>;y",
	  "sip:bob@192.0.2.9",
	  "Route: \"c,\" <sip:p0;lr>;y\r\nRoute: <sip:p1;lr;x=\"1,2\">\r\nRoute: "
	  "<sip:a,b@p2;lr>\r\n" },
	{ "a route with escapes and capitals", BOB,
	  BOB "\r\nRecord-Route: <SIP:a%2541@P1;LR;ftag=%3d>", "sip:bob@192.0.2.9",
	  "Route: <SIP:a%2541@P1;LR;ftag=%3d>\r\n" },
};
const size_t invite_rows_count = sizeof(invite_rows) / sizeof(invite_rows[0]);

#define SDP                                                                                        \
	"v=0\r\no=- 1 1 IN IP4 h\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n"
#define INVITE "CSeq: 1 INVITE"
#define BODY(type) "\r\nContact: <sip:bob@192.0.2.9>\r\n" type "\r\n\r\n" SDP

const char request_plain[] = "OPTIONS sip:1001@127.0.0.1 SIP/2.0\r\n"
			     "Via: SIP/2.0/UDP 192.0.2.9;rport;branch=z9hG4bKr\r\n"
			     "Max-Forwards: 70\r\n"
			     "From: \"Bob\" <sip:bob@example>;tag=bob\r\n"
			     "To: <sip:1001@primary.example>\r\n"
			     "Call-ID: c1@192.0.2.9\r\n"
			     "CSeq: 1 OPTIONS\r\n"
			     "\r\n";

/* $M: the method takes the place of OPTIONS wherever it is. */
const struct request_row request_rows[] = {
	{ "plain", "", "", 200, "Allow: " },
	{ "an INVITE", "$M", "INVITE", 180, NULL },
	{ "a method in small letters", "$M", "ping", 501, NULL },
	{ "a known one in small letters", "$M", "options", 501, NULL },
	{ "a method with a mark first", "$M", "!x", 501, NULL },
	{ "a plus", "$M", "+x", 501, NULL },
	{ "a backquote", "$M", "`x", 501, NULL },
	{ "every mark", "$M", "-.!%*_+`'~9", 501, NULL },
	{ "a known method", "$M", "SUBSCRIBE", 405, "Allow: " },
	{ "version in small letters", " SIP/2.0\r\nVia: ", " sip/2.0\r\nVia: ", 200, NULL },
	{ "Via in small letters", "Via: SIP/2.0/UDP", "v: sip/2.0/udp", 200, NULL },
	{ "a TAB and a fold", "From: \"Bob\" ", "From:\t\"Bob\"\r\n\t", 200, NULL },
	{ "a TAB in CSeq", "CSeq: 1 ", "CSeq:\t1\t", 200, NULL },
	{ "Branch", ";branch", ";Branch", 200, NULL },
	{ "no branch (RFC 2543)", ";branch=z9hG4bKr", "", 200, NULL },
	{ "an old branch", "z9hG4bKr", "1", 200, NULL },
	{ "a host and blanks", "192.0.2.9;rport", "a.b.example : 5099 ; rport", 200, NULL },
	{ "TAG", ";tag=bob", " ; TAG = bob", 200, "TAG = bob" },
	{ "From without <>", "\"Bob\" <sip:bob@example>;", "sip:bob@example;", 200, NULL },
	{ "From of another scheme", "<sip:bob@example>", "<tel:+1234>", 200, NULL },
	{ "a quoted name", "\"Bob\"", "\"B \\\" <x@y>;tag=z\"", 200, "\"B \\\" <x@y>;tag=z\"" },
	{ "a quoted backslash", "\"Bob\"", "\"B \\\\\"", 200, "\"B \\\\\"" },
	{ "more Vias", "Max-Forwards: 70",
	  "Via: SIP/2.0/TCP p1;branch=z9hG4bK1 , SIP / 2.0 / UDP p2;x\r\nv: SIP/2.0/TLS [::1]:9",
	  200, "Via: SIP / 2.0 / UDP p2;x\r\nVia: SIP/2.0/TLS [::1]:9\r\n" },
	{ "Max-Forwards 0", "70", "0000", 200, NULL },
	{ "another scheme", "OPTIONS sip:1001@127.0.0.1 ", "OPTIONS tel:1001 ", 416, NULL },
	{ "a scheme of nobody", "OPTIONS sip:1001@127.0.0.1 ", "OPTIONS x.y+z-1:a?b%20 ", 416,
	  NULL },
	{ "headers in the URI", "@127.0.0.1 ", "@127.0.0.1?x=y ", 400, NULL },
	{ "Require", "\r\n\r\n", "\r\nRequire: foo\r\n\r\n", 420, "Unsupported: foo\r\n" },
	{ "Require of two", "\r\n\r\n", "\r\nRequire: foo, bar\r\n\r\n", 420,
	  "Unsupported: foo, bar\r\n" },
	{ "Require in two lines", "\r\n\r\n", "\r\nRequire: foo\r\nREQUIRE:\tbar\r\n\r\n", 420,
	  "Unsupported: foo, bar\r\n" },
	/* for whom a call is: the user as escapes say (RFC 3261 19.1.4) */
	{ "an escaped user", "$MINVITE sip:1001@", "INVITE sip:%31%3001@", 180, NULL },
	{ "a user with parameters", "$MINVITE sip:1001@", "INVITE sip:1001;x=y,z@", 180, NULL },
	{ "a password", "$MINVITE sip:1001@", "INVITE sip:1001:w@", 180, NULL },
	{ "an IPv6 host and parameters", "$MINVITE sip:1001@127.0.0.1",
	  "INVITE sip:1001@[::1]:5060;transport=udp;x=y", 180, NULL },
	{ "sips", "$MINVITE sip:1001@", "INVITE sips:1001@", 180, NULL },
	{ "SIP", "$MINVITE sip:1001@", "INVITE SIP:1001@", 180, NULL },
	/* bodies */
	{ "an offer", "$MINVITE\r\n\r\n", BODY("Content-Type: application/sdp"), 180, NULL },
	{ "an offer, in capitals", "$MINVITE\r\n\r\n", BODY("C:\tAPPLICATION/SDP;x=y"), 180, NULL },
	{ "a body of another type", "$MINVITE\r\n\r\n", BODY("Content-Type: text/html"), 415,
	  "Accept: application/sdp" },
	{ "an optional one", "$MINVITE\r\n\r\n",
	  BODY("Content-Type: text/html\r\nContent-Disposition: render; handling=optional"), 180,
	  NULL },
	{ "an optional one, in capitals", "$MINVITE\r\n\r\n",
	  BODY("Content-Type: text/html\r\nCONTENT-DISPOSITION: x ; HANDLING = Optional"), 180,
	  NULL },
	{ "gzip", "$MINVITE\r\n\r\n",
	  BODY("Content-Type: application/sdp\r\nContent-Encoding: gzip"), 415,
	  "Accept-Encoding: identity" },
	{ "compact gzip", "$MINVITE\r\n\r\n", BODY("c: application/sdp\r\ne: GZIP"), 415,
	  "Accept-Encoding: identity" },
	{ "identity", "$MINVITE\r\n\r\n", BODY("c: application/sdp\r\ne: identity"), 180, NULL },
	{ "an optional gzip", "$MINVITE\r\n\r\n",
	  BODY("c: text/x\r\ne: gzip\r\nContent-Disposition: x;handling=optional"), 180, NULL },
	/* what no rule needs (B22d) */
	{ "a broken Contact", "\r\n\r\n", "\r\nContact: <sip:1001@A>;;expires=30, \"<\r\n\r\n", 200,
	  NULL },
	{ "a broken Route, Date and Accept", "\r\n\r\n",
	  "\r\nRoute: <<>\r\nDate: x\"\r\nAccept: ;;\r\n\r\n", 200, NULL },
	{ "a line without a colon", "\r\n\r\n", "\r\nwhat\r\n\r\n", 200, NULL },
	{ "three hundred headers", "\r\n\r\n", "\r\n$U\r\n", 200, NULL },
	/* what one needs */
	{ "bad: another version", " SIP/2.0\r\nVia: ", " SIP/3.0\r\nVia: ", 505, NULL },
	{ "bad: a URI in <>", "sip:1001@127.0.0.1 ", "<sip:1001@127.0.0.1> ", 400, NULL },
	{ "bad: two blanks", "OPTIONS sip:", "OPTIONS  sip:", 400, NULL },
	{ "bad: a URI without a host", "sip:1001@127.0.0.1 ", "sip:1001@ ", 400, NULL },
	{ "bad: a port of nobody", "127.0.0.1 ", "127.0.0.1:99999 ", 400, NULL },
	{ "bad: a CSeq of another method", "CSeq: 1 OPTIONS", "CSeq: 1 INVITE", 400, NULL },
	{ "bad: a CSeq too large", "CSeq: 1 ", "CSeq: 4294967296 ", 400, NULL },
	{ "bad: no CSeq", "CSeq: 1 OPTIONS\r\n", "", 400, NULL },
	{ "bad: no Call-ID", "Call-ID: c1@192.0.2.9\r\n", "", 400, NULL },
	{ "bad: no From", "From: \"Bob\" <sip:bob@example>;tag=bob\r\n", "", 400, NULL },
	{ "bad: no To", "To: <sip:1001@primary.example>\r\n", "", 400, NULL },
	{ "bad: two Tos", "Max-Forwards: 70", "t: <sip:x@y>", 400, NULL },
	{ "bad: a quote without end", "\"Bob\"", "\"Bob", 400, NULL },
	{ "bad: a length", "\r\n\r\n", "\r\nContent-Length: x\r\n\r\n", 400, NULL },
	{ "bad: a body that was cut off", "\r\n\r\n", "\r\nl: 9\r\n\r\nhello", 400, NULL },
	{ "bad: a second Via", "Max-Forwards: 70", "Via: what", 400, NULL },
};
const size_t request_rows_count = sizeof(request_rows) / sizeof(request_rows[0]);
