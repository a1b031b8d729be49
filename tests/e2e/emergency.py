#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The emergency call (B36) with three servers: silent, refusing, busy with others, or saying 100 and no
more, over each transport. The second server's name has two addresses."""

import os
import subprocess
import sys

sys.dont_write_bytecode = True

from harness import scene as scenes
from harness import tap
from harness.process import workdir
from harness.scene import Scene
from harness.tap import check, equal

NAME = "servers.invalid"
RACE = 1.0  # s
EARLY = 0.002  # s; clocks are read to the ms
LONG = 15  # s; no verdict on how fast the machine is
scenes.HOSTS["third"] = 14


class Three(Scene):
    """Primary, backup and third; the latter two are addresses of one name."""

    def nodes(self, proxies):
        return {"server primary": self.address["primary"], "server backup": NAME}

    def certificate(self, name):
        if not self.directory:
            self.directory = os.path.join(workdir(), "certificates")
            names = ["primary=IP:" + self.address["primary"], "backup=DNS:" + NAME, "third=DNS:" + NAME]
            subprocess.run(["sh", scenes.MAKE, self.directory, *names], capture_output=True,
                           timeout=60, check=True)
        return os.path.join(self.directory, name + ".pem")

    def begin(self, transport="udp", **settings):
        """The servers, and the phone; nobody listens at its DNS."""
        self.serve(transport)
        self.third = self.party("third")
        static = '"%s=%s", "%s"' % (NAME, self.address["backup"], self.address["third"])
        self.start_phone(device=["static_dns = { %s }" % static],
                         options=("--dns", self.address["stranger"]), **settings)

    def call(self, number="112"):
        """Returns the place among the events."""
        events = self.phone.mark()
        self.phone.command("call " + number)
        return events


scene = Three()


def registered(transport="udp"):
    scene.begin(transport)
    scene.registered(scene.primary, LONG)


def up_at(party, invite, events):
    party.reply(invite, 180)
    scene.call_is("ringing", events, target=party.target, timeout=LONG, emergency=True)
    party.reply(invite, 200)
    party.take("ACK", LONG)
    scene.call_is("up", events, target=party.target, timeout=LONG, emergency=True)


def hung_up_at(party):
    scene.hang_up()
    party.take("BYE", LONG)


def no_earlier_than(seconds, party, events):
    """Asked so long after the first one, as the phone tells it: who hears may be late."""
    asked = {"event": "attempt", "method": "INVITE"}
    first, later = (scene.phone.find(events, target=who.target, **asked)
                    for who in (scene.primary, party))
    check(later["t"] - first["t"] >= seconds - EARLY,
          "asked after %.3f s, and not %.3f s" % (later["t"] - first["t"], seconds))


def _two_silent(transport):
    registered(transport)
    events = scene.call()
    first = scene.primary.take("INVITE", LONG)
    second, third = scene.backup.take("INVITE", LONG), scene.third.take("INVITE", LONG)
    no_earlier_than(RACE, scene.backup, events)
    no_earlier_than(2 * RACE, scene.third, events)
    up_at(scene.third, third, events)
    scene.backup.reply(second, 180)  # no CANCEL before: RFC 3261 9.1
    cancel = scene.backup.take("CANCEL", LONG)
    equal(cancel.branch, second.branch, "the branch of the CANCEL")
    scene.backup.reply(second, 487)
    scene.primary.reply(first, 200)
    scene.primary.take("ACK", LONG)
    scene.primary.take("BYE", LONG)
    check(not scene.phone.find(events, event="moved"), "the line has moved (B36g)")
    check(not scene.phone.find(events, event="call", state="ended"), "the call has ended")
    hung_up_at(scene.third)


def B36a_two_silent():
    _two_silent("udp")


def B36a_tcp_two_silent():
    _two_silent("tcp")


def B36a_tls_two_silent():
    _two_silent("tls")


def _trying(transport):
    registered(transport)
    events = scene.call()
    first = scene.primary.take("INVITE", LONG)
    scene.primary.reply(first, 100)
    second = scene.backup.take("INVITE", LONG)
    no_earlier_than(RACE, scene.backup, events)
    up_at(scene.backup, second, events)
    equal(scene.primary.take("CANCEL", LONG).branch, first.branch, "the branch of the CANCEL")
    scene.primary.reply(first, 487)
    scene.primary.take("ACK", LONG)
    hung_up_at(scene.backup)


def B36a_100_alone():
    _trying("udp")


def B36a_tcp_100_alone():
    _trying("tcp")


def B36a_tls_100_alone():
    _trying("tls")


def _refused(transport):
    registered(transport)
    scene.primary.close()
    events = scene.call()
    scene.backup.reply(scene.backup.take("INVITE", LONG), 503)
    up_at(scene.third, scene.third.take("INVITE", LONG), events)
    hung_up_at(scene.third)


def B36a_refused_and_503():
    _refused("udp")


def B36a_tcp_refused_and_503():
    _refused("tcp")


def B36a_tls_refused_and_503():
    _refused("tls")


def B36b_needs_no_registration():
    scene.begin()
    scene.primary.answers["REGISTER"] = None
    scene.primary.take("REGISTER", LONG)
    events = scene.call()
    up_at(scene.primary, scene.primary.take("INVITE", LONG), events)


def B36c_the_first_that_rings_keeps_it():
    registered()
    events = scene.call()
    first, second = scene.primary.take("INVITE", LONG), scene.backup.take("INVITE", LONG)
    up_at(scene.primary, first, events)
    scene.backup.reply(second, 200)
    scene.backup.take("ACK", LONG)
    scene.backup.take("BYE", LONG)
    hung_up_at(scene.primary)


def B36d_again_and_until_the_user_hangs_up():
    registered()
    scene.backup.close()
    scene.third.close()
    events = scene.call()
    for _ in range(2):
        scene.primary.reply(scene.primary.take("INVITE", LONG), 503)
    last = scene.primary.take("INVITE", LONG)
    scene.primary.reply(last, 100)
    scene.phone.wait(events, event="response", status=100, timeout=LONG)
    scene.hang_up()
    scene.primary.take("CANCEL", LONG)
    scene.primary.reply(last, 487)
    scene.call_is("ended", events, timeout=LONG)


def B36_a_service():
    registered()
    events = scene.call("urn:service:sos.fire")
    invite = scene.primary.take("INVITE", LONG)
    equal(invite.uri, "urn:service:sos.fire", "the Request-URI")
    up_at(scene.primary, invite, events)
    hung_up_at(scene.primary)


def B36_other_numbers_are_ordinary_calls():
    registered()
    events = scene.call("1120")
    scene.primary.reply(scene.primary.take("INVITE", LONG), 404)
    news = scene.call_is("failed", events, status=404, timeout=LONG)
    check("emergency" not in news, "it is no emergency call")


if __name__ == "__main__":
    tap.run([
        B36a_two_silent,
        B36a_tcp_two_silent,
        B36a_tls_two_silent,
        B36a_100_alone,
        B36a_tcp_100_alone,
        B36a_tls_100_alone,
        B36a_refused_and_503,
        B36a_tcp_refused_and_503,
        B36a_tls_refused_and_503,
        B36b_needs_no_registration,
        B36c_the_first_that_rings_keeps_it,
        B36d_again_and_until_the_user_hangs_up,
        B36_a_service,
        B36_other_numbers_are_ordinary_calls,
    ], scene.setup, scene.teardown)
