#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A server with too much to do says so in its answers, and new calls go to the next one (B41, RFC 7339)."""

import sys

sys.dont_write_bytecode = True

from harness import tap
from harness.scene import Scene
from harness.tap import check, equal

scene = Scene()
OURS = ';oc;oc-algo="loss"'


def register(said, **settings):
    """The phone registers, and the primary's answer says this in the place of our parameters."""
    scene.serve()
    scene.primary.answers["REGISTER"] = None
    scene.start_phone(**settings)
    request = scene.primary.take("REGISTER", 10)
    asked = OURS in request.header("Via")
    request.head = request.head.replace(OURS, said)
    scene.primary.answers["REGISTER"] = 200
    scene.primary.reply(request, 200)
    scene.registered(scene.primary, 10)
    return asked


def B41_a_call_goes_on_where_the_overloaded_server_leaves_it_out():
    asked = register(';oc=100;oc-algo="loss";oc-validity=60000;oc-seq=1.5', overload_control="yes")
    check(asked, "Via says that the server may ask for less")
    events = scene.phone.mark()
    scene.dial()
    scene.backup.reply(scene.backup.take("INVITE", 10), 200)
    scene.backup.take("ACK", 10)
    scene.call_is("up", events, target=scene.backup.target, timeout=10)
    equal(scene.primary.count("INVITE"), 0, "INVITEs at the primary")
    scene.hang_up()
    scene.backup.take("BYE", 10)
    check(not scene.phone.find(events, event="moved"), "the line has stayed where it is")


def B41_a_server_that_says_nothing_gets_its_calls():
    register(OURS, overload_control="yes")
    events = scene.phone.mark()
    scene.dial()
    scene.primary.reply(scene.primary.take("INVITE", 10), 486)
    scene.call_is("failed", events, status=486, timeout=10)


def B41_nothing_is_said_unless_configured():
    asked = register(OURS)
    check(not asked, "Via is as ever")


if __name__ == "__main__":
    tap.run([
        B41_a_call_goes_on_where_the_overloaded_server_leaves_it_out,
        B41_a_server_that_says_nothing_gets_its_calls,
        B41_nothing_is_said_unless_configured,
    ], scene.setup, scene.teardown)
