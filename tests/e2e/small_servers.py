#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Registrars that people write in an afternoon: pairs of Net::SIP (Perl) and of the package `sip`
(npm). They say less than a big server, compare texts, and know nothing of each other."""

import os
import shutil
import socket
import subprocess
import sys

sys.dont_write_bytecode = True

from harness import tap
from harness.block import Block
from harness.colleagues import PATIENCE, Colleagues
from harness.phone import Phone, need_program, write_config
from harness.process import Process, wait_until, workdir
from harness.subscriber import Subscriber
from harness.tap import Skip, equal

HERE = os.path.dirname(os.path.abspath(__file__))


class World:
    """What the tests share."""
    block = None
    address = {}
    servers = {}
    callee = None
    phone = None
    pair = None
    modules = None
    runs = iter(range(1, 1000))


def target(name):
    return World.address[name] + ":5060;transport=udp"


def net_sip():
    """The command of a server, without its address."""
    done = subprocess.run(["perl", "-MNet::SIP", "-e", "1"], capture_output=True, timeout=20,
                          check=False) if shutil.which("perl") else None
    if not done or done.returncode != 0:
        raise Skip("Net::SIP is not installed")
    return ["perl", os.path.join(HERE, "netsip-server.pl")]


def install(place):
    """The package into this folder; returns why that cannot be, or nothing."""
    try:
        done = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund",
                               "--fetch-retries=1"], cwd=place, capture_output=True, text=True,
                              timeout=50, check=False)
    except subprocess.TimeoutExpired:
        return "no answer in 50 s"
    return done.stderr if done.returncode else ""


def npm_sip():
    """The same; the package comes as the lock file says, into the scratch directory."""
    if not shutil.which("npm") or not shutil.which("node"):
        raise Skip("npm is not installed")
    if not World.modules:
        place = os.path.join(workdir(), "npm-sip")
        shutil.copytree(os.path.join(HERE, "npm-sip"), place)
        World.modules = place if not (why := install(place)) else "none: " + why[-200:]
    if World.modules.startswith("none: "):
        raise Skip("npm cannot install: " + " ".join(World.modules.split()))
    return ["node", os.path.join(World.modules, "server.js")]


def _listens(address):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((address, 5060))
        except OSError:
            return True
    return False


def serve(kind):
    for name in ("primary", "backup"):
        World.servers[name] = Process("%s-%d" % (name, next(World.runs)),
                                      kind() + [World.address[name]])
    for name in ("primary", "backup"):
        wait_until(lambda name=name: _listens(World.address[name]), PATIENCE, name + " listens")


def start(**settings):
    """The phone, and a colleague who is registered with both."""
    World.callee = Subscriber("2000", World.address["callee"])
    for name in ("primary", "backup"):
        World.callee.register(World.address[name], 250)
    config = write_config("v3", {"server primary": World.address["primary"],
                                 "server backup": World.address["backup"]}, **settings)
    World.phone = Phone(World.address["phone"], config)
    World.pair = Colleagues(World.phone, World.callee)
    return World.pair.registered(target("primary"))


def call_2000(at):
    World.pair.call(server=World.address[at])


def hang_up():
    World.pair.hang_up()


def calls_go_on(kind):
    serve(kind)
    start()
    call_2000("primary")
    hang_up()
    World.servers["primary"].crash()
    call_2000("backup")
    hang_up()
    World.pair.registered(target("backup"))


def is_called(kind):
    serve(kind)
    start()
    World.pair.is_called(World.address["primary"])
    World.servers["primary"].crash()
    World.pair.register_again(target("backup"))
    World.pair.is_called(World.address["backup"])


def B23_calls_go_on_with_net_sip():
    """It looks for the text of the Request-URI: a port that is not configured must not be there."""
    calls_go_on(net_sip)


def B23_calls_go_on_with_npm_sip():
    calls_go_on(npm_sip)


def B23a_bye_to_the_contact_with_npm_sip():
    """No Record-Route: the dead primary is not on the way of the BYE."""
    serve(npm_sip)
    start()
    call_2000("primary")
    World.servers["primary"].crash()
    hang_up()


def B24_is_called_with_net_sip():
    is_called(net_sip)


def B24_is_called_with_npm_sip():
    """200 to REGISTER without Contact and Expires."""
    is_called(npm_sip)


def B24_granted_time_of_net_sip():
    """At most 300 s, in the Contact alone."""
    serve(net_sip)
    equal(start()["expires"], 300, "granted")


def B22e_423_without_min_expires_of_net_sip():
    """Wants 30 s and does not say so: twice the time is asked for until it is enough."""
    serve(net_sip)
    equal(start(expires=10)["expires"], 40, "granted")


def setup():
    need_program()
    World.block = Block()
    World.address = {name: World.block.address(host) for name, host in
                     {"phone": 10, "primary": 11, "backup": 12, "callee": 30}.items()}


def teardown():
    if World.phone:
        World.phone.end()
        World.phone = None
    for server in World.servers.values():
        server.crash()
    World.servers.clear()
    if World.callee:
        World.callee.close()
        World.callee = None


if __name__ == "__main__":
    tap.run([
        B23_calls_go_on_with_net_sip,
        B24_is_called_with_net_sip,
        B24_granted_time_of_net_sip,
        B22e_423_without_min_expires_of_net_sip,
        B23_calls_go_on_with_npm_sip,
        B23a_bye_to_the_contact_with_npm_sip,
        B24_is_called_with_npm_sip,
    ], setup, teardown)
