# SPDX-License-Identifier: MIT
"""bench.py - the set-up of a script: two servers or two proxies, a called party, the recording."""

from . import peers
from .block import Block
from .phone import Phone, need_program, write_config
from .tap import check
from .wire import Wire, allow_recording

# What follows the first REGISTER, and a whole call, at a backup that was not used before.
REGISTER_AT_BACKUP = """
              <- backup  401 REGISTER
              -> backup  REGISTER
              <- backup  200 REGISTER
"""
CALL_UP_AT_BACKUP = """
        +0.05 -> backup  INVITE
              <- backup  100 INVITE
              <- backup  180 INVITE
              <- backup  200 INVITE
        +0.05 -> backup  ACK
"""
# After a proxy move by INVITE or BYE (B23d): the registrar's nonce holds.
REGISTER_AFTERWARDS = """
              -> backup  REGISTER
              <- backup  200 REGISTER
"""
HOSTS = {"phone": 10, "primary": 11, "backup": 12, "registrar": 20, "trunk": 21, "callee": 30}


def same(packets, *members):
    """The packets agree in these members."""
    for member in members:
        values = {getattr(packet, member) for packet in packets}
        check(len(values) == 1, "%s differs: %r" % (member, values))


class Bench:
    """edge: primary and backup are proxies in front of one registrar (P), otherwise they are
    registrars themselves (S)."""

    def __init__(self, profile, edge):
        self.profile = profile
        self.edge = edge
        self.phone = None

    def setup(self):
        need_program()
        allow_recording()
        peers.need("kamailio", "kamcmd", "sipp")
        block = Block()
        self.block = block
        self.address = {name: block.address(host) for name, host in HOSTS.items()}
        self.wire = Wire({address: name for name, address in self.address.items()})
        self.callee = peers.start_callee(self.address["callee"])
        self.primary = self._kamailio("primary", self.edge)
        self.backup = self._kamailio("backup", self.edge)
        # SIPp answers to where the INVITE came from, whatever the Via says; so there is always one
        # way to it: the registrar of the proxies, or a trunk that both registrars share.
        self.third = self._kamailio("registrar", False) if self.edge else \
            self._kamailio("trunk", True)

    def _kamailio(self, name, edge):
        return peers.Kamailio(self.block, name, self.address[name],
                              callee=self.address["callee"], edge=edge,
                              trunk=self.address["callee" if self.edge else "trunk"])

    def teardown(self):
        """After each test: no phone, everything in good health, nobody registered."""
        if self.phone:
            self.phone.process.crash()
            self.phone = None
        for kamailio in (self.primary, self.backup, self.third):
            kamailio.healthy()
            if kamailio.bindings():
                kamailio.rpc("ul.flush")

    def uri(self, name):
        """Of the called party at that server."""
        return "sip:callee@" + self.address[name]

    def target(self, name):
        return "%s:5060;transport=udp" % self.address[name]

    def start_phone(self, **settings):
        """Starts the phone; returns the place in the recording where it began."""
        if self.edge:
            nodes = {"server primary": self.address["registrar"],
                     "proxy primary": self.address["primary"],
                     "proxy backup": self.address["backup"]}
        else:
            nodes = {"server primary": self.address["primary"],
                     "server backup": self.address["backup"]}
        config = write_config(self.profile, nodes, **settings)
        since = self.wire.mark()
        self.phone = Phone(self.address["phone"], config)
        return since

    def register_at(self, name, timeout=8, **settings):
        """Starts the phone and waits until it is registered there."""
        since = self.start_phone(**settings)
        self.phone.wait(event="registered", target=self.target(name), timeout=timeout)
        return since

    def call_up(self, timeout=5):
        """Calls and waits until the call is up; returns the place in the recording."""
        since, events = self.wire.mark(), self.phone.mark()
        self.phone.command("call callee")
        self.phone.wait(events, event="call", state="up", timeout=timeout)
        return since

    def hang_up(self, timeout=5):
        """Hangs up and waits for the end; returns the place in the recording."""
        since, events = self.wire.mark(), self.phone.mark()
        self.phone.command("hangup")
        self.phone.wait(events, event="call", state="ended", timeout=timeout)
        return since

    def ladder(self, since, expected, timeout=10):
        return self.wire.ladder("phone", since, expected, timeout)
