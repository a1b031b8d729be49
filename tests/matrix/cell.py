# SPDX-License-Identifier: MIT
"""cell.py - one cell of the matrix: a phone, a primary and a backup on addresses of their own, one
fault, one request, and the time from the first packet to the primary to the first to the backup."""

import os
import time

from harness.block import Block
from harness.knot import Knot
from harness.phone import Phone, need_claim
from harness.process import memory_checked, wait_until, workdir
from harness.tap import check, equal
from network import Block6
from peers import PASSWORD, USER, Impostor, Server

OVERHEAD = 0.020  # s; what the library may add to the policy's own time
RELAXED = 1.0  # s; the same, and by how much it may seem early, where memory is checked
STAYS = 4.5  # s without a move: longer than any budget before the last target
COMMANDS = {"REGISTER": "register", "INVITE": "call callee", "BYE": "hangup"}
STATES = {"INVITE": "up", "BYE": "ended"}  # of the call, when the request is done
ENDS = {"INVITE": "failed", "BYE": "ended"}  # of the call, when the primary has refused it (B22)
HOSTS = {"phone": 10, "primary": 11, "backup": 12, "third": 13, "dns": 53}


class Result:
    """seconds: from the first packet to the primary to the first to the backup; None: it stayed."""

    def __init__(self, seconds, fault):
        self.seconds = seconds
        self.overhead = None if seconds is None else seconds - fault.policy
        self.policy = fault.policy
        self._early = fault.early
        self.runs = 1

    @property
    def in_time(self):
        if self.seconds is None:
            return True
        if memory_checked():
            return -RELAXED <= self.overhead <= RELAXED
        return -self._early <= self.overhead <= OVERHEAD


class Cell:
    """A transport, a fault and a method."""

    def __init__(self, transport, fault, method, ipv6=False):
        self.stage = None
        self.ipv6 = ipv6
        self.transport = transport
        self.fault = fault
        self.method = method
        self.name = "%s%s_%s_%s" % (transport, "_ipv6" if ipv6 else "", fault.name, method)
        self.address = {}
        self.phone = self.primary = self.backup = self.dns = self._block = None
        self._processes = []
        self._began = self._runs = 0

    network = property(lambda self: self.stage.network)
    wire = property(lambda self: self.stage.wire)
    _cuts = property(lambda self: self.fault.cuts and self.transport != "udp")

    def take_addresses(self, stage):
        """stage: what the cells share: network, wire, certificates. Returns address -> name."""
        block = Block6() if self.ipv6 else Block()
        self.stage = stage
        self._block = block  # holds the lock
        self.address = {name: block.address(host) for name, host in HOSTS.items()}
        return {address: name for name, address in self.address.items()}

    def need(self):
        """Skips the cell where something is missing."""
        self.stage.need(self.transport)
        if self.fault.reasons.get(self.transport) == "icmp":
            need_claim("reports-icmp")
        if self.fault.drops_packets:
            self.network.need()
        if self.ipv6:
            self.network.need_ipv6()
        if self.fault.zone:
            self.stage.need("dns")

    def run(self):
        """Runs the cell once more."""
        self._runs += 1
        self._began = len(self.wire.packets)
        try:
            self._set_up()
            return self._measure(*self._strike())
        except AssertionError as failure:
            raise AssertionError("%s\npackets:\n%s" % (failure, self.wire.between(
                self.address.values(), self._began))) from None
        finally:
            self._tear_down()

    def _set_up(self):
        self.primary = self._server("primary", "good")
        self.backup = self._server("backup", "good")
        options = self._start_dns() if self.fault.zone else ()
        self.phone = Phone(self.address["phone"], self._write_config(), *options)
        self.phone.wait(event="registered", target=self.primary.target)
        if self.fault.in_call or self.method == "BYE":
            self.phone.command(COMMANDS["INVITE"])
            self.phone.wait(event="call", state="up", target=self.primary.target)

    def _start_dns(self):
        """Returns the phone's options."""
        self.dns = Knot(self.address["dns"], self._file("knot"))
        self._processes.append(self.dns.process)
        self.dns.zone(self.fault.zone % self.address)
        return "--dns", self.dns.server

    def _tear_down(self):
        """Nobody says goodbye: the cell's recording has ended."""
        try:
            if self.phone:
                self.phone.end()
        finally:
            self.phone = None
            for process in self._processes:
                process.crash()
            self._processes.clear()
            self.network.restore(self.address["primary"])

    def _file(self, name):
        """A name for the files of one process: each run has its own."""
        return "%s-%d-%s" % (self.name, self._runs, name)

    def _server(self, name, certificate):
        server = Server(self._file(name + "-" + certificate), self.address[name], self.transport,
                        self.stage.certificates.get(certificate))
        self._processes.append(server.process)
        return server

    def restart_primary(self, certificate):
        """The primary comes back with another certificate."""
        self.primary.process.crash()
        self.primary = self._server("primary", certificate)

    def replace_primary(self, behaviour):
        """Another program is at the primary's address now."""
        self.primary.process.crash()
        impostor = Impostor(self._file("impostor"), self.address["primary"], self.transport,
                            behaviour, self.stage.certificates.get("good"))
        self._processes.append(impostor.process)

    def _write_config(self):
        """Nothing happens by itself: no keep-alive, no probes, no spread of timers."""
        path = os.path.join(workdir(), self._file("phone.conf"))
        lines = ["profile = v3"]
        if self.transport == "tls":
            lines.append('tls_ca_file = "%s"' % self.stage.certificates.ca_file)
        lines += ["line 1 {", 'user = "%s"' % USER, 'auth_password = "%s"' % PASSWORD,
                  "keepalive = off", "jitter = 0", "failback = 0"]
        for name, (address, port) in self.fault.nodes(self).items():
            lines.append('server %s { address = "%s" transport = %s %s }' % (
                name, address, self.transport, "port = %d" % port if port else ""))
        with open(path, "w", encoding="utf-8") as out:
            out.write("\n".join(lines + ["}", ""]))
        return path

    def first_to(self, name, at):
        """The phone's first packet to that party since then, or None."""
        return self.wire.first(self.address["phone"], self.address[name], at)

    def wait_first_to(self, name, at):
        """The same, for one that has been sent: the recording has it, and all before it, soon."""
        return wait_until(lambda: self.first_to(name, at), 5, "a packet to the " + name)

    def _strike(self):
        """Where a connection ends, the phone is held still until the fault is all there: its own
        REGISTER follows at once."""
        if self._cuts:
            self.phone.process.freeze()
        self.fault.strike(self)
        events, at = self.phone.mark(), time.time()
        if self._cuts:
            self.phone.process.thaw()
            self.phone.wait(events, event="connection-lost", target=self.primary.target)
        return events, at

    def _measure(self, events, at):
        if not self.fault.moves or self.method in self.fault.ends:
            self.phone.command(COMMANDS[self.method])
            return self._stays(at, events)
        if self._cuts:
            self.phone.wait(events, timeout=self.fault.policy + 5, event="moved",
                            kind="failover", method="REGISTER")
        if not self._cuts or self.method != "REGISTER":
            self.phone.command(COMMANDS[self.method])
        self._done_at_the_backup(events)
        second = self.wait_first_to("backup", at)
        first = self.first_to("primary", at)
        check(bool(first) == self.fault.asks_primary, "packets to the primary: %s" % first)
        self.fault.afterwards(self)
        return Result(second.at - (first.at if first else at), self.fault)

    def _done_at_the_backup(self, events):
        timeout, target = self.fault.policy + 5, self.backup.target
        self.phone.wait(events, timeout=timeout, event="moved", kind="failover", to=target)
        if self.fault.asks_primary:
            self.phone.wait(events, event="unavailable",
                            method="REGISTER" if self._cuts else self.method,
                            target=self.primary.target, **self._reason())
        self.phone.wait(events, event="registered", target=target)
        if self.method in STATES:
            self.phone.wait(events, event="call", state=STATES[self.method], target=target)
        before, after = self._registers()
        expected = before + [self.method] + after
        wait_until(lambda: len(self.backup.done()) >= len(expected), 10, "the backup's 200")
        done = self.backup.done()
        equal(done[:len(before)], before, "what the backup has done first")
        equal(sorted(done), sorted(expected), "what the backup has done")

    def _registers(self):
        """REGISTERs of the line at the backup before and beside the request of the cell."""
        if self.method == "REGISTER":
            return [], []
        if self._cuts or not self.fault.same_registrar:  # B15a; B5
            return ["REGISTER"], ["REGISTER"] * (self.method in self.fault.asked)
        return [], ["REGISTER"]  # B23d

    def _reason(self):
        """A slow phone may miss the moment before the budget's end, in which it would know more
        than that there was no answer."""
        if memory_checked() and self.fault.policy:
            return {}
        return {"reason": self.fault.reasons[self.transport]}

    def _stays(self, at, events):
        """What is alive is left alone for longer than a budget; what it has refused has ended."""
        if self.method in self.fault.ends:
            self.phone.wait(events, event="call", state=ENDS[self.method],
                            target=self.primary.target)
        time.sleep(STAYS)
        check(self.first_to("primary", at), "nothing was sent to the primary")
        check(not self.first_to("backup", at), "a packet to the backup")
        for event in "unavailable", "moved", "request-failed":
            check(not self.phone.find(events, event=event), "event " + event)
        self.fault.afterwards(self)
        return Result(None, self.fault)
