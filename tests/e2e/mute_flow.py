#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""One server, one connection that goes mute while new ones are answered (B23c): its address has moved
to another machine, or a firewall has forgotten the flow. nft drops what belongs to it, in a network
namespace of its own."""

import itertools
import os
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True

from harness import tap, wire
from harness.block import Block
from harness.namespace import enter_namespace, lacks_namespace
from harness.phone import Phone, need_program, write_config
from harness.process import Process, build_path, wait_until
from harness.tap import Skip, check, equal

RULES = """
table ip mute {
  chain input {
    type filter hook input priority 0; policy accept;
    tcp dport %(port)d drop
    tcp sport %(port)d drop
  }
}
"""


class Net:
    """What the tests share."""
    block = None
    servers = []
    count = itertools.count(1)  # of servers started: each has a log of its own
    phone = None


def nft(*words, text=None):
    done = subprocess.run(["nft", *words], input=text, capture_output=True, text=True, timeout=30,
                          check=False)
    return done.stderr if done.returncode else None


def target(number):
    return "%s:5060;transport=tcp" % Net.block.address(10 + number)


def serve(number):
    where = Net.block.address(10 + number) + ":5060"
    server = Process("server-%d-%d" % (number, next(Net.count)), [
        build_path("failover-server"), "--listen", where, "--transport", "tcp", "--user",
        "1001:secret"], stdin=subprocess.PIPE)
    wait_until(lambda: "listening on" in server.log(), 30, "listens")
    Net.servers.append(server)


def ports_to(address):
    """The phone's ends of its connections to port 5060 of this address (/proc/net/tcp)."""
    peer = "%08X:13C4" % int.from_bytes(bytes(map(int, address.split("."))), "little")
    ports = []
    with open("/proc/self/net/tcp", encoding="ascii") as table:
        for line in list(table)[1:]:
            _, local, remote, state = line.split()[:4]
            if remote == peer and state == "01":
                ports.append(int(local.split(":")[1], 16))
    return ports


def registered_and_mute(**settings):
    serve(1)
    serve(2)
    config = write_config("v3", {"server primary": Net.block.address(11),
                                 "server backup": Net.block.address(12)}, transport="tcp",
                          **settings)
    Net.phone = Phone(Net.block.address(100), config)
    Net.phone.wait(event="registered", target=target(1), timeout=30)
    ports = ports_to(Net.block.address(11))
    equal(len(ports), 1, "connections to the server")
    failed = nft("-f", "-", text=RULES % {"port": ports[0]})
    check(not failed, "nft: %s" % failed)
    return ports[0], Net.phone.mark()


def stays_over_a_new_connection(since, old):
    Net.phone.wait(since, event="registered", target=target(1), timeout=50)
    check(old not in ports_to(Net.block.address(11)) or len(ports_to(Net.block.address(11))) > 1,
          "a new connection")
    check(not Net.phone.find(since, event="moved"), "the server is alive")


def B23c_keepalive_finds_the_mute_connection():
    old, since = registered_and_mute(keepalive="options", keepalive_interval=5)
    stays_over_a_new_connection(since, old)


def B23c_options_that_meet_silence_lead_to_a_new_connection():
    old, since = registered_and_mute()
    Net.phone.command("options")
    stays_over_a_new_connection(since, old)


def setup():
    need_program()
    lacks = lacks_namespace()
    if lacks:
        raise Skip(lacks)
    if not shutil.which("nft"):
        raise Skip("nft is not installed")
    if not os.access(build_path("failover-server"), os.X_OK):
        raise Skip("failover-server is not part of this build")
    wire.allow_recording()  # the loopback goes up
    failed = nft("add", "table", "ip", "mute")
    if failed:
        raise Skip("nft may do nothing here: " + failed.split("\n")[0])
    Net.block = Block()


def teardown():
    nft("delete", "table", "ip", "mute")
    if Net.phone:
        Net.phone.end()
    Net.phone = None
    for server in Net.servers:
        server.crash()
    Net.servers.clear()


if __name__ == "__main__":
    enter_namespace()
    tap.run([
        B23c_keepalive_finds_the_mute_connection,
        B23c_options_that_meet_silence_lead_to_a_new_connection,
    ], setup, teardown)
