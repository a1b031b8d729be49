#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Calls that come in: from which address they are taken, and where they are answered to."""

import sys
import time

sys.dont_write_bytecode = True

from harness import tap
from harness.party import PHONE_PORT, Call
from harness.scene import Scene
from harness.tap import check, equal

scene = Scene()


def phone_uri():
    return "sip:1001@%s:%d" % (scene.address["phone"], PHONE_PORT)


def call_from(party, way=None, **options):
    """The phone rings, and names the target: of a stranger, where the call came from."""
    events = scene.phone.mark()
    way = way or party.connect(scene.address["phone"])
    call = Call(party, way, phone_uri(), **options)
    call.ask("INVITE")
    call.answer("180 INVITE")
    event = scene.call_is("ringing", events)
    check(event["target"].startswith(party.address + ":"), "who calls: " + event["target"])
    return call


def pick_up(call):
    """The user answers; the call is up."""
    events = scene.phone.mark()
    scene.phone.command("answer")
    answer = call.answer("200 INVITE")
    check("a=inactive" in answer.text, "the answer has SDP")
    call.ack(answer)
    event = scene.call_is("up", events)
    if call.party.name != "stranger":
        equal(event["target"], call.party.target, "the call's target (B9)")


def hang_up_at(party):
    """The user hangs up the newest call, which is that party's."""
    _, events = scene.hang_up()
    party.take("BYE")
    scene.call_is("ended", events, status=200)


def _registered_at_the_backup():
    """The primary does not register the phone, and is there all the same."""
    scene.serve()
    scene.primary.answers["REGISTER"] = 503
    scene.register(scene.backup)


# ---- where to: RFC 3581 --------------------------------------------------------------------------


def _answered_to(name, rport):
    """The call comes from a port that Via does not name. Returns where the 180 came to."""
    _registered_at_the_backup()
    party = getattr(scene, name)
    way = party.connect(scene.address["phone"])
    call = Call(party, way, phone_uri(), rport=rport)
    call.ask("INVITE")
    ringing = call.answer("180 INVITE")
    port = way.own.getsockname()[1]
    via = ringing.header("Via")
    check("received=" + party.address in via or party.address in via.split(";")[0], via)
    if rport:
        check("rport=%d" % port in via, "no rport=%d in %s" % (port, via))
    return ringing.way.own is way.own


def RFC3581_answered_to_the_source_port_of_the_backup():
    check(_answered_to("backup", rport=True), "the 180 goes to the port of Via")


def RFC3581_answered_to_the_source_port_of_the_primary_while_the_backup_serves():
    check(_answered_to("primary", rport=True), "the 180 goes to the port of Via")


def RFC3261_without_rport_answered_to_the_port_of_via():
    check(not _answered_to("primary", rport=False), "the 180 goes to the source port")


def RFC3581_an_invite_that_is_repeated_is_answered_again():
    _registered_at_the_backup()
    call = call_from(scene.primary)
    answers = scene.primary.count("180 INVITE")
    call.again("INVITE")
    time.sleep(0.2)
    equal(scene.primary.count("180 INVITE"), answers + 1, "180s")
    check(not scene.phone.find(event="call", state="ended"), "it is still the one call")


# ---- from whom -----------------------------------------------------------------------------------


def B9_calls_from_every_target_while_the_backup_serves():
    _registered_at_the_backup()
    for party in scene.primary, scene.backup:
        pick_up(call_from(party))
        hang_up_at(party)


def B9_calls_from_both_servers_during_a_move():
    scene.serve()
    scene.register()
    for party in scene.primary, scene.backup:
        party.answers["REGISTER"] = None
    events = scene.phone.mark()
    scene.phone.command("register")
    register = scene.backup.take("REGISTER")
    for party in scene.primary, scene.backup:
        pick_up(call_from(party))
    scene.backup.reply(register, 200)
    scene.phone.wait(events, event="moved", kind="failover", to=scene.backup.target)
    # B13: no move ends a call; B9: each is ended where it was set up.
    check(not scene.phone.find(events, event="call", state="ended"), "a call has ended")
    hang_up_at(scene.backup)
    hang_up_at(scene.primary)


def the_caller_gives_up():
    scene.serve()
    scene.register()
    call = call_from(scene.primary)
    events = scene.phone.mark()
    call.cancel()
    call.answer("200 CANCEL")
    call.answer("487 INVITE")
    scene.call_is("ended", events, status=487)


def the_caller_hangs_up():
    scene.serve()
    scene.register()
    call = call_from(scene.primary)
    pick_up(call)
    events = scene.phone.mark()
    call.ask("BYE")
    call.answer("200 BYE")
    scene.call_is("ended", events)


def _stranger(transport, accept_from):
    """A party whose address is in no configuration."""
    scene.serve(transport)
    scene.register(device=["accept_from = " + accept_from])
    return scene.party("stranger")


def accept_from_targets_leaves_a_stranger_without_an_answer():
    stranger = _stranger("udp", "targets")
    since = scene.record.mark()
    call = Call(stranger, stranger.connect(scene.address["phone"]), phone_uri())
    for method in "INVITE", "OPTIONS", "BYE":
        call.ask(method)
    scene.ladder(since, """
         0.00 <- stranger INVITE
              <- stranger OPTIONS
              <- stranger BYE
    """, quiet=0.8)
    check(not scene.phone.find(event="call"), "it rings")


def accept_from_targets_closes_the_connection_of_a_stranger():
    stranger = _stranger("tcp", "targets")
    try:
        call = Call(stranger, stranger.connect(scene.address["phone"]), phone_uri())
        call.ask("INVITE")
    except OSError:
        pass  # it may be closed before the INVITE is written
    time.sleep(0.3)
    equal(stranger.messages, [], "answers")
    check(not scene.phone.find(event="call"), "it rings")


def _any(transport):
    """Without a route set the BYE goes to the Contact (B23a)."""
    stranger = _stranger(transport, "any")
    pick_up(call_from(stranger))
    _, events = scene.hang_up()
    bye = stranger.take("BYE")
    equal("<%s>" % bye.uri, stranger.contact(), "the Request-URI")
    scene.call_is("ended", events)
    call = call_from(stranger)
    pick_up(call)
    events = scene.phone.mark()
    call.ask("BYE")
    call.answer("200 BYE")
    scene.call_is("ended", events)


def accept_from_any_takes_the_call_of_a_stranger():
    _any("udp")


def accept_from_any_takes_the_call_of_a_stranger_by_tcp():
    """A connection is made to its Contact, for that is where its own connection came from."""
    _any("tcp")


# ---- connections ---------------------------------------------------------------------------------


def _on_the_phones_connection(transport):
    """RFC 5923: the call comes on the connection that the phone has opened, and all of it goes
    there."""
    scene.serve(transport)
    scene.register()
    register = scene.primary.take("REGISTER")
    own = register.way
    equal(";alias" in register.header("Via"), transport == "tls", "alias in " +
          register.header("Via"))
    for hang_up in (hang_up_at, lambda party: None):
        call = call_from(scene.primary, own)
        pick_up(call)
        hang_up(scene.primary)
    events = scene.phone.mark()
    call.ask("BYE")
    call.answer("200 BYE")
    scene.call_is("ended", events)
    equal({message.way for message in scene.primary.messages}, {own}, "connections")
    equal(len(scene.primary.connections), 1, "connections that the phone has opened")


def RFC5923_tls_a_call_comes_and_goes_on_the_phones_connection():
    _on_the_phones_connection("tls")


def RFC5923_tcp_a_call_comes_and_goes_on_the_phones_connection():
    _on_the_phones_connection("tcp")


def RFC3261_a_call_by_a_connection_of_the_server_is_answered_there():
    scene.serve("tcp")
    scene.register()
    call = call_from(scene.primary)
    check(call.answer("100 INVITE").way is call.way, "answered on the connection of the request")
    pick_up(call)
    hang_up_at(scene.primary)


def B9_tls_calls_from_both_servers_during_a_move():
    """Each on the connection that the phone has to that server. (One that leaves a request
    unanswered loses its connection, B3c.)"""
    scene.serve("tls")
    scene.register()
    at_primary = scene.primary.take("REGISTER").way
    scene.primary.answers["REGISTER"] = 503
    scene.backup.answers["REGISTER"] = None
    events = scene.phone.mark()
    scene.phone.command("register")
    register = scene.backup.take("REGISTER")
    pick_up(call_from(scene.primary, at_primary))
    pick_up(call_from(scene.backup, register.way))
    scene.backup.reply(register, 200)
    scene.phone.wait(events, event="moved", kind="failover", to=scene.backup.target)
    hang_up_at(scene.backup)
    hang_up_at(scene.primary)


if __name__ == "__main__":
    tap.run([
        RFC3581_answered_to_the_source_port_of_the_backup,
        RFC3581_answered_to_the_source_port_of_the_primary_while_the_backup_serves,
        RFC3261_without_rport_answered_to_the_port_of_via,
        RFC3581_an_invite_that_is_repeated_is_answered_again,
        B9_calls_from_every_target_while_the_backup_serves,
        B9_calls_from_both_servers_during_a_move,
        the_caller_gives_up,
        the_caller_hangs_up,
        accept_from_targets_leaves_a_stranger_without_an_answer,
        accept_from_targets_closes_the_connection_of_a_stranger,
        accept_from_any_takes_the_call_of_a_stranger,
        accept_from_any_takes_the_call_of_a_stranger_by_tcp,
        RFC5923_tls_a_call_comes_and_goes_on_the_phones_connection,
        RFC5923_tcp_a_call_comes_and_goes_on_the_phones_connection,
        RFC3261_a_call_by_a_connection_of_the_server_is_answered_there,
        B9_tls_calls_from_both_servers_during_a_move,
    ], scene.setup, scene.teardown)
