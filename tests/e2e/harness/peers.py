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


class Kamailio:
    """One Kamailio. edge: a proxy in front of a registrar instead of a registrar."""

    def __init__(self, block, name, address, **options):
        self.block = block
        self.name = name
        self.address = address
        self.process = None
        self.frozen = False
        self.rundir = os.path.join(workdir(), name)
        os.mkdir(self.rundir)
        self.config = os.path.join(self.rundir, "kamailio.cfg")
        with open(os.path.join(HERE, "kamailio.cfg.in"), encoding="utf-8") as template:
            text = template.read()
        values = {"ADDRESS": address, "PEER": options["peer"], "CALLEE": options["callee"],
                  "TRUNK": options["trunk"], "RUNDIR": self.rundir, "REALM": REALM}
        for key, value in values.items():
            text = text.replace("@%s@" % key, value)
        with open(self.config, "w", encoding="utf-8") as out:
            out.write(text)
        self.defines = ["-A", "WITH_EDGE"] if options.get("edge") else []
        self.start()

    def start(self):
        """Starts it and waits until it answers."""
        argv = ["kamailio", "-f", self.config, "-DD", "-E", "-m", "32", "-M", "4",
                "-P", os.path.join(self.rundir, "pid"), "-Y", self.rundir] + self.defines
        self.process = Process(self.name, argv)
        probe = self.block.address(253)
        try:
            wait_until(lambda: answers_options(probe, self.address), 5, "answers OPTIONS")
        except AssertionError as failure:
            raise AssertionError("%s: %s\n%s" % (self.name, failure, self.process.log())) from None

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
        """Gone with its sockets: ICMP."""
        self.frozen = False
        self.process.crash()

    def freeze(self):
        """Silent, and what it is asked meanwhile waits in its socket."""
        self.frozen = True
        self.process.freeze()

    def thaw(self):
        self.frozen = False
        self.process.thaw()

    def rpc(self, *words):
        done = subprocess.run(["kamcmd", "-s", "unix:%s/ctl.sock" % self.rundir, *words],
                              capture_output=True, text=True, timeout=5, check=False)
        check(done.returncode == 0, "kamcmd %s: %s" % (" ".join(words), done.stderr))
        return done.stdout

    def mode(self, mode, retry_after=0):
        """ok, drop (silence), or a status for every request."""
        self.rpc("htable.sets", "ctl", "retry_after", str(retry_after))
        self.rpc("htable.sets", "ctl", "mode", mode)

    def bindings(self):
        """Number of registered contacts."""
        return self.rpc("ul.dump").count("Address:")


def start_callee(address):
    """SIPp as the called party; answers any number of calls."""
    argv = ["sipp", "-sf", os.path.join(HERE, "callee.xml"), "-i", address, "-p", "5060",
            "-t", "u1", "-nostdin", "-mi", address]
    process = Process("callee", argv, stdout=subprocess.DEVNULL)

    def listening():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind((address, 5060))
            except OSError:
                return True
        return False

    wait_until(listening, 5, "SIPp listens")
    return process
