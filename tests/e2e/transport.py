#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""TCP and TLS: two registrars (failover-server, then Kamailio), and what a phone does when the
connection to one of them fails in each of the ways that there are."""

import itertools
import os
import socket
import subprocess
import sys
import time

sys.dont_write_bytecode = True

from harness import peers, process, tap
from harness.block import Block
from harness.phone import Phone, need_program, write_config
from harness.process import Process, build_path, wait_until, workdir
from harness.tap import Skip, check, equal

HERE = os.path.dirname(os.path.abspath(__file__))
PORTS = {"tcp": 5060, "tls": 5061}


class Server:
    """One run of failover-server."""

    runs = itertools.count(1)

    def __init__(self, name, address, transport, certificate=None):
        self.where = "%s:%d" % (address, PORTS[transport])
        self.target = self.where + ";transport=" + transport
        argv = [build_path("failover-server"), "--listen", self.where, "--transport", transport,
                "--user", "1001:secret"]
        if transport == "tls":
            argv += ["--cert", certificate + ".pem", "--key", certificate + ".key"]
        self.process = Process("%s-%d" % (name, next(self.runs)), argv, stdin=subprocess.PIPE)
        wait_until(lambda: "listening on" in self.process.log(), 5, "listens")

    def command(self, text):
        seen = self.process.log().count(" -- " + text + "\n")
        self.process.child.stdin.write((text + "\n").encode())
        self.process.child.stdin.flush()
        wait_until(lambda: self.process.log().count(" -- " + text + "\n") > seen, 5, text)


class World:
    """What a test has: addresses, certificates, and the programs that it started."""

    def setup(self):
        need_program()
        if not os.access(build_path("failover-server"), os.X_OK):
            raise Skip("failover-server is not part of this build")
        self.block = Block()
        self.address = {name: self.block.address(host)
                        for name, host in {"phone": 10, "primary": 11, "backup": 12}.items()}
        self.certificates = os.path.join(workdir(), "certificates")
        peers.need("openssl")
        make = os.path.join(HERE, "..", "make-certificates")
        done = subprocess.run(
            ["sh", make, self.certificates, "primary=IP:" + self.address["primary"],
             "backup=IP:" + self.address["backup"]], capture_output=True, text=True, timeout=20,
            check=False)
        check(done.returncode == 0, "certificates: " + done.stderr)
        self.running = []

    def teardown(self):
        for one in self.running:
            one.process.crash()
        self.running = []

    def certificate(self, name):
        return os.path.join(self.certificates, name)

    def servers(self, transport, of_primary="primary"):
        """Primary and backup; of_primary: whose certificate the primary shows."""
        self.primary = Server("primary", self.address["primary"], transport,
                              self.certificate(of_primary))
        self.backup = Server("backup", self.address["backup"], transport,
                             self.certificate("backup"))
        self.running += [self.primary, self.backup]

    def start_phone(self, transport, **settings):
        nodes = {"server primary": self.address["primary"],
                 "server backup": self.address["backup"]}
        config = write_config("v3", nodes, transport=transport,
                              device=['tls_ca_file = "%s.pem"' % self.certificate("ca")],
                              **settings)
        self.phone = Phone(self.address["phone"], config)
        self.running.append(self.phone)

    def registered_at(self, server, timeout=6):
        return self.phone.wait(event="registered", target=server.target, timeout=timeout)

    def call_up(self):
        events = self.phone.mark()
        self.phone.command("call callee")
        self.phone.wait(events, event="call", state="up", timeout=6)

    def hang_up(self):
        events = self.phone.mark()
        self.phone.command("hangup")
        self.phone.wait(events, event="call", state="ended", timeout=6)
        return events

    def unavailable(self, method, reason, since=0, server=None):
        server = server or self.primary
        return self.phone.wait(since, event="unavailable", method=method, reason=reason,
                               target=server.target)


world = World()


def _healthy(transport):
    world.servers(transport)
    world.start_phone(transport)
    world.registered_at(world.primary)
    world.call_up()
    world.hang_up()
    check(not world.phone.find(event="unavailable"), "nothing was unavailable")


def _refused(transport):
    world.servers(transport)
    world.primary.command("down")
    world.start_phone(transport)
    world.registered_at(world.backup)
    event = world.unavailable("REGISTER", "refused")
    check(event["elapsed"] < 0.2, "at once, not after %s" % event["elapsed"])
    equal(event["transmissions"], 0, "messages that left")


def _silent(transport):
    world.servers(transport)
    world.primary.command("silent")
    world.start_phone(transport)
    world.registered_at(world.backup)
    event = world.unavailable("REGISTER", "no-answer")
    equal(event["transmissions"], 1, "transmissions: none again on a connection")
    check(3.4 <= event["elapsed"] <= 3.7, "after 3.5 s, not %s" % event["elapsed"])


def _call_moves(transport):
    world.servers(transport)
    world.start_phone(transport)
    world.registered_at(world.primary)
    world.primary.command("silent")
    events = world.phone.mark()
    world.call_up()
    world.unavailable("INVITE", "no-answer", events)
    world.phone.wait(events, event="moved", kind="failover", to=world.backup.target)


def _bye_moves(transport):
    world.servers(transport)
    world.start_phone(transport)
    world.registered_at(world.primary)
    world.call_up()
    world.primary.command("silent")
    events = world.hang_up()
    world.unavailable("BYE", "no-answer", events)
    world.phone.wait(events, event="moved", kind="failover", to=world.backup.target)


def _failback(transport):
    world.servers(transport)
    world.primary.command("down")
    world.start_phone(transport, failback=1, failback_interval=1)
    world.registered_at(world.backup)
    world.primary.command("up")
    world.phone.wait(event="moved", kind="failback", to=world.primary.target)


def B7_tcp_register_call_hang_up():
    _healthy("tcp")


def B7_tls_register_call_hang_up():
    _healthy("tls")


def B4_tcp_refused_moves_at_once():
    _refused("tcp")


def B4_tls_refused_moves_at_once():
    _refused("tls")


def B3c_tcp_silence_moves_within_the_budget():
    _silent("tcp")


def B3c_tls_silence_moves_within_the_budget():
    _silent("tls")


def B5_tcp_invite_moves():
    _call_moves("tcp")


def B5_tls_invite_moves():
    _call_moves("tls")


def B5_tcp_bye_moves():
    _bye_moves("tcp")


def B5_tls_bye_moves():
    _bye_moves("tls")


def B11_tcp_failback():
    _failback("tcp")


def B11_tls_failback():
    _failback("tls")


def B23c_a_frozen_server_that_dies_is_asked_once_more():
    """The connection was used before, so the call is sent again on a new one. That is refused, or
    reset: the listening socket may go a moment after the connection."""
    world.servers("tcp")
    world.start_phone("tcp")
    world.registered_at(world.primary)
    world.primary.process.freeze()
    events = world.phone.mark()
    world.phone.command("call callee")
    world.phone.wait(events, event="attempt", method="INVITE")
    world.primary.process.crash()
    event = world.phone.wait(events, event="unavailable", method="INVITE")
    check(event["reason"] in ("refused", "reset"), "the reason is " + event["reason"])
    world.phone.wait(events, event="call", state="up")


def _idle_crash(transport):
    world.servers(transport)
    world.start_phone(transport, jitter=0)
    world.registered_at(world.primary)
    world.primary.process.crash()
    lost = world.phone.wait(event="connection-lost", target=world.primary.target, timeout=2)
    moved = world.phone.wait(event="moved", kind="failover", to=world.backup.target, timeout=2)
    check(moved["t"] - lost["t"] < 0.5, "moved at once, not after %s" % (moved["t"] - lost["t"]))


def B15a_tcp_an_idle_line_notices_that_its_server_dies():
    _idle_crash("tcp")


def B15a_tls_an_idle_line_notices_that_its_server_dies():
    _idle_crash("tls")


def B15a_tcp_an_idle_line_notices_a_silent_connection():
    """Ping 1 is answered; then the server freezes: interval 5 s, pong 10 s, REGISTER 3.5 s."""
    world.servers("tcp")
    world.start_phone("tcp", keepalive="crlf", keepalive_interval=5, jitter=0)
    registered = world.registered_at(world.primary)
    time.sleep(6)
    world.primary.process.freeze()
    frozen = registered["t"] + 6
    lost = world.phone.wait(event="connection-lost", target=world.primary.target, timeout=16)
    check(lost["t"] - frozen < 15.2, "lost after %s s" % (lost["t"] - frozen))
    moved = world.phone.wait(event="moved", kind="failover", to=world.backup.target)
    check(moved["t"] - lost["t"] < 3.7, "moved %s s later" % (moved["t"] - lost["t"]))


def B3c_a_syn_without_answer_is_a_connect_timeout():
    world.servers("tcp")
    world.primary.process.crash()
    with socket.socket() as full, socket.socket() as one, socket.socket() as two:
        full.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        full.bind((world.address["primary"], PORTS["tcp"]))
        full.listen(0)
        for filler in (one, two):
            filler.setblocking(False)
            filler.connect_ex(full.getsockname())
        world.start_phone("tcp")
        world.registered_at(world.backup)
    event = world.unavailable("REGISTER", "connect-timeout")
    check(3.4 <= event["elapsed"] <= 3.6, "after 3.5 s, not %s" % event["elapsed"])


def B4_a_wrong_certificate_is_told_and_left():
    world.servers("tls", of_primary="backup")
    world.start_phone("tls")
    world.registered_at(world.backup)
    world.unavailable("REGISTER", "tls")
    check("the certificate is not for " + world.address["primary"] in world.phone.process.log(),
          "the user reads why: " + world.phone.process.log())
    check("REGISTER" not in world.primary.process.log(), "the wrong one was told nothing")


def B4_tls_is_not_left_for_tcp():
    world.servers("tcp")
    world.start_phone("tls")
    event = world.phone.wait(event="request-failed", method="REGISTER")
    equal(event["reasons"], ["refused", "refused"], "reasons")
    for server in (world.primary, world.backup):
        check("REGISTER" not in server.process.log(), "nothing came by TCP")


def _hostile(transport, bytes_of):
    """What a server closes the connection for; others go on."""
    world.servers(transport)
    host, port = world.primary.where.split(":")
    with socket.create_connection((host, int(port)), timeout=2) as peer:
        try:
            peer.sendall(bytes_of)
            check(peer.recv(1000)[:3] != b"SIP", "no answer")
            while peer.recv(1000):
                pass
        except ConnectionError:
            pass
    world.start_phone(transport)
    world.registered_at(world.primary)


def garbage_on_tcp_closes_the_connection():
    _hostile("tcp", b"\x16\x03\x01 no SIP")


def a_header_of_64_KiB_closes_the_connection():
    _hostile("tcp", b"OPTIONS sip:a SIP/2.0\r\nX: " + b"x" * 65536)


def garbage_on_tls_closes_the_connection():
    _hostile("tls", b"OPTIONS sip:a SIP/2.0\r\nContent-Length: 0\r\n\r\n")


# ---- Kamailio ------------------------------------------------------------------------------------


class Kamailio:
    """A registrar on TCP and TLS that also answers calls."""

    runs = itertools.count(1)

    def __init__(self, name):
        peers.need("kamailio")
        run = "kamailio-%s-%d" % (name, next(self.runs))
        self.rundir = os.path.join(workdir(), run)
        os.mkdir(self.rundir)
        self.address = world.address[name]
        with open(os.path.join(HERE, "kamailio-tls.cfg.in"), encoding="utf-8") as template:
            text = template.read()
        for key, value in {"ADDRESS": self.address, "CERTIFICATE": world.certificate(name),
                           "RUNDIR": self.rundir}.items():
            text = text.replace("@%s@" % key, value)
        config = os.path.join(self.rundir, "kamailio.cfg")
        with open(config, "w", encoding="utf-8") as out:
            out.write(text)
        self.process = Process(run, [
            "kamailio", "-f", config, "-DD", "-E", "-m", "32", "-M", "4", "-P",
            os.path.join(self.rundir, "pid"), "-Y", self.rundir])
        try:
            wait_until(self.listens, 5, "listens")
        except AssertionError:
            if "tls.so" in self.process.log():
                raise Skip("kamailio-tls-modules is not installed") from None
            raise AssertionError(self.process.log()) from None

    def listens(self):
        with socket.socket() as probe:
            return probe.connect_ex((self.address, PORTS["tls"])) == 0

    def target_of(self, transport):
        return "%s:%d;transport=%s" % (self.address, PORTS[transport], transport)


def _kamailio(transport):
    primary, backup = Kamailio("primary"), Kamailio("backup")
    world.running += [primary, backup]
    world.start_phone(transport)
    world.phone.wait(event="registered", target=primary.target_of(transport), timeout=6)
    world.call_up()
    before = world.phone.mark()
    primary.process.crash()
    # It is many processes; while one has the socket, a connection is taken and then cut.
    wait_until(lambda: not primary.listens(), 5, "Kamailio is gone")
    events = world.hang_up()
    event = world.phone.wait(events, event="unavailable", method="BYE")
    check(event["reason"] in ("refused", "reset"), "the reason is " + event["reason"])
    # By this BYE, or before by the REGISTER of a line whose connection has ended (B15a).
    world.phone.wait(before, event="moved", kind="failover", to=backup.target_of(transport))
    world.call_up()
    world.hang_up()


def B5_kamailio_by_tcp():
    _kamailio("tcp")


def B5_kamailio_by_tls():
    _kamailio("tls")


if __name__ == "__main__":
    tap.run([
        B7_tcp_register_call_hang_up,
        B7_tls_register_call_hang_up,
        B4_tcp_refused_moves_at_once,
        B4_tls_refused_moves_at_once,
        B3c_tcp_silence_moves_within_the_budget,
        B3c_tls_silence_moves_within_the_budget,
        B5_tcp_invite_moves,
        B5_tls_invite_moves,
        B5_tcp_bye_moves,
        B5_tls_bye_moves,
        B11_tcp_failback,
        B11_tls_failback,
        B23c_a_frozen_server_that_dies_is_asked_once_more,
        B15a_tcp_an_idle_line_notices_that_its_server_dies,
        B15a_tls_an_idle_line_notices_that_its_server_dies,
        B15a_tcp_an_idle_line_notices_a_silent_connection,
        B3c_a_syn_without_answer_is_a_connect_timeout,
        B4_a_wrong_certificate_is_told_and_left,
        B4_tls_is_not_left_for_tcp,
        garbage_on_tcp_closes_the_connection,
        a_header_of_64_KiB_closes_the_connection,
        garbage_on_tls_closes_the_connection,
        B5_kamailio_by_tcp,
        B5_kamailio_by_tls,
    ], world.setup, world.teardown)
