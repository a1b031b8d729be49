# SPDX-License-Identifier: MIT
"""network.py - a network namespace of our own, in which packets may be dropped, and the recording
of its loopback interface, TCP included."""

import itertools
import shutil
import socket
import subprocess

from harness import namespace, wire
from harness.tap import Skip, check

# On the way in, where the recording has seen the packet already, and where the sender is not told.
RULES = """
table ip failover_matrix {
	set silent {
		type ipv4_addr
	}
	set unconnectable {
		type ipv4_addr
	}
	chain input {
		type filter hook input priority 0
		ip daddr @silent drop
		ip saddr @silent drop
		ip daddr @unconnectable tcp flags & (syn | ack) == syn drop
	}
}
"""


class Network:
    """What can be done to packets; nothing where the namespace is not ours alone."""

    def __init__(self):
        wire.allow_recording()
        self._dropped = {}  # address -> set of the rules
        self.without = self._prepare()
        self.without_ipv6 = None

    def _prepare(self):
        """Returns why no packet can be dropped, or None."""
        lacks = namespace.lacks_namespace()
        if lacks:
            return lacks
        if not shutil.which("nft"):
            return "nft is not installed"
        done = subprocess.run(["nft", "-f", "-"], input=RULES, capture_output=True, text=True,
                              timeout=30, check=False)
        return "nft: " + done.stderr.split("\n")[0] if done.returncode else None

    def need(self):
        if self.without:
            raise Skip(self.without)

    def add_ipv6(self, addresses):
        """Gives the namespace these addresses."""
        self.without_ipv6 = namespace.add_ipv6(addresses) if addresses else None

    def need_ipv6(self):
        if self.without_ipv6:
            raise Skip(self.without_ipv6)

    def drop(self, which, address):
        """which: "silent", nothing passes; "unconnectable", connections are not set up."""
        self._element("add", which, address)
        self._dropped[address] = which

    def restore(self, address):
        which = self._dropped.pop(address, None)
        if which:
            self._element("delete", which, address)

    @staticmethod
    def _element(verb, which, address):
        argv = ["nft", verb, "element", "ip", "failover_matrix", which, "{ %s }" % address]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=30, check=False)
        check(done.returncode == 0, "nft: " + done.stderr)


class Block6:
    """IPv6 addresses of its own for a cell. In a namespace of our own nobody else wants them."""

    _numbers = itertools.count(1)

    def __init__(self):
        self._prefix = "fd00:fa:%x::" % next(self._numbers)

    def address(self, host):
        return self._prefix + str(host)


# TLS records of an alert: type, version, length; encrypted, it is two bytes, its type and a tag (RFC
# 8446 5.2, 6.1). No SIP message is that short.
GOODBYES = (b"\x15\x03\x03", b"\x17\x03\x03\x00\x13")


class Segment:
    """A TCP segment that sets up or breaks a connection, or carries data."""

    def __init__(self, at, source, target, tcp):
        self.at = at
        self.source = source
        self.target = target
        flags, header = tcp[13], (tcp[12] >> 4) * 4
        self.size = len(tcp) - header
        self.syn = flags & 0x12 == 0x02
        self.reset = bool(flags & 0x04)
        self.goodbye = tcp[header:].startswith(GOODBYES)
        self.ends = self.reset or self.goodbye

    def what(self):
        if self.syn:
            return "SYN"
        if self.goodbye:
            return "TLS goodbye"
        return "RST" if self.reset else "%d bytes" % self.size


def _decode(at, ip, known):
    source, target, protocol, tcp = wire.endpoints(ip) or (None, None, 0, b"")
    if protocol != socket.IPPROTO_TCP or len(tcp) < 20:
        return wire.decode(at, ip, known)
    if source not in known or target not in known:
        return None
    segment = Segment(at, source, target, tcp)
    return segment if segment.syn or segment.reset or segment.size else None


class Recording(wire.Wire):
    """Every datagram, ICMP error and noteworthy TCP segment between the addresses of the cells."""

    decode = staticmethod(_decode)

    def first(self, source, target, at):
        """The first packet from address to address, sent at that time or later, that asks for
        something; or None."""
        return next((p for p in self.packets if p.at >= at and p.source == source
                     and p.target == target and not getattr(p, "ends", False)), None)

    def between(self, addresses, since):
        """Lines for a person: what passed between these addresses."""
        packets = [p for p in self.packets[since:] if {p.source, p.target} <= set(addresses)]
        return "\n".join("%8.4f %s -> %s %s" % (p.at - packets[0].at, self.names[p.source],
                                                self.names[p.target], p.what()) for p in packets)
