#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""IPv6 and IPv4 servers in one line (B25): the phone listens at [::], which serves both families, in a
network namespace of its own."""

import sys

sys.dont_write_bytecode = True

from harness import tap
from harness.namespace import add_ipv6, enter_namespace
from harness.party import Call
from harness.scene import Scene
from harness.tap import Skip, check
from harness.wire import allow_recording

V6 = {"phone": "::", "primary": "fd00:fb::11", "backup": "127.18.6.12"}
V4 = {"phone": "::", "primary": "127.18.6.11", "backup": "fd00:fb::12"}
LISTEN = ("--listen", "[::]:5070")  # the servers' 5060 is taken for all addresses
PATIENCE = 20


class World:
    """The scene of the test that runs."""
    scene = None


def setup():
    enter_namespace()
    allow_recording()  # and with that the loopback is up
    lacks = add_ipv6([V6["primary"], V4["backup"]])
    if lacks:
        raise Skip(lacks)


def teardown():
    if World.scene:
        World.scene.teardown()
        World.scene = None


def _is_called(party):
    """By the way that the registration came."""
    scene = World.scene
    register = [message for message in party.messages if message.what() == "REGISTER"][-1]
    uri = register.header("Contact").split("<")[1].split(">")[0]
    events = scene.phone.mark()
    call = Call(party, register.way, uri)
    call.ask("INVITE")
    call.answer("180 INVITE", PATIENCE)
    scene.phone.command("answer")
    call.ack(call.answer("200 INVITE", PATIENCE))
    scene.call_is("up", events, target=party.target, timeout=PATIENCE)
    call.ask("BYE")
    call.answer("200 BYE", PATIENCE)


def _both(addresses, transport, *reasons):
    """Calls and is called at the primary; the same at the backup, of the other family."""
    World.scene = scene = Scene(addresses)
    scene.setup()
    scene.serve(transport)
    scene.register(timeout=PATIENCE, options=LISTEN, t1=500, t2=4000, t4=5000)
    scene.call_up()
    _, events = scene.hang_up()
    scene.call_is("ended", events, timeout=PATIENCE)
    _is_called(scene.primary)
    events = scene.phone.mark()
    scene.primary.close()
    scene.phone.command("register")
    scene.registered(scene.backup, PATIENCE, events)
    event = scene.phone.find(events, event="unavailable", method="REGISTER")
    check(event["reason"] in reasons, "the reason: " + event["reason"])
    scene.call_up(scene.backup)
    _is_called(scene.backup)
    check(scene.backup.count("REGISTER") >= 1, "registered")


def B25_udp_ipv6_then_ipv4():
    _both(V6, "udp", "icmp")


def B25_udp_ipv4_then_ipv6():
    _both(V4, "udp", "icmp")


def B25_tcp_ipv6_then_ipv4():
    _both(V6, "tcp", "refused", "reset")


def B25_tcp_ipv4_then_ipv6():
    _both(V4, "tcp", "refused", "reset")


if __name__ == "__main__":
    tap.run([
        B25_udp_ipv6_then_ipv4,
        B25_udp_ipv4_then_ipv6,
        B25_tcp_ipv6_then_ipv4,
        B25_tcp_ipv4_then_ipv6,
    ], setup, teardown)
