# SPDX-License-Identifier: MIT
"""peers.py - the software that is not ours: Kamailio and SIPp."""

import os
import shutil
import socket
import subprocess

from .process import Process, wait_until, workdir
from .tap import Skip, check

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
REALM = "e2e.example"


def need(*programs):
    """Skips the script where a program is missing."""
    path = os.environ["PATH"] + ":/usr/sbin:/sbin:/usr/local/sbin"
    os.environ["PATH"] = path
    for program in programs:
        if not shutil.which(program):
            raise Skip("%s is not installed" % program)


def answers_options(source, target):
    """Does the SIP server answer an OPTIONS?"""
    text = ("OPTIONS sip:%s:5060 SIP/2.0\r\nVia: SIP/2.0/UDP %s:%d;branch=z9hG4bK%s\r\n"
            "From: <sip:probe@%s>;tag=1\r\nTo: <sip:%s>\r\nCall-ID: %s\r\nCSeq: 1 OPTIONS\r\n"
            "Max-Forwards: 10\r\nContent-Length: 0\r\n\r\n")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((source, 0))
        probe.connect((target, 5060))
        probe.settimeout(0.1)
        word = os.urandom(8).hex()
        try:
            probe.send((text % (target, source, probe.getsockname()[1], word, source, target,
                                word)).encode())
            return probe.recv(4096).startswith(b"SIP/2.0 200")
        except OSError:
            return False


class KamailioProcess:
    """One Kamailio with the configuration in `config`; `options` are its command line's."""

    def __init__(self, block, name, address):
        self.block = block
        self.name = name
        self.address = address
        self.process = None
        self.config = None
        self.options = []
        self.control = "ctl.sock"
        self.rundir = os.path.join(workdir(), name)
        os.mkdir(self.rundir)

    def start(self):
        """Starts it and waits until it answers."""
        argv = ["kamailio", "-f", self.config, "-DD", "-E",
                "-P", os.path.join(self.rundir, "pid"), "-Y", self.rundir] + self.options
        self.process = Process(self.name, argv)
        probe = self.block.address(253)
        try:
            wait_until(lambda: answers_options(probe, self.address), 20, "answers OPTIONS")
        except AssertionError as failure:
            raise AssertionError("%s: %s\n%s" % (self.name, failure, self.process.log())) from None

    def crash(self):
        """Gone with its sockets: ICMP."""
        self.process.crash()

    def rpc(self, *words):
        done = subprocess.run(["kamcmd", "-s", "unix:" + os.path.join(self.rundir, self.control),
                               *words], capture_output=True, text=True, timeout=15, check=False)
        check(done.returncode == 0, "kamcmd %s: %s" % (" ".join(words), done.stderr))
        return done.stdout

    def bindings(self):
        """Number of registered contacts."""
        return self.rpc("ul.dump").count("Address:")


class Kamailio(KamailioProcess):
    """One that does what a test tells it. edge: a proxy in front of a registrar instead of a
    registrar."""

    def __init__(self, block, name, address, **options):
        super().__init__(block, name, address)
        self.frozen = False
        self.config = os.path.join(self.rundir, "kamailio.cfg")
        with open(os.path.join(HERE, "kamailio.cfg.in"), encoding="utf-8") as template:
            text = template.read()
        values = {"ADDRESS": address, "CALLEE": options["callee"],
                  "TRUNK": options["trunk"], "RUNDIR": self.rundir, "REALM": REALM}
        for key, value in values.items():
            text = text.replace("@%s@" % key, value)
        with open(self.config, "w", encoding="utf-8") as out:
            out.write(text)
        self.options = ["-m", "32", "-M", "4"]
        self.options += ["-A", "WITH_EDGE"] if options.get("edge") else []
        self.options += ["-A", "WITH_PATH"] if options.get("path") else []
        self.start()

    def healthy(self):
        """Back to normal, whatever a test has done to it. One that was frozen starts afresh: it
        would answer now what it was asked then."""
        if self.frozen:
            self.crash()
        if self.process.child.poll() is not None:
            self.start()
        else:
            self.mode("ok")

    def crash(self):
        self.frozen = False
        super().crash()

    def freeze(self):
        """Silent, and what it is asked meanwhile waits in its socket."""
        self.frozen = True
        self.process.freeze()

    def thaw(self):
        self.frozen = False
        self.process.thaw()

    def mode(self, mode, retry_after=0):
        """ok, drop (silence), or a status for every request."""
        self.rpc("htable.sets", "ctl", "retry_after", str(retry_after))
        self.rpc("htable.sets", "ctl", "mode", mode)


class StockKamailio(KamailioProcess):
    """One with the configuration of its package, as it is. edits: pairs of texts, what administrators
    usually change; defines: what they switch on."""

    PACKAGED = "/etc/kamailio/kamailio.cfg"

    def __init__(self, block, name, address, transports=("udp",), edits=(), defines=()):
        super().__init__(block, name, address)
        self.control = "kamailio_ctl"
        self.config = self._edited(edits) if edits else self.PACKAGED
        self.options = ["-m", "64", "-M", "8"]
        for transport in transports:
            self.options += ["-l", "%s:%s:%d" % (transport, address,
                                                 5061 if transport == "tls" else 5060)]
        for define in defines:
            self.options += ["-A", define]
        self.start()

    def _edited(self, edits):
        with open(self.PACKAGED, encoding="utf-8") as packaged:
            text = packaged.read()
        for old, new in edits:
            check(old in text, "the package's configuration has no " + old)
            text = text.replace(old, new)
        path = os.path.join(self.rundir, "kamailio.cfg")
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        return path


def start_sipp(name, scenario, address, *options):
    """SIPp serves the scenario, to any number of calls."""
    argv = ["sipp", "-sf", os.path.join(HERE, scenario), "-i", address, "-p", "5060",
            "-t", "u1", "-nostdin", "-mi", address, *options]
    process = Process(name, argv, stdout=subprocess.DEVNULL)

    def listening():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind((address, 5060))
            except OSError:
                return True
        return False

    wait_until(listening, 20, "SIPp listens")
    return process


def start_callee(address):
    """SIPp as the called party."""
    return start_sipp("callee", "callee.xml", address)
