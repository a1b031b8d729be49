#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How long a phone is without service when its primary server dies: alone, and behind failover-edge.

    tests/edge/peers.py [--phone NAME]... [--way alone|edge|two]... [--faults]    in the build folder

In a network namespace of its own there are a primary and a backup (failover-server, which ask for no
password: SHA-256 is not every phone's), the SRV records of both, and a phone; `two`: two of its kind, with
a line each, behind one edge at once. A cell is the time from the phone's first packet of the request to the
200 that it hears, of two the later one; behind the edge REGISTER is the line's, as the edge is there before
the phone. It prints the tables of doc/edge.md, with --faults the second one, or says what is missing."""

import argparse
import functools
import json
import os
import shutil
import subprocess
import sys
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "e2e"), os.path.join(HERE, "..", "matrix")]

from harness import namespace, process, resolver
from harness.process import build_path, wait_until, workdir
from harness.wire import Packet, Wire
from certificates import Certificates
from phones import DOMAIN, PASSWORD, PHONES, SECOND, USER

ADDRESS = {"edge": "10.77.0.1", "phone": "10.77.0.2", "second": "10.77.0.3", "outside": "10.77.0.10",
           "primary": "10.77.0.11", "backup": "10.77.0.12", "dns": "10.77.0.53"}
PATIENCE = 45  # s; "never" is longer
BACK = 100  # s; the same for the way back
FAILBACK = 30  # s; between two probes of the edge (the default is 1800)
ZONE = """
_sip._udp.%(domain)s SRV 10 10 5060 primary.%(domain)s
_sip._udp.%(domain)s SRV 20 10 5060 backup.%(domain)s
primary.%(domain)s A %(primary)s
backup.%(domain)s A %(backup)s
""" % {"domain": DOMAIN, **ADDRESS}
CONFIG = """profile = v3
sip_port = 5060
tls_ca_file = "%s"
"""
LINE = """line %d {
  failback_interval = %d
  user = "%s"
  auth_password = "%s"
  domain = "%s"
  server primary { address = "%s" port = 5060 transport = %s }
  server backup { address = "%s" port = 5060 transport = %s }
}
"""


class Fault:
    """What is wrong with the primary: its transport outside, and how to make it so."""

    def __init__(self, title, strike, transport="udp"):
        self.title, self.strike, self.transport = title, strike, transport


SILENT = Fault("silent", lambda cell: cell.servers["primary"].freeze())
GONE = Fault("gone", lambda cell: cell.servers["primary"].crash())
FAULTS = (
    Fault("gone, TCP", GONE.strike, "tcp"),
    Fault("503", lambda cell: cell.say("status 503")),
    Fault("100, then silence", lambda cell: cell.replace("trying")),
    Fault("TLS certificate of another name", lambda cell: cell.restart("other-name"), "tls"),
)


def enter():
    """A namespace with these addresses, and a resolv.conf that names the DNS server here."""
    if os.environ.get(namespace.OUTSIDE):
        return
    if os.getuid() != 0:
        sys.exit("peers.py: a mount of /etc/resolv.conf needs root")
    os.environ[namespace.OUTSIDE] = "1"
    os.execvp("unshare", ["unshare", "--net", "--mount", sys.executable] + sys.argv)


def run(*argv):
    subprocess.run(argv, check=True, capture_output=True, timeout=10)


def interface_of_phone():
    """One of its own, as some phones look at no loopback; what is sent passes that all the same."""
    try:
        run("ip", "link", "add", "phone0", "type", "veth", "peer", "name", "phone1")
    except subprocess.CalledProcessError:  # the kernel has none
        return "lo"
    for name in "phone0", "phone1":  # an IPv6 address would come later, and be news to the edge
        run("ip", "link", "set", name, "addrgenmode", "none")
        run("ip", "link", "set", name, "up")
    return "phone0"


def add_addresses():
    run("ip", "link", "set", "lo", "up")
    interface = interface_of_phone()
    for name, address in ADDRESS.items():
        run("ip", "address", "add", address + "/24", "dev", interface if name == "phone" else "lo")
    for address in ADDRESS.values():  # who is bound to no address sends from that of the phone
        run("ip", "route", "replace", "local", address, "dev", "lo", "src", ADDRESS["phone"],
            "table", "local")
    run("ip", "route", "add", "default", "dev", interface, "src", ADDRESS["phone"])


def parties():
    """Both phones are "phone"."""
    return {address: "phone" if name == "second" else name for name, address in ADDRESS.items()}


@functools.lru_cache
def certificates():
    return Certificates(workdir(), [ADDRESS["primary"], ADDRESS["backup"]])


def set_up_network():
    add_addresses()
    path = os.path.join(workdir(), "resolv.conf")
    with open(path, "w", encoding="utf-8") as out:
        out.write("nameserver %s\n" % ADDRESS["dns"])
    run("mount", "--bind", path, "/etc/resolv.conf")
    resolver.PORT = 53
    return resolver.Resolver(ADDRESS["dns"], ZONE)


class Cell:
    """Two servers, and a phone alone or behind the edge, or two phones behind it."""

    runs = 0

    def __init__(self, kind, way, wire, fault=SILENT):
        self.wire, self.way, self.fault = wire, way, fault
        self.kind, self.phones, self.edge = kind, [], None
        self.since = wire.mark()
        self.servers = {}
        for name in "primary", "backup":
            self._serve(name, "good")

    def _process(self, name, argv):
        Cell.runs += 1
        return process.Process("%s-%d" % (name, Cell.runs), argv, stdin=subprocess.PIPE)

    def _serve(self, name, certificate):
        argv = [build_path("failover-server"), "--listen", ADDRESS[name] + ":5060", "--ring-time", "0",
                "--transport", self.fault.transport]
        if self.fault.transport == "tls":
            argv += ["--cert", certificates().get(certificate)[0],
                     "--key", certificates().get(certificate)[1]]
        self.servers[name] = self._process(name, argv)
        self._wait(self.servers[name], "listening on")

    @staticmethod
    def _wait(one, text):
        wait_until(lambda: text in one.log() or one.child.poll() is not None, 20, text)
        if one.child.poll() is not None:
            raise AssertionError("it has ended: " + one.log())

    def say(self, command):
        self.servers["primary"].child.stdin.write((command + "\n").encode())
        self.servers["primary"].child.stdin.flush()
        time.sleep(0.2)

    def replace(self, behaviour):
        """By a server that does not serve."""
        self.servers["primary"].crash()
        self.servers["primary"] = self._process("impostor", [
            sys.executable, os.path.join(HERE, "..", "matrix", "impostor.py"), ADDRESS["primary"],
            self.fault.transport, behaviour])
        self._wait(self.servers["primary"], "listening")

    def restart(self, certificate):
        self.servers["primary"].crash()
        self._serve("primary", certificate)

    def _start_edge(self):
        path = os.path.join(workdir(), "edge.conf")
        self.events = os.path.join(workdir(), "edge-%d.events" % Cell.runs)
        with open(path, "w", encoding="utf-8") as out:
            out.write(CONFIG % certificates().ca_file)
            for number, user in enumerate(self.users, 1):
                out.write(LINE % (number, FAILBACK, user, PASSWORD, DOMAIN, ADDRESS["primary"],
                                  self.fault.transport, ADDRESS["backup"], self.fault.transport))
        self.edge = self._process("edge", [
            build_path("failover-edge"), "--inside", ADDRESS["edge"] + ":5062", "--listen",
            ADDRESS["outside"] + ":5060", "--events", self.events, path])
        self._wait(self.edge, "find it")

    @property
    def users(self):
        return (USER, SECOND) if self.way == "two" else (USER,)

    def start(self):
        proxy = "alone"
        if self.way != "alone":
            self._start_edge()
            proxy = ADDRESS["edge"] + ":5062"
        for user, name in zip(self.users, ("phone", "second")):
            phone = self.kind(ADDRESS[name], ADDRESS["dns"], proxy, user)
            self.phones.append(phone)
            phone.start()

    def end(self):
        for phone in self.phones:
            phone.stop()
        for one in (self.edge, *self.servers.values()):
            if one:
                one.crash()

    def strike(self):
        self.fault.strike(self)

    def log(self):
        return "".join(phone.process.log()[-2000:] for phone in self.phones)

    def packets(self, user, since):
        """Of this phone."""
        return [p for p in self.wire.of("phone", since) if isinstance(p, Packet) and
                "sip:%s@" % user in (p.header("From") or p.header("f") or "")]

    def heard(self, method, since, seconds, user=USER):
        """The final answer to this that the phone has heard: a 2xx, after `seconds` any; or None."""
        until = time.monotonic() + seconds
        while True:
            finals = [p for p in self.packets(user, since) if p.is_response and p.status >= 200 and
                      p.method == method and self.wire.names[p.target] == "phone"]
            good = [p for p in finals if p.status < 300]
            if good or time.monotonic() > until:
                return (good or finals[-1:] or [None])[0]
            time.sleep(0.05)

    def _first(self, user, method, since):
        return min((p.at for p in self.packets(user, since) if p.what() == method and
                    self.wire.names[p.source] == "phone"), default=None)

    def _line_registers(self, number):
        """From the line's first packet to its registration, as the edge tells it; or None."""
        began = None
        with open(self.events, encoding="utf-8") as lines:
            for event in map(json.loads, lines):
                if event.get("line") != number:
                    continue
                if event["event"] == "attempt" and began is None:
                    began = event["t"]
                if event["event"] == "registered":
                    return event["t"] - began
        return None

    def took(self, method, since, seconds=PATIENCE):
        """Seconds, of two phones the later one's, or what it has come to, or None. Behind the edge REGISTER
        is the line's: the edge is there before the phone."""
        slowest = 0.0
        for number, user in enumerate(self.users, 1):
            answer = self.heard(method, since, seconds, user)
            if answer is None:
                return None
            if answer.status >= 300:
                return str(answer.status)
            if method == "REGISTER" and self.edge:
                lasted = self._line_registers(number)
            else:
                lasted = answer.at - self._first(user, method, since)
            slowest = max(slowest, lasted)
        return slowest

    def registered(self):
        self.are_answered("REGISTER", self.since)
        time.sleep(0.5)

    def are_answered(self, method, since):
        for user in self.users:
            answer = self.heard(method, since, PATIENCE, user)
            if answer is None or answer.status >= 300:
                raise AssertionError("%s of %s is not answered with 200:\n%s" % (method, user, self.log()))


def register(cell):
    cell.strike()
    cell.start()
    return cell.took("REGISTER", cell.since)


def invite(cell):
    cell.start()
    cell.registered()
    cell.strike()
    since = cell.wire.mark()
    for phone in cell.phones:
        phone.dial()
    return cell.took("INVITE", since)


def bye(cell):
    cell.start()
    cell.registered()
    since = cell.wire.mark()
    for phone in cell.phones:
        phone.dial()
    cell.are_answered("INVITE", since)
    time.sleep(1)
    cell.strike()
    since = cell.wire.mark()
    for phone in cell.phones:
        phone.hang_up()
    return cell.took("BYE", since)


def back(cell):
    """From when the primary lives again until it is asked with success."""
    cell.strike()
    cell.start()
    if cell.heard("REGISTER", cell.since, PATIENCE) is None:
        return None
    name = "outside" if cell.edge else "phone"
    cell.servers["primary"].thaw()
    time.sleep(0.5)  # what waited in its socket is answered
    since, began = cell.wire.mark(), time.monotonic()
    while time.monotonic() < began + BACK:
        for packet in cell.wire.of(name, since):
            if (isinstance(packet, Packet) and packet.what() == "200 REGISTER" and
                    packet.source == ADDRESS["primary"]):
                return time.monotonic() - began
        time.sleep(0.1)
    return None


COLUMNS = {"REGISTER, primary silent": (register, SILENT), "REGISTER, gone": (register, GONE),
           "INVITE, silent": (invite, SILENT), "BYE, silent": (bye, SILENT),
           "is back there after": (back, SILENT)}
REQUESTS = {"REGISTER": register, "INVITE": invite, "BYE": bye}
WAYS = {"alone": "alone", "edge": "with the edge", "two": "two, with the edge"}


def text_of(seconds, cell_of):
    if seconds is None:
        return "not in %d s" % (BACK if cell_of is back else PATIENCE)
    if isinstance(seconds, str):
        return seconds
    return "%.3f" % seconds if seconds < 10 else "%.1f" % seconds


def measure(name, way, wire, cell_of, fault):
    if way == "two" and cell_of is back:
        return ""
    cell = None
    try:
        cell = Cell(PHONES[name], way, wire, fault)
        return text_of(cell_of(cell), cell_of)
    except AssertionError as failure:
        print("%s %s, %s: %s" % (name, way, fault.title, failure), file=sys.stderr)
        return "not measured"
    finally:
        if cell:
            cell.end()
        time.sleep(0.5)


def rows(name, ways, wire):
    for way in ways:
        row = [measure(name, way, wire, *column) for column in COLUMNS.values()]
        print("| %s | %s | %s |" % (name, WAYS[way], " | ".join(row)), flush=True)


def fault_rows(name, ways, wire):
    """Alone a phone has no other transport than UDP here."""
    for fault in FAULTS:
        for way in ways:
            if way == "alone" and fault.transport != "udp":
                continue
            row = [measure(name, way, wire, cell_of, fault) for cell_of in REQUESTS.values()]
            print("| %s | %s | %s | %s |" % (name, fault.title, WAYS[way], " | ".join(row)),
                  flush=True)


def print_head(titles):
    print("| phone | " + " | ".join(titles) + " |\n|" + "---|" * (len(titles) + 1), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--phone", action="append", choices=sorted(PHONES))
    parser.add_argument("--way", action="append", choices=sorted(WAYS))
    parser.add_argument("--faults", action="store_true", help="of other kinds")
    options = parser.parse_args()
    enter()
    set_up_network()
    wire = Wire(parties())
    print_head(["fault", "", *REQUESTS] if options.faults else ["", *COLUMNS])
    for name in options.phone or PHONES:
        if not shutil.which(PHONES[name].program):
            print("| %s | | not installed |" % name)
            continue
        if options.faults:
            fault_rows(name, options.way or ("alone", "edge"), wire)
        else:
            rows(name, options.way or ("alone", "edge", "two"), wire)
    process.stop_all()


if __name__ == "__main__":
    main()
