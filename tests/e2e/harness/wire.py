# SPDX-License-Identifier: MIT
"""wire.py - what really went over the loopback interface, in order and with the kernel's times.

A packet socket sees every datagram and every ICMP error, whichever program sent it; it needs
CAP_NET_RAW. Ladders are compared as text, one packet a line, seen from one party:

    0.00  -> primary REGISTER          at 0.00 s of the ladder
    0.50  -> primary REGISTER
    +0.05 -> backup  REGISTER          at most 0.05 s after the line before, and LATE
          <- backup  401 REGISTER      at any time, but in this order
          <- primary ICMP
"""

import fcntl
import os
import socket
import struct
import subprocess
import sys
import threading
import time

from .process import PATIENCE, is_busy, wait_until
from .tap import Skip, check

ETH_P_IP = 0x0800
ETH_P_IPV6 = 0x86DD
SO_RCVBUFFORCE = 33
SO_TIMESTAMPNS = 35
SIOCSIFFLAGS = 0x8914
IFF_UP = 1
MARK, MARK_BYTES, DISCARD_PORT = b"mark of wire.py ", 32, 9
# How far a packet may be from its time: less than the least step between two, for a busy machine. That timers are
# exact is shown where time stands still, in scenarios and unit tests.
LATE = float(os.environ.get("FAILOVER_E2E_TOLERANCE", "0.4"))
EARLY = 0.05


def early():
    """A ladder's first packet may leave late on a busy machine; then the others seem early."""
    return EARLY * (PATIENCE if is_busy() else 1)


def allow_recording():
    """Without the right to record, starts the script again in a network namespace of its own,
    where it has it; where the system forbids that too, the script skips."""
    if os.environ.get("FAILOVER_E2E_NAMESPACE"):
        _bring_up_loopback()
        return
    try:
        socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0).close()
        return
    except PermissionError:
        pass
    enter = ["unshare", "--user", "--map-root-user", "--net"]
    try:
        subprocess.run(enter + ["true"], check=True, capture_output=True, timeout=5)
    except (OSError, subprocess.SubprocessError):
        raise Skip("recording the loopback interface needs CAP_NET_RAW") from None
    os.environ["FAILOVER_E2E_NAMESPACE"] = "1"
    os.execvp(enter[0], enter + [sys.executable] + sys.argv)


def _bring_up_loopback():
    request = struct.pack("16sH14s", b"lo", IFF_UP, b"")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, request)


class Packet:
    """One SIP message or ICMP error."""

    def __init__(self, at, source, target, text):
        self.at = at
        self.source = source
        self.target = target
        self.text = text
        start, _, rest = text.partition("\r\n")
        words = start.split(" ", 2)
        self.is_response = words[0] == "SIP/2.0"
        self.status = int(words[1]) if self.is_response else None
        self.uri = None if self.is_response else words[1]
        self.head = rest.partition("\r\n\r\n")[0]
        self.cseq, self.method = (self.header("CSeq") or "0 ?").split()
        self.call_id = self.header("Call-ID")
        self.branch = self.part("Via", "branch=")
        self.from_tag = self.part("From", "tag=")
        self.to_tag = self.part("To", "tag=")

    def headers(self, name):
        start = name.lower() + ":"
        return [line.split(":", 1)[1].strip() for line in self.head.split("\r\n")
                if line.lower().startswith(start)]

    def header(self, name):
        return next(iter(self.headers(name)), None)

    def part(self, name, key):
        """The value of a parameter of a header: part("To", "tag=")."""
        value = self.header(name) or ""
        if key not in value:
            return None
        return value.split(key, 1)[1].split(";")[0].split(">")[0]

    def what(self):
        return "%d %s" % (self.status, self.method) if self.is_response else self.method


class Icmp:
    """An ICMP error, as it comes back from where a datagram went."""

    def __init__(self, at, source, target):
        self.at = at
        self.source = source
        self.target = target
        self.call_id = self.branch = None

    def what(self):
        return "ICMP"


def uri_host(address):
    """An address as it stands in a URI, and before a port."""
    return "[%s]" % address if ":" in address else address


def endpoints(ip):
    """Addresses of an IP header, the protocol and the payload. None: too short, or no IP."""
    if len(ip) >= 20 and ip[0] >> 4 == 4:
        length, total = (ip[0] & 15) * 4, struct.unpack("!H", ip[2:4])[0]
        source, target = socket.inet_ntoa(ip[12:16]), socket.inet_ntoa(ip[16:20])
        return source, target, ip[9], ip[length:total]
    if len(ip) >= 40 and ip[0] >> 4 == 6:
        total = 40 + struct.unpack("!H", ip[4:6])[0]
        source, target = (socket.inet_ntop(socket.AF_INET6, ip[at:at + 16]) for at in (8, 24))
        return source, target, ip[6], ip[40:total]
    return None


def _is_unreachable(protocol, rest):
    return (protocol, rest[0]) in ((socket.IPPROTO_ICMP, 3), (socket.IPPROTO_ICMPV6, 1))


def decode(at, ip, known):
    """A packet between known addresses: others share the interface. None: not of interest."""
    source, target, protocol, rest = endpoints(ip) or (None, None, 0, b"")
    if source not in known or target not in known or len(rest) < 8:
        return None
    if _is_unreachable(protocol, rest):
        return Icmp(at, source, target)
    if protocol != socket.IPPROTO_UDP:
        return None
    try:
        return Packet(at, source, target, rest[8:].decode("utf-8", "replace"))
    except (ValueError, IndexError):
        return None  # no SIP


class Record:
    """Packets in order. names: address -> name of the party."""

    def __init__(self, names):
        self.names = names
        self.packets = []

    def mark(self):
        """Now, as a place in the recording."""
        time.sleep(0.02)
        return len(self.packets)

    def of(self, party, since=0):
        """What the party sent and got."""
        return [p for p in self.packets[since:]
                if party in (self.names[p.source], self.names[p.target])]

    def sent(self, party, to, what, since=0):
        return [p for p in self.of(party, since)
                if self.names[p.source] == party and self.names[p.target] == to
                and p.what() == what]

    def text(self, packets, party):
        if not packets:
            return "(no packet)"
        return "\n".join("%7.3f %s" % (p.at - packets[0].at, self._line(p, party))
                         for p in packets)

    def _line(self, packet, party):
        if self.names[packet.source] == party:
            return "-> %s %s" % (self.names[packet.target], packet.what())
        return "<- %s %s" % (self.names[packet.source], packet.what())

    def ladder(self, party, since, expected, timeout=10, quiet=0.15):
        """Asserts that exactly these packets pass, in this order and at these times, and none for
        `quiet` seconds after the last. Returns them."""
        lines = [line.split("#")[0].split() for line in expected.splitlines()
                 if line.strip()]
        deadline = time.monotonic() + timeout
        while len(self.of(party, since)) < len(lines) and time.monotonic() < deadline:
            time.sleep(0.005)
        time.sleep(quiet)
        packets = self.of(party, since)
        try:
            self._compare(packets, lines, party)
        except AssertionError as failure:
            raise AssertionError("%s\nwas:\n%s\nexpected:\n%s" % (
                failure, self.text(packets, party), expected)) from None
        return packets

    def _compare(self, packets, lines, party):
        for number, line in enumerate(lines):
            at = line.pop(0) if line[0] not in ("->", "<-") else None
            check(number < len(packets), "packet %d is missing" % (number + 1))
            packet = packets[number]
            check(self._line(packet, party).split() == line,
                  "packet %d is another one" % (number + 1))
            if at is None:
                continue
            if at[0] == "+":
                late = packet.at - packets[number - 1].at
                check(late <= float(at) + LATE, "packet %d comes %.3f s later" % (number + 1, late))
                continue
            late = packet.at - packets[0].at - float(at)
            check(-early() <= late <= LATE, "packet %d is %+.3f s off" % (number + 1, late))
        check(len(packets) == len(lines), "%d packets too many" % (len(packets) - len(lines)))


def _room(recorder, size):
    """Of the packets of a busy machine none is to be lost; only root may have more than the system's limit."""
    try:
        recorder.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, size)
    except PermissionError:
        recorder.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)


class Wire(Record):
    """What passed on the loopback interface, as the kernel saw it."""

    decode = staticmethod(decode)

    def __init__(self, names):
        super().__init__(names)
        self._marks = set()
        for protocol in ETH_P_IP, ETH_P_IPV6:
            recorder = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(protocol))
            _room(recorder, 1 << 23)
            recorder.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
            recorder.bind(("lo", protocol))
            threading.Thread(target=self._read, args=(recorder,), daemon=True).start()

    def mark(self):
        """All that was sent before has been recorded, however busy the machine is."""
        mark = MARK + os.urandom(MARK_BYTES - len(MARK))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(mark, ("127.0.0.1", DISCARD_PORT))
        wait_until(lambda: mark in self._marks, 90, "the recorder keeps up")
        return len(self.packets)

    def of(self, party, since=0):
        self.mark()
        return super().of(party, since)

    def _read(self, recorder):
        while True:
            # With a protocol named, the kernel shows each packet once, on its way in.
            data, extra, _flags, _link = recorder.recvmsg(65535, 64)
            if data[-MARK_BYTES:].startswith(MARK):
                self._marks.add(data[-MARK_BYTES:])
                continue
            seconds, nanoseconds = struct.unpack("@ll", extra[0][2][:16])
            packet = self.decode(seconds + nanoseconds / 1e9, data, self.names)
            if packet:
                self.packets.append(packet)
