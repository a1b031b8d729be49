#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Two proxies that write themselves into the Path (RFC 3327), in front of a Kamailio as Debian ships it
with Path switched on: it answers 420 to a phone that does not say that it knows Path."""

import os
import sys

sys.dont_write_bytecode = True

from harness import peers, tap
from harness.block import Block
from harness.colleagues import Colleagues
from harness.phone import Phone, need_program, write_config
from harness.subscriber import Subscriber
from harness.tap import Skip, check

USE_PATH = [('modparam("registrar", "max_expires", 3600)',
             'modparam("registrar", "max_expires", 3600)\n'
             'modparam("registrar", "use_path", 1)\nmodparam("registrar", "path_mode", 2)')]


class World:
    """What the tests share."""
    block = None
    address = {}
    proxies = {}
    registrar = None
    callee = None
    phone = None
    pair = None


def target(name):
    return World.address[name] + ":5060;transport=udp"


def start():
    config = write_config("v3", {"server primary": World.address["registrar"],
                                 "proxy primary": World.address["primary"],
                                 "proxy backup": World.address["backup"]})
    World.phone = Phone(World.address["phone"], config)
    World.pair = Colleagues(World.phone, World.callee)
    World.pair.registered(target("primary"))


def is_called():
    """Through the registrar, and from there by the Path."""
    World.pair.is_called(World.address["registrar"])


def B24b_path_registers_and_is_called():
    start()
    check("Path:" in World.registrar.rpc("ul.dump") and
          World.address["primary"] in World.registrar.rpc("ul.dump"), "the registrar keeps the Path")
    is_called()


def B24b_path_of_the_backup_after_a_move():
    """The binding's new Path leads around the dead proxy."""
    start()
    World.proxies["primary"].crash()
    World.pair.register_again(target("backup"))
    is_called()


def B23a_call_and_bye_around_the_dead_proxy():
    start()
    World.pair.call()
    World.proxies["primary"].crash()
    World.pair.hang_up()


def setup():
    need_program()
    peers.need("kamailio", "kamcmd")
    if not os.access(peers.StockKamailio.PACKAGED, os.R_OK):
        raise Skip("there is no " + peers.StockKamailio.PACKAGED)
    World.block = Block()
    World.address = {name: World.block.address(host) for name, host in
                     {"phone": 10, "primary": 11, "backup": 12, "registrar": 20,
                      "callee": 30}.items()}
    World.registrar = peers.StockKamailio(World.block, "registrar", World.address["registrar"],
                                          edits=USE_PATH)
    for name in ("primary", "backup"):
        World.proxies[name] = peers.Kamailio(
            World.block, name, World.address[name], callee=World.address["callee"],
            trunk=World.address["callee"], edge=True, path=True)
    World.callee = Subscriber("2000", World.address["callee"])
    World.callee.register(World.address["registrar"])


def teardown():
    if World.phone:
        World.phone.end()
        World.phone = None
    for proxy in World.proxies.values():
        proxy.healthy()
    World.callee.messages.clear()


if __name__ == "__main__":
    tap.run([
        B24b_path_registers_and_is_called,
        B24b_path_of_the_backup_after_a_move,
        B23a_call_and_bye_around_the_dead_proxy,
    ], setup, teardown)
