# SPDX-License-Identifier: MIT
"""peers.py - the servers of a cell: failover-server, and the impostor that takes its place."""

import os
import re
import subprocess
import sys

from harness.process import Process, build_path, wait_until
from harness.wire import uri_host

HERE = os.path.dirname(os.path.abspath(__file__))
USER, PASSWORD = "1001", "secret"


def server_argv(transport, listen, certificate):
    """certificate: (certificate file, key file)."""
    argv = [build_path("failover-server"), "--transport", transport, "--listen", listen,
            "--ring-time", "0", "--user", "%s:%s" % (USER, PASSWORD)]
    if transport == "tls":
        argv += ["--cert", certificate[0], "--key", certificate[1]]
    return argv


class Server:
    """One run of failover-server."""

    def __init__(self, name, address, transport, certificate):
        listen = "%s:5060" % uri_host(address)
        self.target = "%s;transport=%s" % (listen, transport)
        self.process = Process(name, server_argv(transport, listen, certificate),
                               stdin=subprocess.PIPE)
        self._wait_for("listening on %s\n" % self.target)

    def _wait_for(self, text, more_than=0):
        def found_or_dead():
            if self.process.child.poll() is not None:
                raise AssertionError("failover-server ended:\n" + self.process.log())
            return self.process.log().count(text) > more_than

        wait_until(found_or_dead, 30, text.strip())

    def command(self, text):
        """Gives a command and waits until it is reported to have taken effect."""
        line = " -- " + text + "\n"
        seen = self.process.log().count(line)
        self.process.child.stdin.write((text + "\n").encode())
        self.process.child.stdin.flush()
        self._wait_for(line, seen)

    def done(self):
        """The methods that it answered with 200, in order, without repetitions of an answer."""
        return re.findall(r"^ *[0-9.]+ -> 200 (\S+) (?!.*\(again\))", self.process.log(), re.M)


class Impostor:
    """impostor.py at the address of a server that has gone."""

    def __init__(self, name, address, transport, behaviour, certificate):
        argv = [sys.executable, "-E", "-s", os.path.join(HERE, "impostor.py"), address, transport,
                behaviour, *certificate]
        self.process = Process(name, argv)
        wait_until(lambda: "listening\n" in self.process.log(), 60, "the impostor listens")
