#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Two proxies in front of one registrar, profile V2; signal failback of a registration."""

import sys
import time

sys.dont_write_bytecode = True

from harness import tap
from harness.bench import REGISTER_AFTERWARDS, REGISTER_AT_BACKUP, Bench, same
from harness.tap import check, equal

bench = Bench("v2", edge=True)


def B3_register_moves_after_signal_retry_time():
    bench.primary.mode("drop")
    since = bench.start_phone(signal_retry_time=1200)
    bench.ladder(since, """
         0.00 -> primary REGISTER
         0.50 -> primary REGISTER
         1.20 -> backup  REGISTER
    """ + REGISTER_AT_BACKUP)


def B5_invite_needs_no_register():
    bench.register_at("primary", signal_retry_time=1200)
    bench.primary.mode("drop")
    since = bench.call_up()
    bench.ladder(since, """
         0.00 -> primary INVITE
         0.50 -> primary INVITE
         1.20 -> backup  INVITE
              <- backup  100 INVITE
              <- backup  180 INVITE
              <- backup  200 INVITE
        +0.05 -> backup  ACK
    """ + REGISTER_AFTERWARDS)


def B5_bye_needs_no_register():
    bench.register_at("primary", signal_retry_time=1200)
    bench.call_up()
    bench.primary.mode("drop")
    since = bench.hang_up()
    bench.ladder(since, """
         0.00 -> primary BYE
         0.50 -> primary BYE
         1.20 -> backup  BYE
              <- backup  200 BYE
    """ + REGISTER_AFTERWARDS)


def B11a_no_register_failback_between_proxies():
    """P 3.3 gives the periodic probe to V3 only."""
    bench.primary.crash()
    bench.register_at("backup", failback=1, failback_interval=1)
    bench.primary.start()
    since = bench.wire.mark()
    time.sleep(1.5)
    equal(bench.wire.of("phone", since), [], "packets after one and a half intervals")


def B12_signal_failback_of_the_registration_at_its_expiry():
    bench.primary.crash()
    began = bench.register_at("backup", signal_failback=1, expires=10)
    old = bench.wire.sent("phone", "backup", "REGISTER", began)[-1]
    bench.primary.start()
    since = bench.wire.mark()
    # B15: 10 s are refreshed 5 s before they end.
    packets = bench.ladder(since, """
              -> primary REGISTER
              <- primary 200 REGISTER
    """)
    waited = packets[0].at - old.at
    check(4.95 <= waited <= 5.1, "refreshed after 5 s, not after %.3f s" % waited)
    same([old, packets[0]], "call_id", "uri", "from_tag")
    check(int(packets[0].cseq) > int(old.cseq), "the registration's own dialog: CSeq goes on")
    bench.phone.wait(event="moved", kind="failback", to=bench.target("primary"))


if __name__ == "__main__":
    tap.run([
        B3_register_moves_after_signal_retry_time,
        B5_invite_needs_no_register,
        B5_bye_needs_no_register,
        B11a_no_register_failback_between_proxies,
        B12_signal_failback_of_the_registration_at_its_expiry,
    ], bench.setup, bench.teardown)
