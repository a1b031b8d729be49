#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""matrix.py - every fault of the primary, by every transport, with every request that fails over:
does the phone move when it must, and how long does it take? Prints TAP; with --table the text of
doc/matrix.md, and TAP on standard error."""

import argparse
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "e2e"))

from cell import Cell
from certificates import Certificates
from explained import reason_of
from faults import EVERY, FAULTS, METHODS
from harness.namespace import enter_namespace
from harness.phone import claims, need_program, stack_name
from harness.process import (MEMORY_CHECKED, build_path, memory_checked, stop_all,
                             workdir)
from harness.tap import Skip
from network import Network, Recording
from peers import server_argv
from report import Outcome, counts, table

JOBS = 4  # few, so that they do not delay each other
RUNS = 10  # of a cell that is out of time
TOTAL_SECONDS = 900
TOTAL_SECONDS_CHECKED = 1800  # of memory


class Stage:
    """What the cells share, and what is lacking here."""

    def __init__(self, cells):
        need_program()
        self.network = Network()
        names = {}
        for cell in cells:
            names.update(cell.take_addresses(self))
        self.network.add_ipv6([address for cell in cells if cell.ipv6
                               for address in cell.address.values()])
        self.wire = Recording(names)
        self.certificates = Certificates(workdir(), [address for cell in cells if
                                                     cell.transport == "tls"
                                                     for address in cell.address.values()])
        self._lacking = {transport: self._lacks(transport) for transport in EVERY}
        self._lacking["dns"] = self._lacks_dns()

    @staticmethod
    def _lacks_dns():
        """Why no domain name can be looked up, or None."""
        if not os.path.exists(build_path("libfailover-dns.la")):
            return "no libfailover-dns in this build"
        missing = [program for program in ("knotd", "kdig") if not shutil.which(program)]
        return "%s is not installed" % missing[0] if missing else None

    def _lacks(self, transport):
        """Why this transport cannot be tried, or None."""
        if transport != "udp" and transport not in claims():
            return "the %s plugin does not claim %s" % (stack_name(), transport)
        if transport == "tls" and self.certificates.lacking:
            return self.certificates.lacking
        argv = server_argv(transport, "127.0.0.1:0", self.certificates.get("good"))
        done = subprocess.run(argv, input="quit\n", capture_output=True, text=True, timeout=30,
                              check=False)
        return "no %s in this build" % transport.upper() if done.returncode == 2 else None

    def need(self, what):
        """A transport, or "dns"."""
        if self._lacking[what]:
            raise Skip(self._lacking[what])


def all_cells(words):
    """Each transport, fault and method that go together, and that were asked for."""
    cells = [Cell(transport, fault, method, ipv6) for ipv6 in (False, True)
             for transport in EVERY for fault in FAULTS for method in METHODS
             if transport in fault.transports and method in fault.methods and ipv6 <= fault.ipv6]
    return [cell for cell in cells if not words or any(word in cell.name for word in words)]


def try_cell(cell):
    """A cell out of time may try again: others use the machine too, and the phone may be held up
    between reading its clock and sending, which looks early. A wrong one may not."""
    best = None
    why = reason_of(stack_name(), cell.name)
    try:
        cell.need()
        for number in range(1, RUNS + 1):
            result = cell.run()
            result.runs = number
            if best is None or abs(result.overhead) < abs(best.overhead):
                best = result
            if best.in_time:
                break
        return Outcome(cell, best, explained=why)
    except Skip as reason:
        return Outcome(cell, skip=str(reason))
    except Exception as failure:  # a defect of the cell is a failure, not the end of the matrix
        return Outcome(cell, failure="%s: %s" % (type(failure).__name__, failure), explained=why)


def work(waiting, done):
    while True:
        try:
            cell = waiting.get_nowait()
        except queue.Empty:
            return
        done.put(try_cell(cell))


def outcomes(cells, jobs):
    """Runs the cells, a few at a time; yields their outcomes in the order of the cells."""
    waiting, done, found = queue.SimpleQueue(), queue.SimpleQueue(), {}
    deadline = time.monotonic() + (TOTAL_SECONDS_CHECKED if memory_checked() else TOTAL_SECONDS)
    for cell in cells:
        waiting.put(cell)
    for _ in range(jobs):
        threading.Thread(target=work, args=(waiting, done), daemon=True).start()
    for cell in cells:
        while cell not in found:
            outcome = done.get(timeout=max(0, deadline - time.monotonic()))
            found[outcome.cell] = outcome
        yield found[cell]


def run(cells, arguments):
    """Runs and prints; returns the exit status."""
    try:
        Stage(cells)
    except Skip as reason:
        every = [Outcome(cell, skip=str(reason)) for cell in cells]
    else:
        every = outcomes(cells, arguments.jobs)
    seen = []
    print("1..%d" % len(cells), file=arguments.tap, flush=True)
    for outcome in every:
        seen.append(outcome)
        for line in outcome.tap(len(seen)):
            print(line, file=arguments.tap, flush=True)
    if arguments.table:
        print(table(seen, stack_name()))
    return 1 if counts(seen)[1] else 0


def interrupted(_number, _frame):
    raise SystemExit(1)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stack", metavar="NAME", help="the phone's SIP stack (default: osip2)")
    parser.add_argument("--table", action="store_true",
                        help="the text of doc/matrix.md, or of doc/matrix-NAME.md")
    parser.add_argument("--memory", choices=("valgrind", "sanitizers"),
                        help="the phone runs under valgrind, or was built with sanitizers; it must "
                        "end well, and time is taken less exactly")
    parser.add_argument("--jobs", type=int, default=JOBS, help="cells at a time")
    parser.add_argument("names", nargs="*", metavar="NAME", help="a part of a cell's name")
    arguments = parser.parse_args()
    if arguments.stack:
        os.environ["FAILOVER_STACK"] = arguments.stack
    if arguments.memory:
        os.environ[MEMORY_CHECKED] = arguments.memory
    arguments.tap = sys.stderr if arguments.table else sys.stdout
    for number in signal.SIGTERM, signal.SIGINT, signal.SIGHUP:
        signal.signal(number, interrupted)
    cells = all_cells(arguments.names)
    if not cells:
        parser.error("no such cell")
    enter_namespace()
    try:
        sys.exit(run(cells, arguments))
    finally:
        stop_all()


if __name__ == "__main__":
    main()
