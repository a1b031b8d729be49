#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Calls that a healthy server cannot bring to their end: two Kamailios as Debian ships them, each with
a trunk; SIPp is a trunk that says 503 (B22)."""

import os
import sys

sys.dont_write_bytecode = True

from harness import peers, tap
from harness.block import Block
from harness.phone import Phone, need_program, write_config
from harness.subscriber import Subscriber
from harness.tap import Skip, check, equal
from harness.process import wait_until

NUMBER = "+4930123456"
PATIENCE = 30  # s, for what takes a moment on an idle machine
# Kamailio makes a 500 of a trunk's 503 (RFC 3261 16.7); where it is told not to, the 503 comes.
KEEP_503 = [('modparam("tm", "failure_reply_mode", 3)',
             'modparam("tm", "failure_reply_mode", 3)\nmodparam("tm", "remap_503_500", 0)')]


class World:
    """What the tests share."""
    block = None
    address = {}
    servers = {}
    trunks = []
    good_trunk = None
    phone = None
    runs = iter(range(1, 1000))


def target(name):
    return World.address[name] + ":5060;transport=udp"


def serve(primary_trunk, backup_trunk, edits=()):
    """A pair; each relays numbers that begin with + to its trunk."""
    trunks = {"primary": primary_trunk, "backup": backup_trunk}
    for name, trunk in trunks.items():
        World.servers[name] = peers.StockKamailio(
            World.block, "%s-%d" % (name, next(World.runs)), World.address[name], edits=edits,
            defines=("WITH_PSTN",))
        World.servers[name].rpc("cfg.sets", "pstn", "gw_ip", World.address[trunk])


def full_trunk(more="X-Trunk: full", where="full"):
    World.trunks.append(peers.start_sipp("trunk-%d" % next(World.runs), "trunk-full.xml",
                                         World.address[where], "-key", "more", more))


def start(**settings):
    config = write_config("v3", {"server primary": World.address["primary"],
                                 "server backup": World.address["backup"]}, **settings)
    World.phone = Phone(World.address["phone"], config)
    World.phone.wait(event="registered", target=target("primary"), timeout=PATIENCE)


def dial():
    since = World.phone.mark()
    World.phone.command("call " + NUMBER)
    return since


def call_fails(since, status):
    World.phone.wait(since, event="call", state="failed", status=status, timeout=PATIENCE)


def line_is_where_it_was(since):
    """Registered at the primary, and never told to be anything else."""
    for event in ("moved", "unregistered"):
        check(not World.phone.find(since, event=event), event + " after a call that failed")
    mark = World.phone.mark()
    World.phone.command("options")
    World.phone.wait(mark, event="response", method="OPTIONS", target=target("primary"),
                     status=200, timeout=PATIENCE)


def B22_a_500_ends_the_call_and_nothing_else():
    full_trunk()
    serve("full", "good")
    start()
    since = dial()
    call_fails(since, 500)
    check(not World.phone.find(since, event="attempt", method="INVITE", target=target("backup")),
          "a 500 to an INVITE is tried elsewhere")
    line_is_where_it_was(since)


def B22_a_503_is_tried_at_the_backup_without_moving_the_line():
    full_trunk()
    serve("full", "good", KEEP_503)
    start()
    since = dial()
    invite = World.good_trunk.has_call(PATIENCE)
    World.phone.wait(since, event="call", state="up", timeout=PATIENCE)
    check(NUMBER in invite.uri, "Request-URI " + invite.uri)
    line_is_where_it_was(since)
    bye_since = World.phone.mark()
    World.phone.command("hangup")
    World.phone.wait(bye_since, event="call", state="ended", timeout=PATIENCE)
    wait_until(lambda: World.good_trunk.count("BYE") == 1, PATIENCE, "a BYE at the trunk")


def B22_503_of_both_fails_the_call_and_leaves_the_line():
    full_trunk()
    full_trunk(where="full too")
    serve("full", "full too", KEEP_503)
    start()
    since = dial()
    call_fails(since, 503)
    line_is_where_it_was(since)


def B22_a_503_with_a_reason_ends_the_call():
    """Q.850 says that it is the called party's (Asterisk 22)."""
    full_trunk("Reason: Q.850;cause=34")
    serve("full", "good", KEEP_503)
    start()
    since = dial()
    call_fails(since, 503)
    check(not World.phone.find(since, event="attempt", method="INVITE", target=target("backup")),
          "it is tried elsewhere")
    line_is_where_it_was(since)


def B22c_retry_after_of_a_call_concerns_that_call():
    full_trunk("Retry-After: 600")
    serve("full", "good", KEEP_503)
    start()
    since = dial()
    World.good_trunk.has_call(PATIENCE)
    World.phone.wait(since, event="call", state="up", timeout=PATIENCE)
    mark = World.phone.mark()
    World.phone.command("register")
    World.phone.wait(mark, event="response", method="REGISTER", target=target("primary"),
                     status=200, timeout=PATIENCE)
    line_is_where_it_was(since)


def B22_the_next_call_begins_at_the_primary_again():
    full_trunk()
    serve("full", "good", KEEP_503)
    start()
    for _ in range(2):
        since = dial()
        World.good_trunk.has_call(PATIENCE)
        World.phone.wait(since, event="call", state="up", timeout=PATIENCE)
        first = World.phone.find(since, event="attempt", method="INVITE")
        equal(first["target"], target("primary"), "the first attempt")
        since = World.phone.mark()
        World.phone.command("hangup")
        World.phone.wait(since, event="call", state="ended", timeout=PATIENCE)


def setup():
    need_program()
    peers.need("kamailio", "kamcmd", "sipp")
    if not os.access(peers.StockKamailio.PACKAGED, os.R_OK):
        raise Skip("there is no " + peers.StockKamailio.PACKAGED)
    World.block = Block()
    World.address = {name: World.block.address(host) for name, host in
                     {"phone": 10, "primary": 11, "backup": 12, "full": 21, "full too": 23,
                      "good": 22}.items()}
    World.good_trunk = Subscriber("trunk", World.address["good"])


def teardown():
    if World.phone:
        World.phone.end()
        World.phone = None
    for server in World.servers.values():
        server.crash()
    for trunk in World.trunks:
        trunk.crash()
    World.servers.clear()
    World.trunks.clear()
    World.good_trunk.messages.clear()


if __name__ == "__main__":
    tap.run([
        B22_a_500_ends_the_call_and_nothing_else,
        B22_a_503_is_tried_at_the_backup_without_moving_the_line,
        B22_503_of_both_fails_the_call_and_leaves_the_line,
        B22_a_503_with_a_reason_ends_the_call,
        B22c_retry_after_of_a_call_concerns_that_call,
        B22_the_next_call_begins_at_the_primary_again,
    ], setup, teardown)
