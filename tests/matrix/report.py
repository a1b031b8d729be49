# SPDX-License-Identifier: MIT
"""report.py - what came out: TAP, and the table of doc/matrix.md."""

from cell import OVERHEAD, RELAXED, STAYS
from faults import CONNECT_MARGIN, EVERY, FAULTS, METHODS

HEAD = """# Every fault, measured%(with)s

The phone is registered at the primary (and has a call up, for BYE and "dies in a call"). Then the
primary falls ill and the user asks for the request of the column: `register`, a call, hanging up.
The time is the kernel's: from the first packet (or connect) to the primary to the first packet (or
connect) to the backup. *Policy* is what the rules themselves take (doc/behaviour.md, B3a: 3.5 s
without an answer; nothing for what is known at once). In no cell may the measured time exceed it by
more than %(overhead)d ms, nor a timer be early.

A cell also demands that the phone names this *reason*, that the backup answers a REGISTER first and
then the request, each once (B5), and that the phone is told so. And:

- On TCP and TLS a line notices the end of its connection by itself (B15a): where the fault ends it,
  the time is that of the line's own REGISTER, and the user's request follows it to the backup.
- A 500 to INVITE or BYE, and a 503 to BYE, is the answer: the request *ends* with it, and nothing goes
  to the backup in %(stays).1f s (B22). A call that was answered 503 goes on at the backup at once; the
  line follows because the primary, asked itself, refuses a REGISTER too.
- After a 503 with Retry-After a person's `register` asks the primary at once (B22c).
- After "100, then silence" the line does not move (B4a): *stays* means that nothing went to the
  backup in %(stays).1f s, and that the 100 was heard.
- A connect that is not answered, or a stalled handshake, is ended %(margin)d ms before the policy's
  time, so that its reason is told and not just that there was no answer.
- A connection reset during the TLS handshake is a failed handshake.
- "DNS name gone": the DNS says so when the record's TTL has ended; the primary is no target any
  more (B1b), and the time is taken from the user's command. "DNS server dead": the last good answer
  serves on, and the primary answers. "First of three DNS addresses dead": the next address of the
  same registrar takes its place, so there is no REGISTER before INVITE and BYE; the line registers
  there in the background (B23d).

`-`: makes no sense there. *skipped*: not tried, for the reason below, and never counted as passed.
*explained*: the stack cannot do it, for the reason below (tests/matrix/explained.py); tried, and
never counted as passed.
*(2)*, *(3)*: the second or third run; a busy machine may delay one.

Made by, in a build directory:

    top_builddir=. SOURCE/tests/matrix/matrix.py%(option)s --table > SOURCE/doc/%(file)s

The same with the phone under valgrind, or in a build with sanitizers with them: `make
check-matrix-memory`. Then the phone must end without an error or a leak too, and times are bounded
to %(relaxed).0f s only, as it is slow.
"""
NAMES = {"udp": "UDP", "tcp": "TCP", "tls": "TLS"}


def duration(seconds):
    return "%.3f s" % seconds if abs(seconds) >= 1 else "%.1f ms" % (seconds * 1000)


class Outcome:
    """How a cell went: a result, or why there is none. explained: why the stack cannot do it."""

    def __init__(self, cell, result=None, skip=None, failure=None, explained=None):
        self.cell = cell
        self.result = result
        self.skip = skip
        self.failure = failure
        self.explained = None
        if explained and self.passed:
            self.result, self.failure = None, "passes, though it is explained why it cannot: " + \
                explained
        elif not skip:
            self.explained = explained

    @property
    def passed(self):
        return bool(self.result and self.result.in_time)

    def tap(self, number):
        """Lines."""
        for line in (self.failure or "").rstrip().splitlines():
            yield "# " + line
        words = "%d - %s%s" % (number, self.cell.name, self._measured())
        if self.skip:
            yield "ok %s # SKIP %s" % (words, self.skip)
        elif self.explained:
            yield "not ok %s # TODO %s" % (words, self.explained)
        else:
            yield ("ok " if self.passed else "not ok ") + words

    def _word(self):
        return "ends" if self.cell.method in self.cell.fault.ends else "stays"

    def _measured(self):
        if not self.result:
            return ""
        if self.result.seconds is None:
            return " %s (for %.1f s)" % (self._word(), STAYS)
        run = ", run %d" % self.result.runs if self.result.runs > 1 else ""
        return " moved in %s (policy %.1f s, overhead %s%s)" % (
            duration(self.result.seconds), self.result.policy, duration(self.result.overhead), run)

    def text(self):
        """In the table."""
        if self.skip:
            return "skipped"
        if self.explained:
            return "explained"
        if not self.result:
            return "**FAILED**"
        if self.result.seconds is None:
            return self._word()
        run = " (%d)" % self.result.runs if self.result.runs > 1 else ""
        text = duration(self.result.seconds) + run
        return text if self.result.in_time else "**%s**" % text


def _must(fault, transport):
    if not fault.moves:
        return "stays", "-"
    return "%.1f s" % fault.policy, fault.reasons.get(transport, "-")


def _section(ipv6, transport, outcomes):
    yield "## " + NAMES[transport] + (" over IPv6" if ipv6 else "")
    yield ""
    yield "| fault | reason | policy | " + " | ".join(METHODS) + " |"
    yield "|---|---|---|" + "---|" * len(METHODS)
    for fault in FAULTS:
        if ipv6 > fault.ipv6:
            continue
        if transport not in fault.transports:
            yield "| %s | - | - |%s" % (fault.title, " - |" * len(METHODS))
            continue
        policy, reason = _must(fault, transport)
        cells = [outcomes[ipv6, transport, fault, method].text()
                 if (ipv6, transport, fault, method) in outcomes else "-" for method in METHODS]
        yield "| %s | %s | %s | %s |" % (fault.title, reason, policy, " | ".join(cells))
    yield ""


def counts(outcomes):
    """(passed, failed, skipped, explained)"""
    skipped = sum(1 for o in outcomes if o.skip)
    explained = sum(1 for o in outcomes if o.explained)
    passed = sum(1 for o in outcomes if o.passed)
    return passed, len(outcomes) - passed - skipped - explained, skipped, explained


def _named(stack):
    """What the head says of the stack."""
    if stack == "osip2":
        return {"with": "", "option": "", "file": "matrix.md"}
    return {"with": ", with " + stack, "option": " --stack " + stack,
            "file": "matrix-%s.md" % stack}


def table(outcomes, stack):
    """The document."""
    found = {(o.cell.ipv6, o.cell.transport, o.cell.fault, o.cell.method): o for o in outcomes}
    lines = [HEAD % {"overhead": OVERHEAD * 1000, "stays": STAYS, "relaxed": RELAXED,
                     "margin": CONNECT_MARGIN * 1000, **_named(stack)}]
    for ipv6 in False, True:
        for transport in EVERY:
            lines += _section(ipv6, transport, found)
    measured = [o.result.overhead for o in outcomes if o.passed and o.result.overhead is not None]
    lines.append("%d passed, %d failed, %d skipped, %d explained." % counts(outcomes))
    if measured:
        lines.append("Largest overhead: %s." % duration(max(measured)))
    lines += ["", *("Skipped: " + reason + "." for reason in
                    sorted({o.skip for o in outcomes if o.skip}))]
    lines += ["Explained: %s: %s." % (o.cell.name, o.explained) for o in outcomes if o.explained]
    return "\n".join(lines).rstrip()
