# SPDX-License-Identifier: MIT
"""faults.py - what can be wrong with the primary, one class each: how to make it so, what the phone
must call it, and how long the policy itself takes. Each is struck when the phone is registered at
the primary, or has a call up through it, and before the request of the cell."""

import time

from harness.knot import ZONE
from harness.tap import check

EVERY = ("udp", "tcp", "tls")
STREAMS = ("tcp", "tls")
METHODS = ("REGISTER", "INVITE", "BYE")
EARLY = 0.002  # s; no timer fires early (B19), but clocks are read to the ms
CONNECT_MARGIN = 0.005  # s; a connect is ended before the budget, to name the reason
BUDGET = 3.5  # s; B3a: three transmissions with T1 = 500 ms


class Fault:
    """A row of the matrix."""

    title = ""
    transports = EVERY
    methods = METHODS
    ipv6 = False  # tried with IPv6 too
    policy = 0.0  # s; what the policy takes by itself
    early = EARLY  # s; by so much it may be less
    reasons = {}  # transport -> how the phone calls it
    moves = True
    ends = ()  # requests that end with the primary's answer: nothing goes elsewhere (B22)
    asked = ()  # after these the primary itself is asked, and the line moves by its answer (B22)
    in_call = False  # a call is up, whatever the request
    drops_packets = False
    cuts = False  # a connection ends, and the phone notices (B15a)
    asks_primary = True  # the primary is tried first; otherwise time runs from the user's command
    same_registrar = False  # the backup is another address of the primary: no REGISTER (B5)
    zone = None  # records, where the primary is a domain name

    @property
    def name(self):
        return type(self).__name__

    def nodes(self, cell):
        """The servers of the configuration: name -> (address, port); port 0 = not given."""
        return {"primary": (cell.address["primary"], 5060),
                "backup": (cell.address["backup"], 5060)}

    def strike(self, cell):
        """Makes the primary so."""

    def afterwards(self, cell):
        """What else must hold when the request is done."""


def everywhere(reason):
    return dict.fromkeys(EVERY, reason)


GONE = {"udp": "icmp", "tcp": "refused", "tls": "refused"}


class nothing_listens(Fault):
    title = "nothing listens"
    cuts = True
    ipv6 = True
    reasons = GONE

    def strike(self, cell):
        cell.primary.command("down")


class silent(Fault):
    title = "silent"
    ipv6 = True
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
    cuts = True
    transports = STREAMS
    policy = BUDGET
    early = EARLY + CONNECT_MARGIN
    reasons = everywhere("connect-timeout")
    drops_packets = True

    def strike(self, cell):
        cell.network.drop("unconnectable", cell.address["primary"])
        cell.primary.command("down")


class reset_after_connect(Fault):
    title = "reset after connect"
    cuts = True
    transports = STREAMS
    reasons = {"tcp": "reset", "tls": "tls"}  # B4: a handshake that comes to nothing

    def strike(self, cell):
        cell.replace_primary("connect-reset")


class reset_after_request(Fault):
    title = "reset after the request"
    cuts = True
    ipv6 = True
    transports = STREAMS
    reasons = everywhere("reset")

    def strike(self, cell):
        cell.replace_primary("request-reset")


class handshake_stalls(Fault):
    title = "TLS handshake stalls"
    cuts = True
    transports = ("tls",)
    policy = BUDGET
    early = EARLY + CONNECT_MARGIN
    reasons = everywhere("tls")

    def strike(self, cell):
        cell.replace_primary("stall")


class certificate_of_another_name(Fault):
    title = "TLS certificate of another name"
    cuts = True
    transports = ("tls",)
    reasons = everywhere("tls")

    def strike(self, cell):
        cell.restart_primary("other-name")


class certificate_of_unknown_ca(Fault):
    title = "TLS certificate of an unknown CA"
    cuts = True
    transports = ("tls",)
    reasons = everywhere("tls")

    def strike(self, cell):
        cell.restart_primary("other-ca")


class certificate_expired(Fault):
    title = "TLS certificate expired"
    cuts = True
    transports = ("tls",)
    reasons = everywhere("tls")

    def strike(self, cell):
        cell.restart_primary("expired")


class status_500(Fault):
    title = "500"
    reasons = everywhere("status-500")
    ends = ("INVITE", "BYE")

    def strike(self, cell):
        cell.primary.command("status 500")


class status_503(Fault):
    title = "503"
    ipv6 = True
    reasons = everywhere("status-503")
    ends = ("BYE",)
    asked = ("INVITE",)

    def strike(self, cell):
        cell.primary.command("status 503")


class status_503_retry_after(status_503):
    title = "503 with Retry-After"
    ipv6 = False

    def strike(self, cell):
        cell.primary.command("status 503 60")

    def afterwards(self, cell):
        """B22c: a person's "register now" asks the primary at once, skipped or not."""
        if cell.method in self.ends:
            return
        events, at = cell.phone.mark(), time.time()
        cell.phone.command("register")
        cell.wait_first_to("primary", at)
        cell.phone.wait(events, event="registered", target=cell.backup.target)


class only_100(Fault):
    title = "100, then silence"
    cuts = True
    moves = False  # B4a: it is alive

    def strike(self, cell):
        cell.replace_primary("trying")

    def afterwards(self, cell):
        check(cell.phone.find(event="response", method=cell.method, status=100),
              "the 100 was not heard")


class dies_before_the_call(Fault):
    title = "dies between REGISTER and INVITE"
    cuts = True
    methods = ("INVITE",)
    reasons = GONE

    def strike(self, cell):
        cell.primary.process.crash()


class dies_in_a_call(Fault):
    title = "dies in a call"
    cuts = True
    reasons = GONE
    in_call = True

    def strike(self, cell):
        cell.primary.process.crash()


class DnsFault(Fault):
    """The primary is a domain name."""

    zone = "@ A %(primary)s"

    def nodes(self, cell):
        return dict(super().nodes(cell), primary=(ZONE, 5060))


class dns_name_gone(DnsFault):
    title = "DNS name gone"
    asks_primary = False  # B1b: it is no target any more

    def strike(self, cell):
        cell.dns.zone("")
        cell.phone.wait(event="dns", state="gone", timeout=12)


class dns_server_dead(DnsFault):
    title = "DNS server dead"
    moves = False  # B1b: the last good answer serves on

    def strike(self, cell):
        cell.dns.crash()
        cell.phone.wait(event="dns", state="stale", timeout=12)

    def afterwards(self, cell):
        check(cell.primary.done()[-1] == cell.method, "the primary's 200")


class first_address_dead(DnsFault):
    title = "first of three DNS addresses dead"
    cuts = True
    reasons = GONE
    same_registrar = True
    zone = "\n".join("%s SRV %d 0 5060 %s\n%s A %%(%s)s" % (service, place, host, host, host)
                     for place, host in enumerate(("primary", "backup", "third"))
                     for service in ("_sip._udp", "_sip._tcp", "_sips._tcp"))

    def nodes(self, cell):
        return {"primary": (ZONE, 0)}

    def strike(self, cell):
        cell.primary.process.crash()


FAULTS = tuple(fault() for fault in (
    nothing_listens, silent, packets_dropped, syn_dropped, reset_after_connect, reset_after_request,
    handshake_stalls, certificate_of_another_name, certificate_of_unknown_ca, certificate_expired,
    status_500, status_503, status_503_retry_after, only_100, dies_before_the_call, dies_in_a_call,
    dns_name_gone, dns_server_dead, first_address_dead))
