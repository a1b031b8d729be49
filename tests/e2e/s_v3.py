#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Two registrars, profile V3: what goes over the wire when the primary fails and returns."""

import sys
import time

sys.dont_write_bytecode = True

from harness import tap
from harness.bench import CALL_UP_AT_BACKUP, REGISTER_AT_BACKUP, Bench, same
from harness.phone import need_claim
from harness.process import wait_until
from harness.tap import check, equal

bench = Bench("v3", edge=False)

def B3a_register_moves_when_the_fourth_transmission_is_due():
    bench.primary.mode("drop")
    since = bench.start_phone()
    packets = bench.ladder(since, """
         0.00 -> primary REGISTER
         0.50 -> primary REGISTER
         1.50 -> primary REGISTER
         3.50 -> backup  REGISTER
    """ + REGISTER_AT_BACKUP)
    primary, backup, answered = packets[:3], packets[3], packets[5]
    same(primary, "text")
    # B10: a registration of its own with each registrar.
    check(backup.call_id != primary[0].call_id, "the Call-ID is another one")
    check(backup.branch != primary[0].branch, "the branch is new")
    # B4b: the challenge is answered in the same registration.
    same([backup, answered], "call_id", "from_tag", "uri")
    equal(int(answered.cseq), int(backup.cseq) + 1, "CSeq")
    check(bench.address["backup"] in backup.uri, "the Request-URI names the backup")
    event = bench.phone.wait(event="unavailable", method="REGISTER")
    equal((event["target"], event["reason"], event["transmissions"]),
          (bench.target("primary"), "no-answer", 3), "what was unavailable")
    bench.phone.wait(event="moved", kind="failover", to=bench.target("backup"))


def B7c_late_answers_change_nothing():
    bench.primary.freeze()
    bench.register_at("backup")
    since = bench.wire.mark()
    bench.primary.thaw()
    bench.ladder(since, """
        <- primary 401 REGISTER
        <- primary 401 REGISTER
        <- primary 401 REGISTER
    """)


def B4_icmp_moves_at_once():
    need_claim("reports-icmp")
    bench.primary.crash()
    since = bench.start_phone()
    bench.ladder(since, """
         0.00 -> primary REGISTER
              <- primary ICMP
        +0.05 -> backup  REGISTER
    """ + REGISTER_AT_BACKUP)
    bench.phone.wait(event="unavailable", reason="icmp", target=bench.target("primary"))


def B4_503_moves_at_once():
    bench.primary.mode("503")
    since = bench.start_phone()
    bench.ladder(since, """
         0.00 -> primary REGISTER
              <- primary 503 REGISTER
        +0.05 -> backup  REGISTER
    """ + REGISTER_AT_BACKUP)
    bench.phone.wait(event="unavailable", reason="status-503", target=bench.target("primary"))


def B4_404_does_not_move():
    bench.primary.mode("404")
    since = bench.start_phone()
    bench.ladder(since, """
         0.00 -> primary REGISTER
              <- primary 404 REGISTER
    """)


def B4b_rejected_credentials_are_not_sent_again():
    since = bench.start_phone(auth_password='"wrong"')
    packets = bench.ladder(since, """
         0.00 -> primary REGISTER
              <- primary 401 REGISTER
              -> primary REGISTER
              <- primary 401 REGISTER
    """)
    check(not packets[0].header("Authorization"), "the first has no credentials")
    check(packets[2].header("Authorization"), "the second has")


def B4c_retry_after_skips_the_target():
    """The probe of a skipped target comes when its time ends (B22c)."""
    bench.primary.mode("503", retry_after=4)
    since = bench.register_at("backup", failback=1, failback_interval=1)
    bench.primary.mode("ok")
    bench.phone.wait(event="moved", kind="failback", to=bench.target("primary"), timeout=20)
    wait_until(lambda: len(bench.wire.sent("phone", "primary", "REGISTER", since)) > 1, 10,
               "the record of the probe")
    refused = bench.wire.sent("primary", "phone", "503 REGISTER", since)[0]
    probe = bench.wire.sent("phone", "primary", "REGISTER", since)[1]
    check(probe.at - refused.at >= 3.9, "probed after %.3f s" % (probe.at - refused.at))


def B22c_register_now_passes_retry_after():
    bench.primary.mode("503", retry_after=30)
    bench.register_at("backup")
    bench.primary.mode("ok")
    since = bench.wire.mark()
    bench.phone.command("register")
    bench.ladder(since, """
         0.00 -> primary REGISTER
              <- primary 401 REGISTER
              -> primary REGISTER
              <- primary 200 REGISTER
    """)


def B6_all_targets_unavailable_ends_the_request():
    need_claim("reports-icmp")
    bench.primary.crash()
    bench.backup.crash()
    since = bench.start_phone()
    bench.ladder(since, """
         0.00 -> primary REGISTER
              <- primary ICMP
        +0.05 -> backup  REGISTER
              <- backup  ICMP
    """)
    event = bench.phone.wait(event="request-failed", method="REGISTER")
    equal(event["reasons"], ["icmp", "icmp"], "the reason of each attempt")


def B5_invite_registers_at_the_backup_first():
    bench.register_at("primary")
    bench.primary.mode("drop")
    since = bench.call_up(8)
    packets = bench.ladder(since, """
         0.00 -> primary INVITE
         0.50 -> primary INVITE
         1.50 -> primary INVITE
         3.50 -> backup  REGISTER
    """ + REGISTER_AT_BACKUP + CALL_UP_AT_BACKUP)
    first, again = packets[0], packets[7]
    same([first, again], "call_id", "from_tag", "cseq")  # B7
    equal([first.uri, again.uri], [bench.uri(name) for name in ("primary", "backup")],
          "Request-URIs (B23)")
    check(first.branch != again.branch, "the branch is new")
    equal(len(bench.wire.sent("trunk", "callee", "INVITE", since)), 1, "INVITEs at the callee")
    bench.phone.wait(event="moved", kind="failover", to=bench.target("backup"))


def B4_503_to_an_invite_is_acknowledged():
    """The call goes on at the backup; the line follows when the primary says 503 to the line's own
    REGISTER too (B22)."""
    bench.register_at("primary")
    bench.primary.mode("503")
    events = bench.phone.mark()
    since = bench.call_up(30)
    bench.phone.wait(events, event="response", method="REGISTER", status=503,
                     target=bench.target("primary"), timeout=30)
    bench.phone.wait(events, event="moved", to=bench.target("backup"), timeout=30)
    bench.wire.mark()
    invites, acks = (bench.wire.sent("phone", "primary", what, since) for what in ("INVITE", "ACK"))
    equal([len(invites), len(acks)], [1, 1], "INVITE and ACK at the primary")
    same([*invites, *acks], "branch", "call_id")
    equal(len(bench.wire.sent("phone", "backup", "INVITE", since)), 1, "INVITEs at the backup")


def B5_bye_registers_at_the_backup_first():
    bench.register_at("primary")
    up = bench.call_up()
    bench.primary.mode("drop")
    since = bench.hang_up(8)
    packets = bench.ladder(since, """
         0.00 -> primary BYE
         0.50 -> primary BYE
         1.50 -> primary BYE
         3.50 -> backup  REGISTER
    """ + REGISTER_AT_BACKUP + """
        +0.05 -> backup  BYE
              <- backup  200 BYE
    """)
    first, again = packets[0], packets[7]
    # B9: only the next hop changes, in the route set too (B23a), and not the remote target.
    same([first, again], "call_id", "from_tag", "to_tag", "cseq", "uri")
    routes, moved = first.headers("Route"), again.headers("Route")
    check(bench.address["primary"] in routes[0], "the first Route: " + routes[0])
    check(bench.address["backup"] in moved[0], "the first Route of the next: " + moved[0])
    equal(moved[1:], routes[1:], "the rest of the route set")
    equal(len(bench.wire.sent("trunk", "callee", "BYE", up)), 1, "BYEs at the callee")


def B4_icmp_moves_invite_and_bye_at_once():
    need_claim("reports-icmp")
    bench.register_at("primary")
    bench.call_up()
    bench.primary.crash()
    since = bench.call_up()
    bench.ladder(since, """
         0.00 -> primary INVITE
              <- primary ICMP
        +0.05 -> backup  REGISTER
    """ + REGISTER_AT_BACKUP + CALL_UP_AT_BACKUP)
    # The newest call is at the backup; the one before was set up through the primary (B9).
    since = bench.hang_up()
    bench.ladder(since, """
         0.00 -> backup  BYE
              <- backup  200 BYE
    """)
    since = bench.hang_up()
    bench.ladder(since, """
         0.00 -> primary BYE
              <- primary ICMP
        +0.05 -> backup  BYE               # B5a: registered there already
              <- backup  200 BYE
    """)


def B6_the_walk_goes_up_when_the_backup_dies():
    bench.primary.crash()
    bench.register_at("backup")
    bench.primary.start()
    bench.backup.crash()
    since = bench.call_up()
    bench.ladder(since, """
         0.00 -> backup  INVITE
              <- backup  ICMP
        +0.05 -> primary REGISTER
    """ + (REGISTER_AT_BACKUP + CALL_UP_AT_BACKUP).replace("backup ", "primary"))
    bench.phone.wait(event="moved", kind="failback", to=bench.target("primary"))


def B6c_hanging_up_ends_the_walk():
    bench.register_at("primary")
    bench.primary.mode("drop")
    since = bench.wire.mark()
    bench.phone.command("call callee")
    bench.phone.wait(event="call", state="calling")
    bench.phone.command("hangup")
    bench.phone.wait(event="call", state="ended")
    time.sleep(4)
    # RFC 3261 9.1: no CANCEL either, as nothing has been heard.
    equal([p.what() for p in bench.wire.of("phone", since)], ["INVITE"], "packets")


def B9_a_call_stays_with_its_server():
    bench.register_at("primary")
    bench.call_up()
    bench.primary.mode("503")
    bench.phone.command("register")
    bench.phone.wait(event="moved", kind="failover")
    bench.primary.mode("ok")
    since = bench.hang_up()
    bench.ladder(since, """
         0.00 -> primary BYE
              <- primary 200 BYE
    """)


def B5b_options_timeout_starts_a_register():
    bench.register_at("primary")
    bench.primary.mode("drop")
    since = bench.wire.mark()
    bench.phone.command("options")
    bench.ladder(since, """
         0.00 -> primary OPTIONS
         0.50 -> primary OPTIONS
         1.50 -> primary OPTIONS
         3.50 -> primary REGISTER
         4.00 -> primary REGISTER
         5.00 -> primary REGISTER
         7.00 -> backup  REGISTER
    """ + REGISTER_AT_BACKUP)


def B11_register_failback_with_a_dialog_of_its_own():
    bench.primary.crash()
    began = bench.register_at("backup", failback=1, failback_interval=2)
    at_backup = bench.wire.sent("phone", "backup", "REGISTER", began)[-1]
    since = bench.wire.mark()
    bench.primary.start()
    bench.phone.wait(event="moved", kind="failback", to=bench.target("primary"))
    packets = bench.ladder(since, """
              -> primary REGISTER
              <- primary 401 REGISTER
              -> primary REGISTER
              <- primary 200 REGISTER
    """)
    waited = packets[0].at - at_backup.at
    check(1.99 <= waited <= 2.1, "the probe goes out after the interval, not after %.3f s" % waited)
    check(packets[0].call_id != at_backup.call_id, "the probe has a Call-ID of its own")
    # The probe's dialog is the registration now; the old one is not touched again.
    since = bench.wire.mark()
    bench.phone.command("register")
    refresh = bench.ladder(since, """
         0.00 -> primary REGISTER
              <- primary 200 REGISTER
    """)
    equal(refresh[0].call_id, packets[0].call_id, "the registration's Call-ID")
    check(int(refresh[0].cseq) > int(packets[2].cseq), "CSeq goes on")


def B11_a_failed_probe_disturbs_nothing():
    bench.primary.crash()
    bench.register_at("backup", failback=1, failback_interval=1)
    since = bench.wire.mark()
    bench.phone.wait(event="probe-failed", reason="icmp")
    packets = bench.ladder(since, """
         0.00 -> primary REGISTER
              <- primary ICMP
         1.00 -> primary REGISTER
              <- primary ICMP
    """)
    check(packets[0].call_id, "a REGISTER")
    check(not bench.phone.find(event="unregistered"), "the registration stands")
    bench.call_up()


def B12_signal_failback_is_off_by_default():
    bench.primary.crash()
    bench.register_at("backup")
    bench.primary.start()
    since = bench.call_up()
    bench.ladder(since, CALL_UP_AT_BACKUP.replace("+0.05 -> backup  INVITE",
                                                  "0.00 -> backup  INVITE"))


def B12_signal_failback_of_an_invite_registers_first():
    bench.primary.crash()
    bench.register_at("backup", signal_failback=1)
    bench.primary.start()
    since = bench.call_up()
    bench.ladder(since, (REGISTER_AT_BACKUP.replace("<-", "-> primary REGISTER\n<-", 1) +
                         CALL_UP_AT_BACKUP).replace("backup ", "primary"))
    bench.phone.wait(event="moved", kind="failback", to=bench.target("primary"))


def SIGTERM_removes_the_registration():
    bench.register_at("primary")
    equal(bench.primary.bindings(), 1, "bindings while registered")
    since = bench.wire.mark()
    status = bench.phone.stop()
    packets = bench.ladder(since, """
         0.00 -> primary REGISTER
              <- primary 200 REGISTER
    """)
    check("expires=0" in packets[0].header("Contact") or packets[0].header("Expires") == "0",
          "asks for removal")
    equal(bench.primary.bindings(), 0, "bindings afterwards")
    equal(status, 0, "exit status")


if __name__ == "__main__":
    tap.run([
        B3a_register_moves_when_the_fourth_transmission_is_due,
        B7c_late_answers_change_nothing,
        B4_icmp_moves_at_once,
        B4_503_moves_at_once,
        B4_404_does_not_move,
        B4b_rejected_credentials_are_not_sent_again,
        B4c_retry_after_skips_the_target,
        B22c_register_now_passes_retry_after,
        B6_all_targets_unavailable_ends_the_request,
        B5_invite_registers_at_the_backup_first,
        B4_503_to_an_invite_is_acknowledged,
        B5_bye_registers_at_the_backup_first,
        B4_icmp_moves_invite_and_bye_at_once,
        B6_the_walk_goes_up_when_the_backup_dies,
        B6c_hanging_up_ends_the_walk,
        B9_a_call_stays_with_its_server,
        B5b_options_timeout_starts_a_register,
        B11_register_failback_with_a_dialog_of_its_own,
        B11_a_failed_probe_disturbs_nothing,
        B12_signal_failback_is_off_by_default,
        B12_signal_failback_of_an_invite_registers_first,
        SIGTERM_removes_the_registration,
    ], bench.setup, bench.teardown)
