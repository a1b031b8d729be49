#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The phone with IPv6, by UDP, TCP and TLS, in a network namespace of its own."""

import sys

sys.dont_write_bytecode = True

from harness import tap
from harness.namespace import add_ipv6, enter_namespace
from harness.party import PHONE_PORT, Call
from harness.scene import BUDGET, HOSTS, Scene
from harness.tap import Skip, check, equal
from harness.wire import allow_recording

scene = Scene({name: "fd00:fa::%d" % host for name, host in HOSTS.items()})


def setup():
    enter_namespace()
    allow_recording()  # and with that the loopback is up
    lacks = add_ipv6(scene.address.values())
    if lacks:
        raise Skip(lacks)
    scene.setup()


def _call_and_be_called(transport):
    scene.serve(transport)
    scene.register()
    register = scene.primary.take("REGISTER")
    for where in register.uri, register.header("Via"), register.header("Contact"):
        check("[fd00:fa::" in where, "brackets in " + where)
    scene.call_up()
    _, events = scene.hang_up()
    scene.call_is("ended", events)
    way = register.way if transport == "tls" else scene.primary.connect(scene.address["phone"])
    call = Call(scene.primary, way, "sip:1001@[%s]:%d" % (scene.address["phone"], PHONE_PORT))
    events = scene.phone.mark()
    call.ask("INVITE")
    ringing = call.answer("180 INVITE")
    check("[" not in (ringing.part("Via", "received=") or ""), ringing.header("Via"))
    scene.phone.command("answer")
    call.ack(call.answer("200 INVITE"))
    scene.call_is("up", events, target=scene.primary.target)
    call.ask("BYE")
    call.answer("200 BYE")


def _nothing_listens(transport, reason):
    """With a connection, its end is noticed before the call (B15a)."""
    scene.serve(transport)
    scene.register()
    events = scene.phone.mark()
    scene.primary.close()
    method = "INVITE"
    if transport != "udp":
        method = "REGISTER"
        scene.phone.wait(events, event="registered", target=scene.backup.target)
    scene.call_up(scene.backup)
    event = scene.phone.wait(events, event="unavailable", method=method)
    equal(event["reason"], reason, "the reason")
    check(event["elapsed"] < 2, "at once, not after %s s" % event["elapsed"])
    equal(scene.backup.count("REGISTER"), 1, "REGISTERs before the INVITE (B5)")


def _silent(transport):
    scene.serve(transport)
    scene.primary.answers["REGISTER"] = None
    scene.register(scene.backup)
    event = scene.phone.wait(event="unavailable", method="REGISTER")
    equal(event["reason"], "no-answer", "the reason")
    check(BUDGET - 0.01 <= event["elapsed"] <= BUDGET + 0.2, "after %s s" % event["elapsed"])


def B1_udp_ipv6_call_and_be_called():
    _call_and_be_called("udp")


def B1_tcp_ipv6_call_and_be_called():
    _call_and_be_called("tcp")


def B1_tls_ipv6_call_and_be_called():
    _call_and_be_called("tls")


def B4_udp_ipv6_nothing_listens():
    _nothing_listens("udp", "icmp")


def B4_tcp_ipv6_nothing_listens():
    _nothing_listens("tcp", "refused")


def B4_tls_ipv6_nothing_listens():
    _nothing_listens("tls", "refused")


def B3a_udp_ipv6_silent():
    _silent("udp")


def B3c_tcp_ipv6_silent():
    _silent("tcp")


def B3c_tls_ipv6_silent():
    _silent("tls")


def B4_tls_ipv6_certificate_of_another_address():
    scene.serve("tls")
    scene.primary.close()
    scene.party("primary", certificate="backup")
    scene.register(scene.backup)
    scene.phone.wait(event="unavailable", reason="tls", target=scene.primary.target)
    check("the certificate is not for " + scene.address["primary"] in scene.phone.process.log(),
          "the user reads why: " + scene.phone.process.log())


if __name__ == "__main__":
    tap.run([
        B1_udp_ipv6_call_and_be_called,
        B1_tcp_ipv6_call_and_be_called,
        B1_tls_ipv6_call_and_be_called,
        B4_udp_ipv6_nothing_listens,
        B4_tcp_ipv6_nothing_listens,
        B4_tls_ipv6_nothing_listens,
        B3a_udp_ipv6_silent,
        B3c_tcp_ipv6_silent,
        B3c_tls_ipv6_silent,
        B4_tls_ipv6_certificate_of_another_address,
    ], setup, scene.teardown)
