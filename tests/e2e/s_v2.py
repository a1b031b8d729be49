#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Two registrars, profile V2: the move comes after a time, however many packets that makes."""

import sys

sys.dont_write_bytecode = True

from harness import tap
from harness.bench import CALL_UP_AT_BACKUP, REGISTER_AT_BACKUP, Bench, same
from harness.tap import check, equal

bench = Bench("v2", edge=False)


def B3_register_moves_after_signal_retry_time():
    bench.primary.mode("drop")
    since = bench.start_phone(signal_retry_time=2000)
    bench.ladder(since, """
         0.00 -> primary REGISTER
         0.50 -> primary REGISTER
         1.50 -> primary REGISTER
         2.00 -> backup  REGISTER
    """ + REGISTER_AT_BACKUP)
    event = bench.phone.wait(event="unavailable", method="REGISTER")
    equal(event["reason"], "no-answer", "reason")


def B3d_register_moves_after_4_s_by_default():
    bench.primary.mode("drop")
    since = bench.start_phone()
    bench.ladder(since, """
         0.00 -> primary REGISTER
         0.50 -> primary REGISTER
         1.50 -> primary REGISTER
         3.50 -> primary REGISTER
         4.00 -> backup  REGISTER
    """ + REGISTER_AT_BACKUP)


def B5_invite_registers_at_the_backup_first():
    bench.register_at("primary", signal_retry_time=1000)
    bench.primary.mode("drop")
    since = bench.call_up()
    packets = bench.ladder(since, """
         0.00 -> primary INVITE
         0.50 -> primary INVITE
         1.00 -> backup  REGISTER
    """ + REGISTER_AT_BACKUP + CALL_UP_AT_BACKUP)
    same([packets[0], packets[6]], "call_id", "from_tag", "cseq")
    equal([packets[0].uri, packets[6].uri], [bench.uri(name) for name in ("primary", "backup")],
          "Request-URIs (B23)")


def B5_bye_registers_at_the_backup_first():
    bench.register_at("primary", signal_retry_time=1000)
    bench.call_up()
    bench.primary.mode("drop")
    since = bench.hang_up()
    bench.ladder(since, """
         0.00 -> primary BYE
         0.50 -> primary BYE
         1.00 -> backup  REGISTER
    """ + REGISTER_AT_BACKUP + """
        +0.05 -> backup  BYE
              <- backup  200 BYE
    """)


def B15a_keepalive_notices_a_silent_server():
    bench.register_at("primary", keepalive="options", keepalive_interval=5, signal_retry_time=400)
    bench.primary.mode("drop")
    since = bench.wire.mark()
    bench.ladder(since, """
         0.00 -> primary OPTIONS
         0.40 -> primary REGISTER
         0.80 -> backup  REGISTER
    """ + REGISTER_AT_BACKUP)


def B11_register_failback():
    """S 2.3 restricts register failback to no profile (B11a)."""
    bench.primary.crash()
    began = bench.register_at("backup", failback=1, failback_interval=1)
    old = bench.wire.sent("phone", "backup", "REGISTER", began)[-1]
    since = bench.wire.mark()
    bench.primary.start()
    packets = bench.ladder(since, """
              -> primary REGISTER
              <- primary 401 REGISTER
              -> primary REGISTER
              <- primary 200 REGISTER
    """)
    check(packets[0].call_id != old.call_id, "the probe has a Call-ID of its own")
    bench.phone.wait(event="moved", kind="failback", to=bench.target("primary"))


if __name__ == "__main__":
    tap.run([
        B3_register_moves_after_signal_retry_time,
        B3d_register_moves_after_4_s_by_default,
        B5_invite_registers_at_the_backup_first,
        B5_bye_registers_at_the_backup_first,
        B15a_keepalive_notices_a_silent_server,
        B11_register_failback,
    ], bench.setup, bench.teardown)
