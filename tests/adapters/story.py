# SPDX-License-Identifier: MIT
"""story.py - a program of another stack, and what libfailover does below it: registered, a call, hold,
a hang-up past the dead primary, the way back, an incoming call, the end."""

import os
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[1:1] = [os.path.join(HERE, os.pardir, name) for name in ("e2e", "matrix")]

from harness import tap
from harness.block import Block
from harness.phone import Phone, need_program, write_config
from harness.process import build_path, wait_until
from harness.tap import equal
from peers import Server

FAILBACK_S = 10
PATIENCE = 40  # s; of what takes milliseconds on an idle machine, or the policy's own time


class Story:
    block = phone = primary = backup = None


def servers():
    Story.block = Block()
    Story.primary = Server("primary", Story.block.address(11), "udp", None)
    Story.backup = Server("backup", Story.block.address(12), "udp", None)


def setup():
    need_program()
    servers()
    path = write_config("v3", {"server primary": Story.block.address(11),
                               "server backup": Story.block.address(12)}, failback=1,
                        failback_interval=FAILBACK_S)
    Story.phone = Phone(Story.block.address(10), path)


def answered(server):
    """Some stacks ask what their server can do."""
    return [method for method in server.done() if method != "OPTIONS"]


def done(server, *methods):
    """Waits until the server has answered these, and no others, with 200."""
    wait_until(lambda: len(answered(server)) >= len(methods), PATIENCE, "200 to %s" % (methods,))
    equal(answered(server), list(methods), "what the server has answered")


def wait(since=0, **members):
    return Story.phone.wait(since, PATIENCE, **members)


def B2_the_stack_registers_at_the_primary():
    wait(event="registered", target=Story.primary.target)
    done(Story.primary, "REGISTER")


def B6_its_call_goes_to_the_primary():
    Story.phone.command("call callee")
    wait(event="call", state="up", target=Story.primary.target)
    done(Story.primary, "REGISTER", "INVITE")


def B9_hold_stays_in_the_dialog():
    Story.phone.command("hold")
    done(Story.primary, "REGISTER", "INVITE", "INVITE")


def B4c_a_hang_up_passes_the_dead_primary():
    since = Story.phone.mark()
    Story.primary.command("silent")
    Story.phone.command("hangup")
    event = wait(since, event="unavailable", method="BYE", target=Story.primary.target)
    equal(event["reason"], "no-answer", "why")
    wait(since, event="call", state="ended", target=Story.backup.target)
    done(Story.backup, "REGISTER", "BYE")


def B6_the_next_call_goes_to_the_backup():
    since = Story.phone.mark()
    Story.phone.command("call callee")
    wait(since, event="call", state="up", target=Story.backup.target)
    Story.phone.command("hangup")
    wait(since, event="call", state="ended", target=Story.backup.target)


def B11_the_line_returns_by_itself():
    since = Story.phone.mark()
    Story.primary.command("up")
    wait(since, event="moved", kind="failback", to=Story.primary.target)


def B21_a_call_comes_in_through_the_primary():
    since = Story.phone.mark()
    Story.primary.command("ring 1001")
    wait(since, event="call", state="up")
    Story.primary.command("hangup")
    wait(since, event="call", state="ended")


def B24b_the_end_takes_the_binding_away():
    Story.phone.command("quit")
    wait_until(lambda: Story.phone.process.child.poll() is not None, PATIENCE, "it ends")
    equal(Story.phone.process.child.returncode, 0, "exit status")
    wait(event="unregistered")
    for server in (Story.primary, Story.backup):
        server.command("show")
        wait_until(lambda: " bindings 0 " in server.process.log(), PATIENCE, "nothing is left")


STORY = (B2_the_stack_registers_at_the_primary, B6_its_call_goes_to_the_primary,
         B9_hold_stays_in_the_dialog, B4c_a_hang_up_passes_the_dead_primary,
         B6_the_next_call_goes_to_the_backup, B11_the_line_returns_by_itself,
         B21_a_call_comes_in_through_the_primary, B24b_the_end_takes_the_binding_away)


def main(program):
    os.environ["FAILOVER_PHONE"] = build_path(program)
    tap.run(STORY, setup)
