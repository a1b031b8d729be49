# SPDX-License-Identifier: MIT
"""party.py - a SIP server that does what a test tells it to, and nothing else; what it is told to
answer by itself is in `answers`."""

import itertools
import select
import socket
import ssl
import threading
import time

from .process import wait_until
from .tap import check
from .wire import Packet, uri_host

PORTS = {"udp": 5060, "tcp": 5060, "tls": 5061}
PHONE_PORT = 5060
POLL = 0.05  # s; how soon a reader sees that its party has closed
_number = itertools.count(1)
_SDP = "v=0\r\no=- 1 1 IN %(ip)s\r\ns=-\r\nc=IN %(ip)s\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\na=inactive\r\n"


def _family(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


class Message(Packet):
    """One that came to a party; send() goes back the way it came."""

    def __init__(self, at, source, target, text, way):
        super().__init__(at, source, target, text)
        self.way = way


class Datagrams:
    """The way to a peer from a UDP socket."""

    def __init__(self, party, own, peer):
        self._party = party
        self.own = own
        self.peer = peer

    def send(self, text):
        self._party.note(self._party.address, self.peer[0], text)
        self.own.sendto(text.encode(), self.peer)


class Connection:
    """A TCP or TLS connection, cut into messages by Content-Length."""

    def __init__(self, party, connection, peer, context=None):
        self.party = party
        self.peer = peer
        self._lock = threading.Lock()  # of OpenSSL's state
        self._socket = connection
        self._context = context
        self.certificate = None  # the peer's, if it was asked for one
        threading.Thread(target=self._read, daemon=True).start()

    def send(self, text):
        with self._lock:
            self.party.note(self.party.address, self.peer[0], text)
            self._socket.sendall(text.encode())

    def close(self):
        with self._lock:
            try:
                self._socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            self._socket.close()

    def _receive(self):
        """Some bytes; none at the end."""
        while True:
            if not (self._context and self._socket.pending()):
                if not select.select([self._socket], [], [], POLL)[0]:
                    continue
            with self._lock:
                try:
                    return self._socket.recv(65536)
                except (BlockingIOError, ssl.SSLWantReadError):
                    continue  # a part of a TLS record

    def _shake_hands(self):
        if self._context:
            self._socket = self._context.wrap_socket(self._socket, server_side=True)
            self.certificate = self._socket.getpeercert()
        self._socket.settimeout(0)

    def _read(self):
        data = b""
        try:
            self._shake_hands()
            while chunk := self._receive():
                data = (data + chunk).lstrip(b"\r\n")
                while message := _first_message(data):
                    data = data[len(message):].lstrip(b"\r\n")
                    self.party.take_in(message, self)
        except (OSError, ValueError):
            pass  # the connection's end, whoever made it
        self.close()


def _first_message(data):
    """The first whole message of a stream, or nothing."""
    head, end, _ = data.partition(b"\r\n\r\n")
    if not end:
        return None
    lengths = [line.split(b":")[1] for line in head.split(b"\r\n")
               if line.lower().startswith(b"content-length:")]
    size = len(head) + 4 + (int(lengths[0]) if lengths else 0)
    return data[:size] if len(data) >= size else None


class Party:
    """Serves one address. record: where its messages are noted, as nobody sees into a connection;
    None where the wire is recorded."""

    def __init__(self, name, address, transport="udp", record=None, context=None):
        self.name = name
        self.address = address
        self.transport = transport
        self.port = PORTS[transport]
        self.where = "%s:%d" % (uri_host(address), self.port)
        self.target = "%s;transport=%s" % (self.where, transport)
        self.tag = "of-" + name
        self.answers = {"REGISTER": 200, "OPTIONS": 200, "BYE": 200, "CANCEL": 200}
        self.messages = []  # all that came, in order
        self.connections = []
        self._taken = set()
        self._record = record
        self._context = context
        self._socket = None
        self._reader = None
        self.open()

    # ---- life ----

    def open(self):
        kind = socket.SOCK_DGRAM if self.transport == "udp" else socket.SOCK_STREAM
        self._socket = socket.socket(_family(self.address), kind)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind((self.address, self.port))
        self._socket.settimeout(POLL)
        if kind == socket.SOCK_STREAM:
            self._socket.listen()
        self._reader = threading.Thread(target=self._serve, args=(self._socket,), daemon=True)
        self._reader.start()

    def close(self):
        """Gone, with its sockets: ICMP, or refused."""
        if not self._socket:
            return
        own, self._socket = self._socket, None
        self._reader.join()
        own.close()
        for connection in self.connections:
            connection.close()
        self.connections.clear()

    def _serve(self, own):
        while self._socket is own:
            try:
                if self.transport == "udp":
                    data, peer = own.recvfrom(65535)
                    self.take_in(data, Datagrams(self, own, peer))
                else:
                    connection, peer = own.accept()
                    self.connections.append(Connection(self, connection, peer, self._context))
            except TimeoutError:
                pass
            except OSError:
                pass  # an ICMP error of an earlier answer

    # ---- messages ----

    def note(self, source, target, text):
        if self._record:
            self._record.packets.append(Packet(time.time(), source, target, text))

    def take_in(self, data, way):
        text = data.decode("utf-8", "replace")
        try:
            message = Message(time.time(), way.peer[0], self.address, text, way)
        except (ValueError, IndexError):
            return  # a keep-alive
        self.note(message.source, message.target, text)
        status = None if message.is_response else self.answers.get(message.method)
        if status:
            self.reply(message, status)
        self.messages.append(message)  # last: who takes it may send what must come after the answer

    def _next(self, what):
        for message in list(self.messages):
            key = (what, message.branch, message.cseq)
            if message.what() == what and key not in self._taken:
                self._taken.add(key)
                return message
        return None

    def take(self, what, timeout=5):
        """Waits for the next message of that kind; repetitions are none."""
        return wait_until(lambda: self._next(what), timeout, "%s at the %s" % (what, self.name))

    def count(self, what):
        return sum(1 for message in self.messages if message.what() == what)

    def transactions(self, what):
        """Those alone that are no retransmission: a busy machine answers late."""
        return len({message.headers("Via")[0] for message in self.messages
                    if message.what() == what})

    def reply(self, request, status, tag=None, headers=()):
        """Answers a request; its dialog has the tag."""
        lines = ["SIP/2.0 %d Scripted" % status]
        lines += ["Via: " + via for via in request.headers("Via")]
        to = request.header("To")
        if status > 100 and ";tag=" not in to:
            to += ";tag=" + (tag or self.tag)
        lines += ["From: " + request.header("From"), "To: " + to, "Call-ID: " + request.call_id,
                  "CSeq: %s %s" % (request.cseq, request.method), *headers]
        body = ""
        if request.method == "REGISTER" and status == 200:
            lines += ["Contact: %s;expires=60" % request.header("Contact")]
        if request.method == "INVITE" and 100 < status < 300:
            lines += ["Contact: " + self.contact()]
            lines += ["Record-Route: " + route for route in request.headers("Record-Route")]
        if request.method == "INVITE" and status == 200:
            body = self.sdp()
            lines += ["Content-Type: application/sdp"]
        request.way.send("\r\n".join(lines + ["Content-Length: %d" % len(body), "", body]))

    def contact(self):
        return "<sip:%s@%s;transport=%s>" % (self.name, self.where, self.transport)

    def sdp(self):
        return _SDP % {"ip": ("IP6 " if ":" in self.address else "IP4 ") + self.address}

    def connect(self, address):
        """A new way to the address, from a port that is not the server's own."""
        if self.transport == "udp":
            own = socket.socket(_family(address), socket.SOCK_DGRAM)
            own.bind((self.address, 0))
            own.settimeout(POLL)
            threading.Thread(target=self._read_from, args=(own,), daemon=True).start()
            return Datagrams(self, own, (address, PHONE_PORT))
        own = socket.create_connection((address, PHONE_PORT), 2, (self.address, 0))
        self.connections.append(Connection(self, own, (address, PHONE_PORT)))
        return self.connections[-1]

    def _read_from(self, own):
        party_socket = self._socket
        while self._socket is party_socket:
            try:
                data, peer = own.recvfrom(65535)
            except OSError:
                continue
            self.take_in(data, Datagrams(self, own, peer))
        own.close()


class Call:
    """A call that a party makes to the phone, by the way given. via: host and port of Via, else its
    own; rport: asks to be answered to the source port (RFC 3581)."""

    def __init__(self, party, way, uri, via=None, rport=True):
        self.party = party
        self.way = way
        self.uri = uri
        self.call_id = "call-%d" % next(_number)
        self._via = via or party.where
        self._rport = ";rport" if rport else ""
        self._to = "<%s>" % uri
        self._routes = ()
        self._cseq = 0
        self._branch = None

    def _send(self, method, branch, body=""):
        lines = ["%s %s SIP/2.0" % (method, self.uri),
                 "Via: SIP/2.0/%s %s;branch=%s%s" % (self.party.transport.upper(), self._via,
                                                     branch, self._rport),
                 "Max-Forwards: 70", "From: <sip:caller@%s>;tag=%s" % (
                     uri_host(self.party.address), self.party.tag), "To: " + self._to,
                 "Call-ID: " + self.call_id, "CSeq: %d %s" % (self._cseq, method),
                 "Contact: " + self.party.contact(), *self._routes]
        if body:
            lines.append("Content-Type: application/sdp")
        self.way.send("\r\n".join(lines + ["Content-Length: %d" % len(body), "", body]))

    def ask(self, method):
        """Sends a request of the call, or one outside any."""
        self._cseq += 1
        self._branch = "z9hG4bK%d-%s" % (next(_number), self.call_id)
        self._send(method, self._branch, self.party.sdp() if method == "INVITE" else "")

    def again(self, method):
        """The same request, sent once more."""
        self._send(method, self._branch, self.party.sdp() if method == "INVITE" else "")

    def cancel(self):
        self._send("CANCEL", self._branch)

    def ack(self, answer):
        """Of a 2xx; the dialog is known from now on."""
        self._to = answer.header("To")
        self.uri = answer.header("Contact").split("<")[1].split(">")[0]
        self._routes = ["Route: " + route for route in reversed(answer.headers("Record-Route"))]
        self._send("ACK", "z9hG4bK%d-%s" % (next(_number), self.call_id))

    def answer(self, what, timeout=5):
        message = self.party.take(what, timeout)
        check(message.call_id == self.call_id, "an answer of another call: " + message.text)
        return message
