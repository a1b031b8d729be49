# SPDX-License-Identifier: MIT
"""scene.py - the set-up of a script whose servers do what each test tells them: a primary and a
backup that are parties (party.py), a phone, the recording."""

import os
import ssl
import subprocess

from . import peers
from .block import Block
from .party import Party
from .phone import Phone, need_claim, need_program, write_config
from .process import workdir
from .tap import check
from .wire import Record, Wire, allow_recording

HOSTS = {"phone": 10, "primary": 11, "backup": 12, "stranger": 13, "registrar": 20}
MAKE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "make-certificates")
T1 = 100  # ms
BUDGET = 0.7  # s; B3a: three transmissions


def make_certificates(directory, addresses):
    """A CA and for each name a certificate of its address; returns their directory."""
    peers.need("openssl")
    directory = os.path.join(workdir(), directory)
    pairs = ["%s=IP:%s" % pair for pair in addresses.items()]
    done = subprocess.run(["sh", MAKE, directory, *pairs], capture_output=True, text=True,
                          timeout=20, check=False)
    check(done.returncode == 0, "certificates: " + done.stderr)
    return directory


def server_context(certificate, client_ca=None):
    """For a party that serves TLS; client_ca: it demands a certificate of that CA."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.replace(".pem", ".key"))
    if client_ca:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(client_ca)
    return context


class Scene:
    """addresses: name -> address; without, those of a block of loopback addresses."""

    def __init__(self, addresses=None):
        self.address = addresses
        self.phone = self.wire = self.record = self.directory = None
        self.transport = "udp"
        self.parties = []

    def setup(self):
        need_program()
        if not self.address:
            allow_recording()
            self._block = Block()
            self.address = {name: self._block.address(host) for name, host in HOSTS.items()}
            self.wire = Wire(self._names())

    def _names(self):
        return {address: name for name, address in self.address.items()}

    def teardown(self):
        if self.phone:
            self.phone.process.crash()
            self.phone = None
        for party in self.parties:
            party.close()
        self.parties.clear()

    # ---- who is there ----

    def serve(self, transport="udp", client_ca=None):
        """A primary and a backup, in good health; client_ca: the CA of the certificates that they
        demand."""
        need_claim(transport)
        self.transport = transport
        self.record = self.wire if transport == "udp" and self.wire else Record(self._names())
        self.primary, self.backup = (self.party(name, client_ca=client_ca)
                                     for name in ("primary", "backup"))

    def party(self, name, certificate=None, client_ca=None):
        """certificate: whose it shows, if not its own."""
        context = None
        if self.transport == "tls":
            context = server_context(self.certificate(certificate or name),
                                     client_ca and self.certificate(client_ca))
        note_in = None if self.record is self.wire else self.record
        party = Party(name, self.address[name], self.transport, note_in, context)
        self.parties.append(party)
        return party

    def certificate(self, name):
        """The file of the certificate of that party, or of "ca"; a stranger's is of its own CA."""
        if not self.directory:
            own = {name: address for name, address in self.address.items() if name != "stranger"}
            self.directory = make_certificates("certificates", own)
            make_certificates("certificates-of-a-stranger",
                              {"stranger": self.address["stranger"]})
        directory = self.directory + "-of-a-stranger" if name == "stranger" else self.directory
        return os.path.join(directory, name + ".pem")

    def nodes(self, proxies):
        if proxies:
            return {"server primary": self.address["registrar"],
                    "proxy primary": self.address["primary"],
                    "proxy backup": self.address["backup"]}
        return {"server primary": self.address["primary"], "server backup": self.address["backup"]}

    def start_phone(self, proxies=False, device=(), options=(), **settings):
        """Starts the phone: two registrars, or one behind two proxies. Returns the place in the
        recording."""
        device = list(device)
        if self.transport == "tls":
            device.append('tls_ca_file = "%s"' % self.certificate("ca"))
        config = write_config("v3", self.nodes(proxies), transport=self.transport, device=device,
                              **{"t1": T1, "t2": 4 * T1, "t4": 4 * T1, **settings})
        since = self.record.mark()
        self.phone = Phone(self.address["phone"], config, *options)
        return since

    def register(self, at=None, timeout=5, **settings):
        """Starts the phone and waits until it is registered there: at the primary."""
        since = self.start_phone(**settings)
        self.registered(at or self.primary, timeout)
        return since

    def registered(self, at, timeout=5, since=0):
        self.phone.wait(since, event="registered", target=at.target, timeout=timeout)

    # ---- the user ----

    def dial(self):
        """Returns the place in the recording."""
        since = self.record.mark()
        self.phone.command("call callee")
        return since

    def call_up(self, at=None):
        """A call that is up through the primary, or the party given."""
        at = at or self.primary
        since, events = self.dial(), self.phone.mark()
        at.reply(at.take("INVITE"), 200)
        at.take("ACK")
        self.call_is("up", events)
        return since

    def hang_up(self):
        """Returns the places in the recording and among the events."""
        places = self.record.mark(), self.phone.mark()
        self.phone.command("hangup")
        return places

    def call_is(self, state, since=0, **members):
        return self.phone.wait(since, event="call", state=state, **members)

    def ladder(self, since, expected, timeout=5, quiet=0.15):
        return self.record.ladder("phone", since, expected, timeout, quiet)
