#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Late answers and giving up, packet by packet: what follows when a server answers an INVITE that
the phone has left, and when the user hangs up in each phase of a walk."""

import sys
import time

sys.dont_write_bytecode = True

from harness import tap
from harness.bench import same
from harness.process import wait_until
from harness.scene import BUDGET, Scene
from harness.tap import check, equal

scene = Scene()

# An INVITE that the primary does not answer in time; UDP repeats it.
LEFT = {
    "udp": """
         0.00 -> primary INVITE
         0.10 -> primary INVITE
         0.30 -> primary INVITE
         0.70 -> backup  INVITE
    """,
    "tcp": """
         0.00 -> primary INVITE
         0.70 -> backup  INVITE
    """}
LEFT["tls"] = LEFT["tcp"]
# The line follows the call (B23d).
UP_AT_THE_BACKUP = """
              <- backup  200 INVITE
        +0.20 -> backup  ACK
              -> backup  REGISTER
              <- backup  200 REGISTER
    """


class Walk:
    """A call to two proxies; the primary has not answered it, and the backup has got it."""

    def __init__(self, transport="udp", **settings):
        scene.serve(transport)
        self.transport = transport
        self.primary, self.backup = scene.primary, scene.backup
        scene.register(proxies=True, **settings)
        self.events = scene.phone.mark()
        self.since = scene.dial()
        self.late, self.newer = self.primary.take("INVITE"), self.backup.take("INVITE")
        same([self.late, self.newer], "call_id", "from_tag", "cseq", "uri")  # B7
        check(self.late.branch != self.newer.branch, "the branch is new (B7)")

    def up_at_the_backup(self):
        self.backup.reply(self.newer, 200)
        self.backup.take("ACK")
        scene.call_is("up", self.events, target=self.backup.target)
        scene.registered(self.backup, since=self.events)

    def ladder(self, expected):
        """What follows the INVITEs."""
        return scene.ladder(self.since, LEFT[self.transport] + expected)

    def still_up_at_the_backup(self):
        check(not scene.phone.find(self.events, event="call", state="ended"), "the call has ended")
        since, events = scene.hang_up()
        scene.call_is("ended", events)
        scene.ladder(since, """
             0.00 -> backup BYE
                  <- backup 200 BYE
        """)


# ---- an answer of the target that was left -------------------------------------------------------


def _late_180(transport):
    walk = Walk(transport)
    walk.up_at_the_backup()
    walk.primary.reply(walk.late, 180)
    cancel = walk.primary.take("CANCEL")
    same([walk.late, cancel], "branch", "call_id", "from_tag", "cseq", "uri")  # RFC 3261 9.1
    equal(cancel.headers("Via"), walk.late.headers("Via"), "the INVITE's one Via")
    walk.primary.reply(walk.late, 487)
    packets = walk.ladder(UP_AT_THE_BACKUP + """
              <- primary 180 INVITE
        +0.20 -> primary CANCEL
              <- primary 200 CANCEL
              <- primary 487 INVITE
        +0.20 -> primary ACK
    """)
    equal(packets[-1].branch, walk.late.branch, "the ACK's branch is the INVITE's")
    walk.still_up_at_the_backup()


def B7a_late_180_is_met_by_cancel():
    _late_180("udp")


def B7a_tcp_late_180_is_met_by_cancel():
    _late_180("tcp")


def _late_200(transport):
    walk = Walk(transport)
    walk.up_at_the_backup()
    walk.primary.reply(walk.late, 200)
    ack, bye = walk.primary.take("ACK"), walk.primary.take("BYE")
    same([ack, bye], "call_id", "from_tag", "to_tag", "uri")
    equal(ack.to_tag, walk.primary.tag, "the late dialog's tag")
    check(walk.primary.contact() == "<%s>" % bye.uri, "the BYE goes to the Contact: " + bye.uri)
    # The 2xx again, as if its ACK were lost: another ACK, and no second BYE.
    walk.primary.reply(walk.late, 200)
    walk.ladder(UP_AT_THE_BACKUP + """
              <- primary 200 INVITE
        +0.20 -> primary ACK
        +0.20 -> primary BYE
              <- primary 200 BYE
              <- primary 200 INVITE
        +0.20 -> primary ACK
    """)
    walk.still_up_at_the_backup()


def B7a_late_200_is_acknowledged_and_ended():
    _late_200("udp")


def B7a_tcp_late_200_is_acknowledged_and_ended():
    _late_200("tcp")


def B7a_tls_late_200_is_acknowledged_and_ended():
    _late_200("tls")


def _late_486(transport):
    walk = Walk(transport)
    walk.up_at_the_backup()
    walk.primary.reply(walk.late, 486)
    packets = walk.ladder(UP_AT_THE_BACKUP + """
              <- primary 486 INVITE
        +0.20 -> primary ACK
    """)
    equal(packets[-1].branch, walk.late.branch, "the ACK's branch is the INVITE's")
    walk.still_up_at_the_backup()


def B7a_late_486_is_acknowledged():
    _late_486("udp")


def B7a_tcp_late_486_is_acknowledged():
    _late_486("tcp")


def B7a_late_answers_while_the_backup_rings():
    """A late provisional is CANCELled although nobody has answered yet, a late failure changes
    nothing: the newer leg decides."""
    walk = Walk()
    walk.backup.reply(walk.newer, 180)
    walk.primary.reply(walk.late, 180)
    walk.primary.take("CANCEL")
    walk.primary.reply(walk.late, 487)
    walk.primary.take("ACK")
    scene.call_is("ringing", walk.events)
    walk.up_at_the_backup()
    walk.still_up_at_the_backup()


def B7a_after_64_T1_nobody_waits_any_more():
    walk = Walk(t1=10, signal_retry_counts=7)
    walk.backup.reply(walk.newer, 180)
    time.sleep(1)  # 64 T1 are 0.64 s, the budget of seven transmissions is as long
    walk.primary.reply(walk.late, 180)
    time.sleep(0.2)
    equal(walk.primary.count("CANCEL"), 0, "CANCELs")


# ---- adoption ------------------------------------------------------------------------------------


def _adopted(transport):
    walk = Walk(transport)
    walk.backup.reply(walk.newer, 180)
    scene.call_is("ringing", walk.events)
    walk.primary.reply(walk.late, 200)
    cancel = walk.backup.take("CANCEL")
    equal(cancel.branch, walk.newer.branch, "the CANCEL's branch")
    walk.backup.reply(walk.newer, 487)
    scene.call_is("up", walk.events, target=walk.primary.target)
    walk.backup.take("ACK")
    walk.primary.take("ACK")

    def sent():
        return sorted(p.what() for p in scene.record.of("phone", walk.since)
                      if p.source == scene.address["phone"] and p.what() != "INVITE")

    wait_until(lambda: len(sent()) >= 3, 5, "the recording of what the phone sent")
    equal(sent(), ["ACK", "ACK", "CANCEL"], "what the phone sent")
    # B9: the call's target is the one that answered.
    since, events = scene.hang_up()
    scene.call_is("ended", events)
    scene.ladder(since, """
         0.00 -> primary BYE
              <- primary 200 BYE
    """)


def B7b_a_late_200_is_adopted_while_the_backup_rings():
    _adopted("udp")


def B7b_tcp_a_late_200_is_adopted_while_the_backup_rings():
    _adopted("tcp")


def B7b_the_newer_leg_that_has_not_answered_is_cancelled_when_it_rings():
    """RFC 3261 9.1: no CANCEL before a provisional response."""
    walk = Walk()
    walk.primary.reply(walk.late, 200)
    scene.call_is("up", walk.events, target=walk.primary.target)
    equal(walk.backup.count("CANCEL"), 0, "CANCELs before an answer")
    walk.backup.reply(walk.newer, 180)
    walk.backup.take("CANCEL")
    walk.backup.reply(walk.newer, 487)
    walk.backup.take("ACK")


def B7b_the_newer_leg_that_answers_too_is_ended():
    walk = Walk()
    walk.primary.reply(walk.late, 200)
    scene.call_is("up", walk.events, target=walk.primary.target)
    walk.backup.reply(walk.newer, 200)
    walk.backup.take("ACK")
    walk.backup.take("BYE")
    equal(walk.primary.count("BYE"), 0, "BYEs of the call that is up")


def B7b_adopted_while_the_backup_registers():
    scene.serve()
    scene.register()
    scene.backup.answers["REGISTER"] = None
    events = scene.phone.mark()
    scene.dial()
    late = scene.primary.take("INVITE")
    register = scene.backup.take("REGISTER")
    scene.primary.reply(late, 200)
    scene.primary.take("ACK")
    scene.call_is("up", events, target=scene.primary.target)
    scene.backup.reply(register, 200)
    time.sleep(0.2)
    equal(scene.backup.count("INVITE"), 0, "INVITEs at the backup")
    since, events = scene.hang_up()
    scene.call_is("ended", events)
    scene.ladder(since, """
         0.00 -> primary BYE
              <- primary 200 BYE
    """)


def _482(then, state):
    """482: the newer leg met the older one, which decides."""
    walk = Walk()
    walk.backup.reply(walk.newer, 482)
    walk.backup.take("ACK")
    time.sleep(0.3)
    check(not scene.phone.find(walk.events, event="call", state="failed"), "it is no failure yet")
    walk.primary.reply(walk.late, then)
    walk.primary.take("ACK")
    return scene.call_is(state, walk.events)


def B7b_482_waits_for_the_older_leg():
    event = _482(200, "up")
    equal(event["target"], scene.primary.target, "where the call is")


def B7b_482_then_the_older_leg_is_busy():
    equal(_482(486, "failed")["status"], 486, "the status")


# ---- BYE and the dialog's target -----------------------------------------------------------------


def _bye_elsewhere(status):
    scene.serve()
    scene.register(proxies=True)
    scene.call_up()
    scene.primary.answers["BYE"] = None
    scene.backup.answers["BYE"] = status
    since, events = scene.hang_up()
    scene.call_is("ended", events)
    scene.ladder(since, """
         0.00 -> primary BYE
         0.10 -> primary BYE
         0.30 -> primary BYE
         0.70 -> backup  BYE
              <- backup  %d BYE
              -> backup  REGISTER
              <- backup  200 REGISTER
    """ % status)
    check(not scene.phone.find(events, event="request-failed"), "the BYE is no failure")


def B9_a_bye_sent_again_and_answered_481_is_success():
    _bye_elsewhere(481)


def B9_a_bye_sent_again_and_answered_408_is_success():
    _bye_elsewhere(408)


def _hung_up_after_failback(transport):
    scene.serve(transport)
    scene.primary.close()
    scene.register(scene.backup, failback=1, failback_interval=1)
    scene.call_up(scene.backup)
    scene.primary.open()
    scene.phone.wait(event="moved", kind="failback", to=scene.primary.target)
    since, events = scene.hang_up()
    scene.call_is("ended", events)
    scene.ladder(since, """
         0.00 -> backup BYE
              <- backup 200 BYE
    """)


def B9_a_call_is_hung_up_at_its_own_target_after_a_failback():
    _hung_up_after_failback("udp")


def B9_tcp_a_call_is_hung_up_at_its_own_target_after_a_failback():
    _hung_up_after_failback("tcp")


# ---- trying_timeout ------------------------------------------------------------------------------


def _only_100(transport):
    scene.serve(transport)
    scene.register(proxies=True, trying_timeout=1)
    since = scene.dial()
    invite = scene.primary.take("INVITE")
    scene.primary.reply(invite, 100)
    newer = scene.backup.take("INVITE")
    scene.primary.take("CANCEL")
    scene.primary.reply(invite, 487)
    scene.backup.reply(newer, 200)
    scene.call_is("up", target=scene.backup.target)
    sent = scene.record.sent
    trying, cancel, again = (wait_until(lambda: sent(*which, since), 5, which)[0] for which in (
        ("primary", "phone", "100 INVITE"), ("phone", "primary", "CANCEL"),
        ("phone", "backup", "INVITE")))
    for packet in cancel, again:
        waited = packet.at - trying.at
        check(0.99 <= waited <= 1.2, "%s after 1 s, not %.3f s" % (packet.what(), waited))
    equal(cancel.branch, invite.branch, "the CANCEL's branch")
    event = scene.phone.wait(event="unavailable", method="INVITE")
    equal(event["target"], scene.primary.target, "who was unavailable")


def B4a_trying_timeout_leaves_who_says_only_100():
    _only_100("udp")


def B4a_tcp_trying_timeout_leaves_who_says_only_100():
    _only_100("tcp")


def B4a_trying_timeout_spares_who_rings():
    scene.serve()
    scene.register(proxies=True, trying_timeout=1)
    scene.dial()
    invite = scene.primary.take("INVITE")
    scene.primary.reply(invite, 100)
    scene.primary.reply(invite, 180)
    time.sleep(1.3)
    equal(scene.backup.count("INVITE"), 0, "INVITEs at the backup")
    scene.primary.reply(invite, 200)
    scene.call_is("up", target=scene.primary.target)


# ---- the user hangs up ---------------------------------------------------------------------------


def _cancelled(transport, *statuses):
    """After these provisionals: CANCEL at once, and only to the INVITE's target."""
    scene.serve(transport)
    scene.register(proxies=True)
    scene.dial()
    invite = scene.primary.take("INVITE")
    for status in statuses:
        scene.primary.reply(invite, status)
    if statuses[-1] > 100:
        scene.call_is("ringing")
    else:
        scene.phone.wait(event="response", method="INVITE", status=statuses[-1])
    since, events = scene.hang_up()
    cancel = scene.primary.take("CANCEL")
    same([invite, cancel], "branch", "call_id", "from_tag", "cseq", "uri")
    scene.primary.reply(invite, 487)
    scene.call_is("ended", events)
    scene.ladder(since, """
         0.00 -> primary CANCEL
              <- primary 200 CANCEL
              <- primary 487 INVITE
        +0.20 -> primary ACK
    """, quiet=BUDGET + 0.1)


def B6c_hung_up_after_100():
    _cancelled("udp", 100)


def B6c_hung_up_after_180():
    _cancelled("udp", 100, 180)


def B6c_tcp_hung_up_after_100():
    _cancelled("tcp", 100)


def B6c_tcp_hung_up_after_180():
    _cancelled("tcp", 100, 180)


def _hung_up_before(transport, status):
    """Before any answer: no CANCEL (RFC 3261 9.1), and no other target is tried; what comes is
    tidied up."""
    scene.serve(transport)
    scene.register(proxies=True)
    scene.dial()
    invite = scene.primary.take("INVITE")
    _, events = scene.hang_up()
    scene.call_is("ended", events)
    time.sleep(BUDGET + 0.2)
    equal(scene.backup.count("INVITE"), 0, "INVITEs at the backup")
    equal(scene.primary.count("CANCEL"), 0, "CANCELs before an answer")
    since = scene.record.mark()
    scene.primary.reply(invite, status)
    return since, invite


def _then_180(transport):
    since, invite = _hung_up_before(transport, 180)
    scene.primary.take("CANCEL")
    scene.primary.reply(invite, 487)
    scene.ladder(since, """
              <- primary 180 INVITE
        +0.20 -> primary CANCEL
              <- primary 200 CANCEL
              <- primary 487 INVITE
        +0.20 -> primary ACK
    """)


def B6c_hung_up_before_any_answer_then_180():
    _then_180("udp")


def B6c_tcp_hung_up_before_any_answer_then_180():
    _then_180("tcp")


def B6c_hung_up_before_any_answer_then_200():
    since, _ = _hung_up_before("udp", 200)
    scene.ladder(since, """
              <- primary 200 INVITE
        +0.20 -> primary ACK
        +0.20 -> primary BYE
              <- primary 200 BYE
    """)


def B6c_hung_up_between_the_targets():
    """Two INVITEs are out, neither answered: no CANCEL, until one rings; both are tidied up."""
    walk = Walk()
    since, events = scene.hang_up()
    scene.call_is("ended", events)
    walk.backup.reply(walk.newer, 180)
    walk.backup.take("CANCEL")
    walk.backup.reply(walk.newer, 487)
    walk.backup.take("ACK")
    walk.primary.reply(walk.late, 200)
    scene.ladder(since, """
              <- backup  180 INVITE
        +0.20 -> backup  CANCEL
              <- backup  200 CANCEL
              <- backup  487 INVITE
        +0.20 -> backup  ACK
              <- primary 200 INVITE
        +0.20 -> primary ACK
        +0.20 -> primary BYE
              <- primary 200 BYE
    """)


def _during_the_register(transport):
    scene.serve(transport)
    scene.register()
    scene.backup.answers["REGISTER"] = None
    scene.dial()
    scene.primary.take("INVITE")
    register = scene.backup.take("REGISTER")
    since, events = scene.hang_up()
    scene.call_is("ended", events)
    scene.backup.reply(register, 200)
    # The registration is the line's, not the call's: it goes on.
    scene.phone.wait(events, event="registered", target=scene.backup.target)
    time.sleep(0.2)
    equal(scene.backup.count("INVITE"), 0, "INVITEs at the backup")
    whats = [p.what() for p in scene.record.of("phone", since)]
    check(set(whats) <= {"REGISTER", "200 REGISTER"}, "packets: %s" % whats)


def B6c_hung_up_during_the_inserted_register():
    _during_the_register("udp")


def B6c_tcp_hung_up_during_the_inserted_register():
    _during_the_register("tcp")


def _crossing(transport):
    """The 200 was under way when the user hung up: CANCEL comes too late."""
    scene.serve(transport)
    scene.register(proxies=True)
    scene.primary.answers["CANCEL"] = 481
    scene.dial()
    invite = scene.primary.take("INVITE")
    scene.primary.reply(invite, 180)
    scene.call_is("ringing")
    since, events = scene.hang_up()
    scene.primary.take("CANCEL")
    scene.primary.reply(invite, 200)
    scene.primary.take("BYE")
    scene.call_is("ended", events)
    scene.ladder(since, """
         0.00 -> primary CANCEL
              <- primary 481 CANCEL
              <- primary 200 INVITE
        +0.20 -> primary ACK
        +0.20 -> primary BYE
              <- primary 200 BYE
    """, quiet=BUDGET + 0.1)


def B6c_hung_up_while_the_200_is_under_way():
    _crossing("udp")


def B6c_tcp_hung_up_while_the_200_is_under_way():
    _crossing("tcp")


if __name__ == "__main__":
    tap.run([
        B7a_late_180_is_met_by_cancel,
        B7a_tcp_late_180_is_met_by_cancel,
        B7a_late_200_is_acknowledged_and_ended,
        B7a_tcp_late_200_is_acknowledged_and_ended,
        B7a_tls_late_200_is_acknowledged_and_ended,
        B7a_late_486_is_acknowledged,
        B7a_tcp_late_486_is_acknowledged,
        B7a_late_answers_while_the_backup_rings,
        B7a_after_64_T1_nobody_waits_any_more,
        B7b_a_late_200_is_adopted_while_the_backup_rings,
        B7b_tcp_a_late_200_is_adopted_while_the_backup_rings,
        B7b_the_newer_leg_that_has_not_answered_is_cancelled_when_it_rings,
        B7b_the_newer_leg_that_answers_too_is_ended,
        B7b_adopted_while_the_backup_registers,
        B7b_482_waits_for_the_older_leg,
        B7b_482_then_the_older_leg_is_busy,
        B9_a_bye_sent_again_and_answered_481_is_success,
        B9_a_bye_sent_again_and_answered_408_is_success,
        B9_a_call_is_hung_up_at_its_own_target_after_a_failback,
        B9_tcp_a_call_is_hung_up_at_its_own_target_after_a_failback,
        B4a_trying_timeout_leaves_who_says_only_100,
        B4a_tcp_trying_timeout_leaves_who_says_only_100,
        B4a_trying_timeout_spares_who_rings,
        B6c_hung_up_after_100,
        B6c_hung_up_after_180,
        B6c_tcp_hung_up_after_100,
        B6c_tcp_hung_up_after_180,
        B6c_hung_up_before_any_answer_then_180,
        B6c_tcp_hung_up_before_any_answer_then_180,
        B6c_hung_up_before_any_answer_then_200,
        B6c_hung_up_between_the_targets,
        B6c_hung_up_during_the_inserted_register,
        B6c_tcp_hung_up_during_the_inserted_register,
        B6c_hung_up_while_the_200_is_under_way,
        B6c_tcp_hung_up_while_the_200_is_under_way,
    ], scene.setup, scene.teardown)
