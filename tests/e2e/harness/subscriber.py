# SPDX-License-Identifier: MIT
"""subscriber.py - another user of the servers under test: registers, is called, and calls."""

import itertools

from .party import Call, Datagrams, Party
from .tap import check

_number = itertools.count(1)


class Subscriber(Party):
    """Speaks UDP from port 5060 of its own address."""

    def __init__(self, user, address):
        super().__init__(user, address)
        self.answers["ACK"] = None

    def way_to(self, server):
        """The server's address -> the way there, from the own port."""
        return Datagrams(self, self._socket, (server, 5060))

    def register(self, server, expires=600):
        number = next(_number)
        self.way_to(server).send("\r\n".join([
            "REGISTER sip:%s SIP/2.0" % server,
            "Via: SIP/2.0/UDP %s;branch=z9hG4bKr%d;rport" % (self.where, number),
            "Max-Forwards: 70", "From: <sip:%s@%s>;tag=r%d" % (self.name, server, number),
            "To: <sip:%s@%s>" % (self.name, server), "Call-ID: registration-%d" % number,
            "CSeq: 1 REGISTER", "Contact: <sip:%s@%s>" % (self.name, self.where),
            "Expires: %d" % expires, "Content-Length: 0", "", ""]))
        self.take("200 REGISTER", 20)

    def call(self, user, server):
        """Calls the user through the server; the answers are to be taken from the call."""
        call = Call(self, self.way_to(server), "sip:%s@%s" % (user, server))
        call.ask("INVITE")
        return call

    def takes_call(self, timeout=20):
        """The next INVITE, rung and answered; returns it."""
        invite = self.take("INVITE", timeout)
        self.reply(invite, 180)
        self.reply(invite, 200)
        return invite

    def has_call(self, timeout=20):
        """The same, up to its ACK."""
        invite = self.takes_call(timeout)
        ack = self.take("ACK", timeout)
        check(ack.call_id == invite.call_id, "an ACK of another call")
        return invite
