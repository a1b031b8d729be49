# SPDX-License-Identifier: MIT
"""servers.py - the set-up of a script with two failover-servers, which can be told what to do, and a
phone."""

import itertools
import os
import subprocess

from . import peers
from .block import Block
from .phone import Phone, need_claim, need_program, write_config
from .process import Process, build_path, wait_until, workdir
from .tap import Skip, check

HERE = os.path.dirname(os.path.abspath(__file__))
PORTS = {"udp": 5060, "tcp": 5060, "tls": 5061}


class Server:
    """One run of failover-server."""

    runs = itertools.count(1)

    def __init__(self, name, address, transport, certificate=None):
        self.where = "%s:%d" % (address, PORTS[transport])
        self.target = self.where + ";transport=" + transport
        argv = [build_path("failover-server"), "--listen", self.where, "--transport", transport,
                "--user", "1001:secret"]
        if transport == "tls":
            argv += ["--cert", certificate + ".pem", "--key", certificate + ".key"]
        self.process = Process("%s-%d" % (name, next(self.runs)), argv, stdin=subprocess.PIPE)
        wait_until(lambda: "listening on" in self.process.log(), 5, "listens")

    def command(self, text):
        seen = self.process.log().count(" -- " + text + "\n")
        self.process.child.stdin.write((text + "\n").encode())
        self.process.child.stdin.flush()
        wait_until(lambda: self.process.log().count(" -- " + text + "\n") > seen, 5, text)


class World:
    """What a test has: addresses, certificates, and the programs that it started."""

    def setup(self):
        need_program()
        if not os.access(build_path("failover-server"), os.X_OK):
            raise Skip("failover-server is not part of this build")
        self.block = Block()
        self.address = {name: self.block.address(host)
                        for name, host in {"phone": 10, "primary": 11, "backup": 12}.items()}
        self.certificates = os.path.join(workdir(), "certificates")
        peers.need("openssl")
        make = os.path.join(HERE, "..", "..", "make-certificates")
        done = subprocess.run(
            ["sh", make, self.certificates, "primary=IP:" + self.address["primary"],
             "backup=IP:" + self.address["backup"]], capture_output=True, text=True, timeout=20,
            check=False)
        check(done.returncode == 0, "certificates: " + done.stderr)
        self.running = []

    def teardown(self):
        for one in self.running:
            one.process.crash()
        self.running = []

    def certificate(self, name):
        return os.path.join(self.certificates, name)

    def servers(self, transport, of_primary="primary"):
        """Primary and backup; of_primary: whose certificate the primary shows."""
        need_claim(transport)
        self.primary = Server("primary", self.address["primary"], transport,
                              self.certificate(of_primary))
        self.backup = Server("backup", self.address["backup"], transport,
                             self.certificate("backup"))
        self.running += [self.primary, self.backup]

    def start_phone(self, transport, options=(), **settings):
        nodes = {"server primary": self.address["primary"],
                 "server backup": self.address["backup"]}
        config = write_config("v3", nodes, transport=transport,
                              device=['tls_ca_file = "%s.pem"' % self.certificate("ca")],
                              **settings)
        self.phone = Phone(self.address["phone"], config, *options)
        self.running.append(self.phone)

    def registered_at(self, server, timeout=6):
        return self.phone.wait(event="registered", target=server.target, timeout=timeout)

    def call_up(self):
        events = self.phone.mark()
        self.phone.command("call callee")
        self.phone.wait(events, event="call", state="up", timeout=6)

    def hang_up(self):
        events = self.phone.mark()
        self.phone.command("hangup")
        self.phone.wait(events, event="call", state="ended", timeout=6)
        return events

    def unavailable(self, method, reason, since=0, server=None):
        server = server or self.primary
        return self.phone.wait(since, event="unavailable", method=method, reason=reason,
                               target=server.target)
