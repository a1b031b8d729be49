#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Debian's baresip with the module of adapters/baresip, in place of its own way of two servers."""

import os
import shutil
import socket
import sys

sys.dont_write_bytecode = True

from story import PATIENCE, Story, done, servers
from harness import tap
from harness.process import Process, build_path, wait_until, workdir
from harness.tap import Skip

MODULES = "/usr/lib/baresip/modules"
CONFIG = """\
sip_listen {address}:5060
audio_player aubridge,quiet
audio_source aubridge,quiet
audio_alert aubridge,quiet
module_path {modules}
module g711.so
module aubridge.so
module_tmp account.so
module_app cons.so
module_app menu.so
module_app failover.so
cons_listen {address}:5555
"""
ACCOUNT = ('<sip:1001@{primary}>;auth_pass=secret;regint=0;outbound="sip:{primary}";'
           'outbound2="sip:{backup}";extra="failover,failback_interval=10,keepalive=off,jitter=0"\n')


class Baresip:
    process = address = None

    @classmethod
    def start(cls, address, primary, backup):
        folder = os.path.join(workdir(), "baresip")
        modules = os.path.join(folder, "modules")
        os.makedirs(modules)
        for name in ("g711", "aubridge", "account", "cons", "menu"):
            os.symlink("%s/%s.so" % (MODULES, name), "%s/%s.so" % (modules, name))
        os.symlink(os.path.abspath(build_path("tests/adapters/.libs/failover.so")),
                   modules + "/failover.so")
        cls._write(folder, "config", CONFIG.format(address=address, modules=modules))
        cls._write(folder, "accounts", ACCOUNT.format(primary=primary, backup=backup))
        cls.address = address
        cls.process = Process("baresip", ["baresip", "-f", folder])

    @staticmethod
    def _write(folder, name, text):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as out:
            out.write(text)

    @classmethod
    def command(cls, text):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as console:
            console.sendto(text.encode() + b"\n", (cls.address, 5555))


def said(text):
    wait_until(lambda: text in Baresip.process.log(), PATIENCE, text)


def setup():
    if not shutil.which("baresip") or not os.path.isdir(MODULES):
        raise Skip("baresip is not installed")
    if not os.path.exists(build_path("tests/adapters/.libs/failover.so")):
        raise Skip("the module is not part of this build")
    servers()
    Baresip.start(*map(Story.block.address, (10, 11, 12)))


def B2_an_account_registers_at_the_primary():
    said("registered at ")
    done(Story.primary, "REGISTER")


def B6_its_call_goes_to_the_primary():
    Baresip.command("/dial sip:callee@" + Story.block.address(11))
    done(Story.primary, "REGISTER", "INVITE")
    said("Call established")


def B4c_a_hang_up_passes_the_dead_primary():
    Story.primary.command("silent")
    Baresip.command("/hangup")
    done(Story.backup, "REGISTER", "BYE")


def B6_the_next_call_goes_to_the_backup():
    Baresip.command("/dial sip:callee@" + Story.block.address(11))
    done(Story.backup, "REGISTER", "BYE", "INVITE")
    wait_until(lambda: Baresip.process.log().count("Call established") == 2, PATIENCE, "it is up")
    Baresip.command("/hangup")
    done(Story.backup, "REGISTER", "BYE", "INVITE", "BYE")


def B11_the_line_returns_by_itself():
    Story.primary.command("up")
    done(Story.primary, "REGISTER", "INVITE", "REGISTER")


def B21_a_call_comes_in_through_the_primary():
    Story.primary.command("ring 1001")
    said("Incoming call from")
    Baresip.command("/accept")
    wait_until(lambda: Baresip.process.log().count("Call established") == 3, PATIENCE, "it is up")
    Story.primary.command("hangup")


if __name__ == "__main__":
    tap.run((B2_an_account_registers_at_the_primary, B6_its_call_goes_to_the_primary,
             B4c_a_hang_up_passes_the_dead_primary, B6_the_next_call_goes_to_the_backup,
             B11_the_line_returns_by_itself, B21_a_call_comes_in_through_the_primary), setup)
