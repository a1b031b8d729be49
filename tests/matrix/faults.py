# SPDX-License-Identifier: MIT
"""faults.py - what can be wrong with the primary, one class each: how to make it so, what the phone
must call it, and how long the policy itself takes. Each is struck when the phone is registered at the
primary, or has a call up through it, and before the request of the cell."""

from harness.tap import check

EVERY = ("udp", "tcp", "tls")
STREAMS = ("tcp", "tls")
METHODS = ("REGISTER", "INVITE", "BYE")
BUDGET = 3.5  # s; B3a: three transmissions with T1 = 500 ms


class Fault:
    """A row of the matrix."""

    title = ""
    transports = EVERY
    methods = METHODS
    policy = 0.0  # s; what the policy takes by itself
    reasons = {}  # transport -> how the phone calls it
    moves = True
    in_call = False  # a call is up, whatever the request
    drops_packets = False

    @property
    def name(self):
        return type(self).__name__

    def strike(self, cell):
        """Makes the primary so."""

    def afterwards(self, cell):
        """What else must hold when the request is done."""


def everywhere(reason):
    return dict.fromkeys(EVERY, reason)


GONE = {"udp": "icmp", "tcp": "refused", "tls": "refused"}


class nothing_listens(Fault):
    title = "nothing listens"
    reasons = GONE

    def strike(self, cell):
        cell.primary.command("down")


class silent(Fault):
    title = "silent"
    policy = BUDGET
    reasons = everywhere("no-answer")

    def strike(self, cell):
        cell.primary.command("silent")


class packets_dropped(Fault):
    title = "packets dropped in the network"
    policy = BUDGET
    reasons = everywhere("no-answer")
    drops_packets = True

    def strike(self, cell):
        cell.network.drop("silent", cell.address["primary"])


class syn_dropped(Fault):
    title = "SYN dropped"
    transports = STREAMS
    policy = BUDGET
    reasons = everywhere("connect-timeout")
    drops_packets = True

    def strike(self, cell):
        cell.network.drop("unconnectable", cell.address["primary"])
        cell.primary.command("down")


class reset_after_connect(Fault):
    title = "reset after connect"
    transports = STREAMS
    reasons = everywhere("reset")

    def strike(self, cell):
        cell.replace_primary("reset")


class handshake_stalls(Fault):
    title = "TLS handshake stalls"
    transports = ("tls",)
    policy = BUDGET
    reasons = everywhere("tls")

    def strike(self, cell):
        cell.replace_primary("stall")


class certificate_of_another_name(Fault):
    title = "TLS certificate of another name"
    transports = ("tls",)
    reasons = everywhere("tls")

    def strike(self, cell):
        cell.restart_primary("other-name")


class certificate_of_unknown_ca(Fault):
    title = "TLS certificate of an unknown CA"
    transports = ("tls",)
    reasons = everywhere("tls")

    def strike(self, cell):
        cell.restart_primary("other-ca")


class certificate_expired(Fault):
    title = "TLS certificate expired"
    transports = ("tls",)
    reasons = everywhere("tls")

    def strike(self, cell):
        cell.restart_primary("expired")


class status_500(Fault):
    title = "500"
    reasons = everywhere("status-500")

    def strike(self, cell):
        cell.primary.command("status 500")


class status_503(Fault):
    title = "503"
    reasons = everywhere("status-503")

    def strike(self, cell):
        cell.primary.command("status 503")


class status_503_retry_after(Fault):
    title = "503 with Retry-After"
    reasons = everywhere("status-503")

    def strike(self, cell):
        cell.primary.command("status 503 60")

    def afterwards(self, cell):
        """B4c: the primary is skipped, although it is the one to start at (B17)."""
        since, events = cell.wire.mark(), cell.phone.mark()
        cell.phone.command("register")
        cell.phone.wait(events, event="registered", target=cell.backup.target)
        check(not cell.first_to("primary", since), "B4c: the primary is asked again")


class only_100(Fault):
    title = "100, then silence"
    moves = False  # B4a: it is alive

    def strike(self, cell):
        cell.replace_primary("trying")


class dies_before_the_call(Fault):
    title = "dies between REGISTER and INVITE"
    methods = ("INVITE",)
    reasons = GONE

    def strike(self, cell):
        cell.primary.process.crash()


class dies_in_a_call(Fault):
    title = "dies in a call"
    reasons = GONE
    in_call = True

    def strike(self, cell):
        cell.primary.process.crash()


FAULTS = tuple(fault() for fault in (
    nothing_listens, silent, packets_dropped, syn_dropped, reset_after_connect, handshake_stalls,
    certificate_of_another_name, certificate_of_unknown_ca, certificate_expired, status_500,
    status_503, status_503_retry_after, only_100, dies_before_the_call, dies_in_a_call))
