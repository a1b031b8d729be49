#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""TCP and TLS: two registrars (failover-server, then Kamailio), and what a phone does when the
connection to one of them fails in each of the ways that there are."""

import itertools
import os
import socket
import sys
import time

sys.dont_write_bytecode = True

from harness import peers, process, tap
from harness.process import Process, wait_until, workdir
from harness.servers import PORTS, World
from harness.tap import Skip, check, equal

HERE = os.path.dirname(os.path.abspath(__file__))

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
    check(event["elapsed"] < 2, "at once, not after %s" % event["elapsed"])
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
    lost = world.phone.wait(event="connection-lost", target=world.primary.target, timeout=10)
    moved = world.phone.wait(event="moved", kind="failover", to=world.backup.target, timeout=10)
    check(moved["t"] - lost["t"] < 2, "moved at once, not after %s" % (moved["t"] - lost["t"]))


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
    check(3.4 < moved["t"] - lost["t"] < 3.5 + 2, "moved %s s later" % (moved["t"] - lost["t"]))


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
