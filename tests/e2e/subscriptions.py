#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Subscriptions follow the line (B40): message waiting and busy lamps, through a failover."""

import itertools
import sys

sys.dont_write_bytecode = True

from harness import tap
from harness.process import wait_until
from harness.scene import Scene
from harness.tap import check, equal

scene = Scene()
_number = itertools.count(1)

SUMMARY = "Messages-Waiting: yes\r\nMessage-Account: sip:1001@example.net\r\nVoice-Message: 2/8 (0/1)\r\n"
LAMP = ('<?xml version="1.0"?>\n<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="0" state="full" '
        'entity="sip:1002@example.net">\n<dialog id="1"><state>confirmed</state></dialog>\n</dialog-info>\n')
TYPES = {"message-summary": "application/simple-message-summary", "dialog": "application/dialog-info+xml"}


class Notifier:
    """What a party does with a SUBSCRIBE that it has got."""

    def __init__(self, party, subscribe):
        self.party = party
        self.subscribe = subscribe
        self.package = subscribe.header("Event")
        self._cseq = 0

    def accept(self, expires=600):
        self.party.reply(self.subscribe, 200, headers=["Expires: %d" % expires,
                                                       "Contact: " + self.party.contact()])

    def notify(self, body, state="active;expires=500"):
        """Sends one, and returns the status of its answer."""
        self._cseq += 1
        to = self.subscribe.header("From")
        sender = self.subscribe.header("To") + ";tag=" + self.party.tag
        contact = self.subscribe.header("Contact").split("<")[1].split(">")[0]
        lines = ["NOTIFY %s SIP/2.0" % contact,
                 "Via: SIP/2.0/%s %s;branch=z9hG4bKn%d;rport" % (
                     self.party.transport.upper(), self.party.where, next(_number)),
                 "Max-Forwards: 70", "From: " + sender, "To: " + to,
                 "Call-ID: " + self.subscribe.call_id, "CSeq: %d NOTIFY" % self._cseq,
                 "Contact: " + self.party.contact(), "Event: " + self.package,
                 "Subscription-State: " + state, "Content-Type: " + TYPES[self.package],
                 "Content-Length: %d" % len(body), "", body]
        self.subscribe.way.send("\r\n".join(lines))
        return wait_until(self._answer, 10, "an answer to NOTIFY").status

    def _answer(self):
        return next((message for message in list(self.party.messages) if message.is_response and
                     message.call_id == self.subscribe.call_id and message.method == "NOTIFY" and
                     message.cseq == str(self._cseq)), None)


def subscribed(party):
    return Notifier(party, party.take("SUBSCRIBE", 10))


def state_is(state, package, party, since=0):
    return scene.phone.wait(since, event="subscription", subscription=package, state=state,
                            target=party.target, timeout=10)


def fail_over():
    """The primary falls silent, and the line finds out."""
    scene.primary.answers["REGISTER"] = None
    since = scene.phone.mark()
    scene.phone.command("register")
    scene.registered(scene.backup, 10, since)
    return since


def _through_a_failover(transport):
    scene.serve(transport)
    scene.register(subscribe="message-summary")
    old = subscribed(scene.primary)
    old.accept()
    equal(state_is("active", "message-summary", scene.primary)["expires"], 600, "expires")
    equal(old.notify(SUMMARY), 200, "the answer to NOTIFY")
    told = scene.phone.wait(0, event="notify", subscription="message-summary", timeout=10)
    equal(told["body"], SUMMARY, "the body")
    equal(told["state"], "active", "the state")

    since = fail_over()
    new = subscribed(scene.backup)
    check(new.subscribe.call_id != old.subscribe.call_id, "a dialog of its own")
    check(not new.subscribe.to_tag, "the new server has no dialog yet")
    if transport == "udp":  # a connection that was silent is closed
        equal(old.notify(SUMMARY), 200, "the old server is heard meanwhile (B21)")
    new.accept()
    state_is("active", "message-summary", scene.backup, since)
    if transport == "udp":
        equal(old.notify(SUMMARY), 481, "and not any more when the new one stands")
    equal(new.notify("Messages-Waiting: no\r\n"), 200, "the new one")
    scene.phone.wait(since, event="notify", target=scene.backup.target, timeout=10)


def B40_message_waiting_through_a_failover():
    _through_a_failover("udp")


def B40_tcp_message_waiting_through_a_failover():
    _through_a_failover("tcp")


def B40_lamps_and_messages_one_at_a_time():
    scene.serve()
    scene.register(subscribe='{ message-summary, "dialog;target=1002" }')
    first = subscribed(scene.primary)
    check(scene.primary.transactions("SUBSCRIBE") == 1, "one at a time")
    first.accept()
    second = subscribed(scene.primary)
    second.accept()
    lamp, summary = (first, second) if first.package == "dialog" else (second, first)
    check(lamp.subscribe.uri.startswith("sip:1002@"), "the colleague's address: " + lamp.subscribe.uri)
    check(summary.subscribe.uri.startswith("sip:1001@"), "the line's own: " + summary.subscribe.uri)
    equal(lamp.notify(LAMP), 200, "the lamp's NOTIFY")
    told = scene.phone.wait(0, event="notify", subscription="dialog;target=1002", timeout=10)
    equal(told["body"], LAMP, "the body")
    scene.phone.command("status")
    said = "dialog;target=1002 is active at %s: confirmed" % scene.primary.target
    wait_until(lambda: said in scene.phone.process.log(), 10, said)


def B40_what_a_server_does_not_offer_is_not_asked_again():
    scene.serve()
    scene.register(subscribe="message-summary")
    scene.primary.reply(scene.primary.take("SUBSCRIBE", 10), 489)
    told = state_is("refused", "message-summary", scene.primary)
    equal(told["status"], 489, "the status")
    equal(told["again"], None, "again")
    fail_over()
    since = scene.phone.mark()
    scene.phone.command("options")
    scene.phone.wait(since, event="response", method="OPTIONS", timeout=10)
    equal(scene.backup.count("SUBSCRIBE"), 0, "SUBSCRIBEs at the backup")


def B40_a_phone_that_ends_takes_its_subscriptions_along():
    scene.serve()
    scene.register(subscribe="message-summary")
    subscribed(scene.primary).accept()
    state_is("active", "message-summary", scene.primary)
    scene.phone.command("quit")
    last = scene.primary.take("SUBSCRIBE", 10)
    equal(last.header("Expires"), "0", "Expires of the last SUBSCRIBE")


if __name__ == "__main__":
    tap.run([
        B40_message_waiting_through_a_failover,
        B40_tcp_message_waiting_through_a_failover,
        B40_lamps_and_messages_one_at_a_time,
        B40_what_a_server_does_not_offer_is_not_asked_again,
        B40_a_phone_that_ends_takes_its_subscriptions_along,
    ], scene.setup, scene.teardown)
