# SPDX-License-Identifier: MIT
"""colleagues.py - the phone's user and a colleague call each other through the servers under test."""

from .process import wait_until
from .tap import check

PATIENCE = 30  # s, for what takes a moment on an idle machine


class Colleagues:
    """The phone, and a subscriber (subscriber.py)."""

    def __init__(self, phone, colleague):
        self.phone = phone
        self.colleague = colleague

    def call_is(self, state, since, **members):
        return self.phone.wait(since, event="call", state=state, timeout=PATIENCE, **members)

    def registered(self, target, since=0, timeout=PATIENCE):
        return self.phone.wait(since, event="registered", target=target, timeout=timeout)

    def register_again(self, target):
        since = self.phone.mark()
        self.phone.command("register")
        return self.registered(target, since)

    def call(self, number="2000", server=None):
        """The user calls, and the colleague answers; returns the INVITE that came. server: the
        address that From must name (B23)."""
        since = self.phone.mark()
        self.phone.command("call " + number)
        invite = self.colleague.has_call(PATIENCE)
        self.call_is("up", since)
        caller = invite.header("From")
        check(server is None or "@" + server in caller, "From " + caller)
        return invite

    def hang_up(self):
        """The user hangs up; the colleague hears of it."""
        since, before = self.phone.mark(), self.colleague.count("BYE")
        self.phone.command("hangup")
        self.call_is("ended", since)
        wait_until(lambda: self.colleague.count("BYE") > before, PATIENCE,
                   "a BYE at the colleague")

    def is_called(self, server):
        """The colleague calls through the server, the user answers, the colleague hangs up."""
        since = self.phone.mark()
        call = self.colleague.call("1001", server)
        self.call_is("ringing", since)
        self.phone.command("answer")
        call.ack(call.answer("200 INVITE", PATIENCE))
        self.call_is("up", since)
        call.ask("BYE")
        call.answer("200 BYE", PATIENCE)
        self.call_is("ended", since)
