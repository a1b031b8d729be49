# SPDX-License-Identifier: MIT
"""client.py - a distribution's phone behind failover-edge, while its primary server dies."""

import shutil

import peers

from harness import namespace, tap
from harness.edge import need_edge
from harness.tap import Skip, check
from harness.wire import Wire

BUDGET = 3.5  # s; B3a
world = {}


def setup():
    need_edge()
    for program in world["phone"].program, "ip":
        if not shutil.which(program):
            raise Skip("%s is not installed" % program)
    lacks = namespace.lacks_namespace()
    if lacks:
        raise Skip(lacks)
    peers.add_addresses()
    world["wire"] = Wire(peers.parties())


def _lasts(measure, least, fault=peers.SILENT, way="edge"):
    cell = peers.Cell(world["phone"], way, world["wire"], fault)
    try:
        seconds = measure(cell)
        check(isinstance(seconds, float), "no 200 came: %s\n%s" % (seconds, cell.edge.log()))
        check(seconds >= least - 0.1, "it came before its time: %.3f s" % seconds)
    finally:
        cell.end()


def B5_it_registers_at_the_backup():
    _lasts(peers.register, BUDGET)


def B4_it_registers_at_the_backup_at_once_when_nobody_is_there():
    _lasts(peers.register, 0, peers.GONE)


def B5_its_call_moves_and_is_up():
    _lasts(peers.invite, BUDGET)


def B9_its_bye_moves():
    _lasts(peers.bye, BUDGET)


def B9_two_of_them_behind_one_edge_move_each():
    _lasts(peers.bye, BUDGET, way="two")


def main(name):
    """The tests of the phone that peers.PHONES has under this name."""
    world["phone"] = peers.PHONES[name]
    namespace.enter_namespace()
    tap.run([
        B5_it_registers_at_the_backup,
        B4_it_registers_at_the_backup_at_once_when_nobody_is_there,
        B5_its_call_moves_and_is_up,
        B9_its_bye_moves,
        B9_two_of_them_behind_one_edge_move_each,
    ], setup)
