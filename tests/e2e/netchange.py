#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The device's network changes under the phone, in a network namespace of its own."""

import os
import subprocess
import sys
import time

sys.dont_write_bytecode = True

from harness import tap, wire
from harness.block import Block
from harness.phone import Phone, need_program, write_config
from harness.process import Process, build_path, wait_until
from harness.tap import Skip, check, equal

ENTER = (["unshare", "--net"], ["unshare", "--user", "--map-root-user", "--net"])
INSIDE = "FAILOVER_E2E_NAMESPACE"


def enter_namespace():
    """Starts the script again where it may change addresses."""
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    if os.environ.get(INSIDE):
        return
    for enter in ENTER:
        try:
            subprocess.run(enter + ["true"], check=True, capture_output=True, timeout=5)
        except (OSError, subprocess.SubprocessError):
            continue
        os.environ[INSIDE] = "1"
        os.execvp(enter[0], enter + [sys.executable] + sys.argv)


def ip(*words, lines=None):
    """With lines: many commands in one moment, `-batch -`."""
    done = subprocess.run(["ip", *words], input=lines, capture_output=True, text=True, timeout=30,
                          check=False)
    check(done.returncode == 0, "ip: " + done.stderr)


class Net:
    block = None
    phone = None


def setup():
    need_program()
    if not os.environ.get(INSIDE):
        raise Skip("network namespaces are not permitted")
    wire.allow_recording()  # the loopback goes up
    Net.block = Block()
    where = Net.block.address(11) + ":5060"
    server = Process("server", [build_path("failover-server"), "--listen", where, "--user",
                                "1001:secret"], stdin=subprocess.PIPE)
    wait_until(lambda: "listening on" in server.log(), 5, "listens")
    Net.phone = Phone(Net.block.address(10), write_config("v3", {"server primary":
                                                                 Net.block.address(11)}))
    Net.phone.wait(event="registered")


def changes(since):
    Net.phone.mark()
    return sum(event["event"] == "network-changed" for event in Net.phone.events[since:])


def registers_again(*words):
    since = Net.phone.mark()
    ip(*words)
    Net.phone.wait(since, event="network-changed", timeout=3)
    Net.phone.wait(since, event="registered", timeout=3)
    time.sleep(1.5)
    equal(changes(since), 1, "events of one change")


def B17_an_address_comes():
    registers_again("address", "add", "192.0.2.9/24", "dev", "lo")


def B17_a_route_comes():
    registers_again("route", "add", "198.51.100.0/24", "via", "192.0.2.1", "dev", "lo")


def B17_an_address_goes():
    registers_again("address", "del", "192.0.2.9/24", "dev", "lo")


def B17_what_changes_nothing_is_no_change():
    since = Net.phone.mark()
    ip("link", "set", "lo", "mtu", "65000")
    ip("address", "add", "192.0.2.8/32", "dev", "lo")
    ip("address", "del", "192.0.2.8/32", "dev", "lo")
    time.sleep(2.5)
    equal(changes(since), 0, "events")


def B17_a_storm_is_one_change():
    since = Net.phone.mark()
    ip("-batch", "-", lines="".join("address add 192.0.2.%d/32 dev lo\n" % host
                                    for host in range(100, 150)))
    Net.phone.wait(since, event="network-changed", timeout=8)
    time.sleep(1.5)
    check(changes(since) <= 2, "%d events" % changes(since))


if __name__ == "__main__":
    enter_namespace()
    tap.run([
        B17_an_address_comes,
        B17_a_route_comes,
        B17_an_address_goes,
        B17_what_changes_nothing_is_no_change,
        B17_a_storm_is_one_change,
    ], setup)
