#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A hundred lines at one dead server: what one finds out the others use, nobody storms it, and all
of them come back."""

import sys

sys.dont_write_bytecode = True

from harness import tap
from harness.process import wait_until
from harness.scene import Scene
from harness.tap import check, equal

LINES = 100
scene = Scene()


def lines_with(since=0, **members):
    """The lines that have such an event."""
    scene.phone.mark()
    return {event["line"] for event in scene.phone.events[since:]
            if all(event.get(key) == value for key, value in members.items())}


def all_lines(since=0, timeout=10, **members):
    wait_until(lambda: len(lines_with(since, **members)) == LINES, timeout,
               "%d lines with %s" % (LINES, members))


def all_registered():
    scene.serve()
    scene.start_phone(lines=LINES, device=["shared_health = transport"])
    all_lines(event="registered", target=scene.primary.target)
    for party in scene.primary, scene.backup:
        party.answers["INVITE"] = 200


def to_primary(since):
    """What the phone sent to the primary."""
    return [p for p in scene.record.of("phone", since) if p.target == scene.address["primary"]]


def user(packet):
    """Whose request it is."""
    return packet.header("From").split(";")[0]


def B4e_one_line_finds_the_primary_dead_for_a_hundred():
    all_registered()
    scene.primary.close()
    since, events = scene.record.mark(), scene.phone.mark()
    scene.phone.command("call callee 1")
    scene.call_is("up", events, line=1, target=scene.backup.target)
    for line in range(2, LINES + 1):
        scene.phone.command("call callee %d" % line)
    all_lines(events, event="call", state="up", target=scene.backup.target)
    equal([p.what() for p in to_primary(since)], ["INVITE"], "packets to the dead primary")
    equal(scene.backup.transactions("REGISTER"), LINES, "REGISTERs at the backup, one a line (B5)")
    equal(scene.backup.transactions("INVITE"), LINES, "INVITEs at the backup")


def B4e_off_every_line_finds_out_for_itself():
    """That the one packet above is the work of shared_health."""
    scene.serve()
    scene.start_phone(lines=LINES, device=["shared_health = off"])
    all_lines(event="registered", target=scene.primary.target)
    scene.backup.answers["INVITE"] = 200
    scene.primary.close()
    since, events = scene.record.mark(), scene.phone.mark()
    for line in range(1, LINES + 1):
        scene.phone.command("call callee %d" % line)
    all_lines(events, event="call", state="up", target=scene.backup.target)
    equal(len(to_primary(since)), LINES, "packets to the dead primary")


def B14_the_retries_of_a_hundred_lines_are_spread():
    """All fail at once at power-up; B16 spreads their retries over 10 to 20 s, so that a busy
    machine's own delays are small beside it. The first that gets through shows the others the way
    (B4e)."""
    scene.serve()
    scene.primary.close()
    scene.backup.close()
    scene.start_phone(lines=LINES, device=["shared_health = transport", "reg_fail_interval = 20"])
    all_lines(event="unregistered")
    since = scene.record.mark()
    scene.backup.open()
    all_lines(timeout=60, event="registered", target=scene.backup.target)
    tries = [p for p in scene.record.of("phone", since) if p.what() == "REGISTER"
             and p.target == scene.address["backup"]]
    equal(len(tries), LINES, "REGISTERs at the backup")
    began = min(p.at for p in tries)
    spread = max(p.at for p in tries) - began
    check(7 <= spread <= 13, "spread over %.3f s" % spread)
    crowd = max(sum(1 for p in tries if 0 <= p.at - q.at < 0.5) for q in tries)
    check(crowd <= LINES / 4, "%d of them within 0.5 s" % crowd)
    asked = len(to_primary(since))
    check(1 <= asked <= 3, "%d packets to the dead primary" % asked)


def B11_a_hundred_lines_come_back():
    """One line probes a server that is known to be dead (B4e); when it heals that line goes back
    first, and the others when they look again, within 32 s and their spread."""
    scene.serve()
    scene.primary.close()
    scene.start_phone(lines=LINES, device=["shared_health = transport"], failback=1,
                      failback_interval=1, jitter=10)
    all_lines(event="registered", target=scene.backup.target)
    since = scene.record.mark()
    scene.phone.wait(event="probe-failed", timeout=3)
    wait_until(lambda: len(to_primary(since)) >= 3, 5, "three probes")
    probing = {user(p) for p in to_primary(since)}
    equal(len(probing), 1, "lines that probe")
    scene.primary.open()
    all_lines(timeout=40, event="moved", kind="failback", to=scene.primary.target)
    probes = [p for p in to_primary(since) if p.what() == "REGISTER"]
    late = [p.at for p in probes if user(p) not in probing]
    check(max(late) - min(late) >= 2, "spread over %.3f s (B14)" % (max(late) - min(late)))
    equal(len(late), LINES - 1, "probes of the other lines, each of which succeeded")


if __name__ == "__main__":
    tap.run([
        B4e_one_line_finds_the_primary_dead_for_a_hundred,
        B4e_off_every_line_finds_out_for_itself,
        B14_the_retries_of_a_hundred_lines_are_spread,
        B11_a_hundred_lines_come_back,
    ], scene.setup, scene.teardown)
