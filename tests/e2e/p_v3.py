#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Two proxies in front of one registrar, profile V3."""

import sys

sys.dont_write_bytecode = True

from harness import tap
from harness.bench import (CALL_UP_AT_BACKUP, REGISTER_AFTERWARDS, REGISTER_AT_BACKUP, Bench,
                           same)
from harness.phone import need_claim
from harness.process import wait_until
from harness.tap import check, equal

bench = Bench("v3", edge=True)


def B1a_register_through_the_backup_proxy_keeps_its_request_uri():
    bench.primary.mode("drop")
    since = bench.start_phone()
    packets = bench.ladder(since, """
         0.00 -> primary REGISTER
         0.50 -> primary REGISTER
         1.50 -> primary REGISTER
         3.50 -> backup  REGISTER
    """ + REGISTER_AT_BACKUP)
    requests = [packets[0], packets[3], packets[5]]
    same(requests, "call_id", "uri")
    check(bench.address["registrar"] in packets[0].uri, "the Request-URI names the registrar")
    equal([int(p.cseq) - int(packets[0].cseq) for p in requests], [0, 1, 2], "steps of CSeq (B7)")
    equal(bench.third.bindings(), 1, "bindings at the registrar")


def B4_icmp_moves_at_once():
    need_claim("reports-icmp")
    bench.primary.crash()
    since = bench.start_phone()
    bench.ladder(since, """
         0.00 -> primary REGISTER
              <- primary ICMP
        +0.05 -> backup  REGISTER
    """ + REGISTER_AT_BACKUP)


def B5_invite_needs_no_register():
    bench.register_at("primary")
    bench.primary.mode("drop")
    since = bench.call_up(8)
    packets = bench.ladder(since, """
         0.00 -> primary INVITE
         0.50 -> primary INVITE
         1.50 -> primary INVITE
         3.50 -> backup  INVITE
              <- backup  100 INVITE
              <- backup  180 INVITE
              <- backup  200 INVITE
        +0.05 -> backup  ACK
    """ + REGISTER_AFTERWARDS)
    same([packets[0], packets[3]], "call_id", "from_tag", "cseq", "uri")
    check(packets[0].branch != packets[3].branch, "the branch is new (B7)")
    equal(len(bench.wire.sent("registrar", "callee", "INVITE", since)), 1, "INVITEs at the callee")


def B5_bye_needs_no_register():
    bench.register_at("primary")
    bench.call_up()
    bench.primary.mode("drop")
    since = bench.hang_up(8)
    packets = bench.ladder(since, """
         0.00 -> primary BYE
         0.50 -> primary BYE
         1.50 -> primary BYE
         3.50 -> backup  BYE
              <- backup  200 BYE
    """ + REGISTER_AFTERWARDS)
    first, again = packets[0], packets[3]
    same([first, again], "call_id", "from_tag", "to_tag", "cseq", "uri")
    routes, moved = first.headers("Route"), again.headers("Route")
    check(bench.address["backup"] in moved[0], "the first Route (B23a): " + moved[0])
    equal(moved[1:], routes[1:], "the rest of the route set (B9)")


def B7a_a_late_provisional_is_met_by_cancel():
    bench.register_at("primary")
    bench.primary.freeze()
    bench.backup.mode("486")
    since = bench.wire.mark()
    bench.phone.command("call callee")
    bench.phone.wait(event="call", state="failed", timeout=8)
    equal(bench.wire.sent("phone", "primary", "CANCEL", since), [], "CANCELs before any answer")
    # What waited in the primary's socket now rings the callee. The CANCEL may come after the 200,
    # which is then met by a BYE.
    bench.primary.thaw()
    wait_until(lambda: bench.wire.sent("registrar", "callee", "CANCEL", since) or
               bench.wire.sent("registrar", "callee", "BYE", since), 5, "the callee is released")
    cancels = bench.wire.sent("phone", "primary", "CANCEL", since)
    equal(len(cancels), 1, "CANCELs")
    invite = bench.wire.sent("phone", "primary", "INVITE", since)[0]
    same([invite, cancels[0]], "branch", "call_id", "uri")


def B11_register_failback():
    bench.primary.crash()
    began = bench.register_at("backup", failback=1, failback_interval=2)
    old = bench.wire.sent("phone", "backup", "REGISTER", began)[-1]
    since = bench.wire.mark()
    bench.primary.start()
    bench.phone.wait(event="moved", kind="failback", to=bench.target("primary"))
    # B10: the nonce belongs to the registrar, which has stayed the same.
    packets = bench.ladder(since, """
              -> primary REGISTER
              <- primary 200 REGISTER
    """)
    waited = packets[0].at - old.at
    check(1.99 <= waited <= 2.1, "the probe goes out after the interval, not after %.3f s" % waited)
    check(packets[0].call_id != old.call_id, "the probe has a Call-ID of its own")


def B12_signal_failback_of_an_invite():
    bench.primary.crash()
    bench.register_at("backup", signal_failback=1)
    bench.primary.start()
    since = bench.call_up()
    bench.ladder(since, CALL_UP_AT_BACKUP.replace("backup ", "primary")
                 .replace("+0.05 -> primary INVITE", "0.00 -> primary INVITE") +
                 REGISTER_AFTERWARDS.replace("backup ", "primary"))
    bench.phone.wait(event="moved", kind="failback", to=bench.target("primary"))


def B12_a_failed_signal_failback_goes_on_to_the_backup():
    bench.primary.crash()
    bench.register_at("backup", signal_failback=1)
    since = bench.call_up()
    bench.ladder(since, """
         0.00 -> primary INVITE
              <- primary ICMP
    """ + CALL_UP_AT_BACKUP)


if __name__ == "__main__":
    tap.run([
        B1a_register_through_the_backup_proxy_keeps_its_request_uri,
        B4_icmp_moves_at_once,
        B5_invite_needs_no_register,
        B5_bye_needs_no_register,
        B7a_a_late_provisional_is_met_by_cancel,
        B11_register_failback,
        B12_signal_failback_of_an_invite,
        B12_a_failed_signal_failback_goes_on_to_the_backup,
    ], bench.setup, bench.teardown)
