# SPDX-License-Identifier: MIT
"""edge.py - failover-edge under test, and a phone behind it: a user agent that knows its outbound
proxy and nothing of a backup."""

import hashlib
import os
import re
import select
import socket
import time

from .phone import Phone
from .process import build_path
from .tap import Skip, check

INSIDE_PORT = 5062
OUTSIDE_PORT = 5080


def need_edge():
    for program in "failover-edge", "failover-server":
        if not os.access(build_path(program), os.X_OK):
            raise Skip("%s is not part of this build" % program)


class Edge(Phone):
    """One run of it; its events and commands are the phone's."""

    def __init__(self, inside, outside, config, *options):
        self._start([build_path("failover-edge"), "--inside", "%s:%d" % (inside, INSIDE_PORT),
                     "--listen", "%s:%d" % (outside, OUTSIDE_PORT)], config, *options)


def header(message, name):
    """The first header of this name; its values as they are."""
    found = re.search(r"^%s:[ \t]*(.*?)\r$" % name, message, re.M | re.I)
    return found and found[1]


def headers(message, name):
    return re.findall(r"^%s:[ \t]*(.*?)\r$" % name, message, re.M | re.I)


def status(message):
    return int(message.split()[1]) if message.startswith("SIP/2.0 ") else 0


def _method(message):
    return header(message, "CSeq").split()[1]


class Dialog:
    """What a user agent knows of a call."""

    def __init__(self, call_id, local, remote, target, routes):
        self.call_id, self.local, self.remote = call_id, local, remote
        self.target, self.routes = target, routes


class Client:
    """It sends each request once more after 500 ms until an answer comes, as UDP wants it."""

    def __init__(self, edge_address, address, user="1001", transport="udp"):
        self.user, self.transport = user, transport
        self._edge = (edge_address, INSIDE_PORT)
        kind = socket.SOCK_DGRAM if transport == "udp" else socket.SOCK_STREAM
        self._socket = socket.socket(socket.AF_INET, kind)
        self._socket.bind((address, 0))
        if transport == "tcp":
            self._socket.connect(self._edge)
        self.name = "%s:%d" % self._socket.getsockname()
        self.contact = "<sip:%s@%s%s>" % (user, self.name,
                                          "" if transport == "udp" else ";transport=tcp")
        self.route = "<sip:%s:%d%s;lr>" % (*self._edge, "" if transport == "udp"
                                           else ";transport=tcp")
        self._count = 0
        self._left = ""
        self._kept = []

    def close(self):
        self._socket.close()

    # ---- messages ----

    def send(self, text):
        if self.transport == "udp":
            self._socket.sendto(text.encode(), self._edge)
        else:
            self._socket.sendall(text.encode())

    def _cut(self):
        head, end, rest = self._left.partition("\r\n\r\n")
        if not end:
            return None
        size = int(header(head + "\r\n", "Content-Length") or 0)
        if len(rest) < size:
            return None
        self._left = rest[size:]
        return head + end + rest[:size]

    def _next(self, seconds):
        """The next message, or None."""
        if self.transport == "tcp" and (message := self._cut()):
            return message
        if not select.select([self._socket], [], [], max(seconds, 0))[0]:
            return None
        data = self._socket.recv(65535).decode()
        if self.transport == "udp":
            return data
        check(data, "the edge has closed the connection")
        self._left += data
        return self._cut()

    def take(self, want, seconds=20, again=None):
        """The next message for which want() holds; others are kept for later. again: sent each
        500 ms until something comes."""
        for message in self._kept:
            if want(message):
                self._kept.remove(message)
                return message
        until, repeat = time.monotonic() + seconds, time.monotonic() + 0.5
        while time.monotonic() < until:
            message = self._next(min(0.1, until - time.monotonic()))
            if message and want(message):
                return message
            if message:
                again = None
                self._kept.append(message)
            if again and self.transport == "udp" and time.monotonic() > repeat:
                repeat += 0.5
                self.send(again)
        raise AssertionError("not heard within %g s; heard were: %s" % (seconds, self._kept))

    # ---- requests ----

    def request(self, method, uri, to, call_id, **more):
        """The text of one. more: cseq, branch, sender (From), routes, lines."""
        self._count += 1
        cseq = more.get("cseq") or self._count
        lines = ["%s %s SIP/2.0" % (method, uri),
                 "Via: SIP/2.0/%s %s;branch=%s;rport" % (
                     self.transport.upper(), self.name,
                     more.get("branch") or "z9hG4bK%s%d" % (os.urandom(4).hex(), self._count)),
                 "Max-Forwards: 70",
                 "From: " + more.get("sender", "<sip:%s@example.test>;tag=of-phone" % self.user),
                 "To: " + to, "Call-ID: " + call_id, "CSeq: %d %s" % (cseq, method),
                 *("Route: " + route for route in more.get("routes", [self.route])),
                 "Contact: " + self.contact, *more.get("lines", []), "Content-Length: 0", "", ""]
        return "\r\n".join(lines)

    def ask(self, text, seconds=20):
        """Sends a request; returns its final answer."""
        self.send(text)
        cseq, call_id = header(text, "CSeq"), header(text, "Call-ID")
        return self.take(lambda m: status(m) >= 200 and header(m, "CSeq") == cseq and
                         header(m, "Call-ID") == call_id, seconds, text)

    def register(self, expires=300, password=None):
        """password: it answers one challenge, whose server it does not know."""
        own, lines = "<sip:%s@example.test>" % self.user, ["Expires: %d" % expires]
        answer = self.ask(self.request("REGISTER", "sip:example.test", own,
                                       "register-" + self.name, lines=lines))
        if status(answer) != 401 or not password:
            return answer
        lines.append("Authorization: " + self._credentials(answer, password))
        return self.ask(self.request("REGISTER", "sip:example.test", own,
                                     "register-" + self.name, lines=lines))

    def _credentials(self, answer, password):
        challenge = next(line for line in headers(answer, "WWW-Authenticate") if "MD5" in line)
        realm, nonce = (re.search('%s="([^"]*)"' % key, challenge)[1] for key in ("realm", "nonce"))

        def digest(text):
            return hashlib.md5(text.encode()).hexdigest()

        response = digest(":".join([digest("%s:%s:%s" % (self.user, realm, password)), nonce,
                                    "00000001", "cn", "auth", digest("REGISTER:sip:example.test")]))
        return ('Digest username="%s", realm="%s", nonce="%s", uri="sip:example.test", response="%s", '
                'algorithm=MD5, qop=auth, nc=00000001, cnonce="cn"' %
                (self.user, realm, nonce, response))

    def call(self):
        """A call that is up. Returns its dialog."""
        call_id = "call-" + os.urandom(6).hex()
        text = self.request("INVITE", "sip:bob@example.test", "<sip:bob@example.test>", call_id)
        answer = self.ask(text)
        check(status(answer) == 200, "the call: " + answer)
        dialog = Dialog(call_id, header(text, "From"), header(answer, "To"),
                        header(answer, "Contact").strip("<>"),
                        headers(answer, "Record-Route")[::-1])
        self.send(self.request("ACK", dialog.target, dialog.remote, call_id,
                               cseq=int(header(text, "CSeq").split()[0]), routes=dialog.routes))
        return dialog

    def in_dialog(self, method, dialog):
        """Its final answer."""
        return self.ask(self.request(method, dialog.target, dialog.remote, dialog.call_id,
                                     sender=dialog.local, routes=dialog.routes))

    # ---- what others ask ----

    def reply(self, request, code, tag=""):
        lines = ["SIP/2.0 %d Test" % code]
        lines += ["Via: " + via for via in headers(request, "Via")]
        lines += ["Record-Route: " + route for route in headers(request, "Record-Route")]
        lines += ["%s: %s" % (name, header(request, name))
                  for name in ("From", "Call-ID", "CSeq")]
        lines += ["To: " + header(request, "To") + tag, "Contact: " + self.contact,
                  "Content-Length: 0", "", ""]
        self.send("\r\n".join(lines))

    def asked(self, method, seconds=20):
        """The next request of this method."""
        return self.take(lambda m: m.startswith(method + " "), seconds)

    def answer_call(self):
        """Takes the call that comes in; returns its dialog."""
        invite = self.asked("INVITE")
        self.reply(invite, 180, ";tag=of-callee")
        self.reply(invite, 200, ";tag=of-callee")
        self.asked("ACK")
        return Dialog(header(invite, "Call-ID"), header(invite, "To") + ";tag=of-callee",
                      header(invite, "From"), header(invite, "Contact").strip("<>"),
                      headers(invite, "Record-Route"))
