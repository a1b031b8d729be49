#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The device sleeps while a request is under way (B24d). Its sleep is a clock that jumps: a library
that is preloaded sets CLOCK_BOOTTIME on."""

import itertools
import os
import subprocess
import sys

sys.dont_write_bytecode = True

from harness import tap
from harness.block import Block
from harness.phone import Phone, need_program, write_config
from harness.process import Process, build_path, memory_checked, wait_until, workdir
from harness.tap import Skip, check

SLEPT_S = 45


class Net:
    """What the tests share."""
    block = None
    servers = []
    count = itertools.count(1)  # of servers started: each has a log of its own
    phone = None
    slept = None


def target(number, transport="udp"):
    return "%s:5060;transport=%s" % (Net.block.address(10 + number), transport)


def serve(number, transport):
    where = Net.block.address(10 + number) + ":5060"
    server = Process("server-%d-%d" % (number, next(Net.count)), [
        build_path("failover-server"), "--listen", where, "--transport", transport, "--user",
        "1001:secret"], stdin=subprocess.PIPE)
    wait_until(lambda: "listening on" in server.log(), 30, "listens")
    Net.servers.append(server)


def sleeps():
    """Time goes on by SLEPT_S, and something wakes the phone."""
    with open(Net.slept, "w", encoding="utf-8") as out:
        out.write("%d\n" % SLEPT_S)
    Net.phone.command("help")
    wait_until(lambda: "the device slept" in Net.phone.process.log(), 30, "wakes")


def registering_at_a_primary_that_is_busy(transport="udp", **settings):
    serve(1, transport)
    serve(2, transport)
    Net.servers[0].freeze()
    Net.slept = os.path.join(workdir(), "slept")
    config = write_config("v3", {"server primary": Net.block.address(11),
                                 "server backup": Net.block.address(12)}, transport=transport,
                          # long enough for a busy machine to fall asleep in
                          signal_retry_counts=9, **settings)
    os.environ["LD_PRELOAD"] = build_path(".libs/sleep_clock.so")
    os.environ["FAILOVER_SLEPT"] = Net.slept
    try:
        Net.phone = Phone(Net.block.address(100), config)
    finally:
        del os.environ["LD_PRELOAD"]
    Net.phone.wait(event="attempt", method="REGISTER", target=target(1, transport), timeout=20)


def wakes_and_registers(transport):
    registering_at_a_primary_that_is_busy(transport)
    since = Net.phone.mark()
    sleeps()
    Net.servers[0].thaw()
    Net.phone.wait(since, event="registered", target=target(1, transport), timeout=30)
    check(not Net.phone.find(event="attempt", target=target(2, transport)),
          "sleep is no silence of the server")


def B24d_sleep_is_no_silence():
    wakes_and_registers("udp")


def B24d_sleep_is_no_silence_on_a_connection():
    wakes_and_registers("tcp")


def B24d_a_call_that_waits_follows():
    registering_at_a_primary_that_is_busy()
    since = Net.phone.mark()
    Net.phone.command("call sip:2000@" + Net.block.address(11))
    sleeps()
    Net.servers[0].thaw()
    Net.phone.wait(since, event="registered", target=target(1), timeout=30)
    Net.phone.wait(since, event="attempt", method="INVITE", target=target(1), timeout=30)
    check(not Net.phone.find(event="attempt", target=target(2)), "sleep is no silence of the server")


def B24d_a_server_that_is_silent_after_sleep_too_is_left():
    registering_at_a_primary_that_is_busy()
    since = Net.phone.mark()
    sleeps()
    Net.phone.wait(since, event="attempt", method="REGISTER", target=target(1), timeout=30)
    Net.phone.wait(since, event="registered", target=target(2), timeout=40)


def setup():
    need_program()
    if memory_checked():
        raise Skip("a preloaded clock and a memory checker do not go together")
    if not os.access(build_path("failover-server"), os.X_OK):
        raise Skip("failover-server is not part of this build")
    if not os.path.exists(build_path(".libs/sleep_clock.so")):
        raise Skip("the clock that sleeps is not part of this build")
    Net.block = Block()


def teardown():
    if Net.phone:
        Net.phone.end()
    Net.phone = None
    for server in Net.servers:
        server.crash()
    Net.servers.clear()
    if Net.slept:
        with open(Net.slept, "w", encoding="utf-8") as out:
            out.write("0\n")


if __name__ == "__main__":
    tap.run([
        B24d_sleep_is_no_silence,
        B24d_sleep_is_no_silence_on_a_connection,
        B24d_a_call_that_waits_follows,
        B24d_a_server_that_is_silent_after_sleep_too_is_left,
    ], setup, teardown)
