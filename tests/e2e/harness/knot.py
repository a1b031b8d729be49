# SPDX-License-Identifier: MIT
"""knot.py - the DNS server: Knot with one zone that tests change as they like."""

import os
import signal
import subprocess

from .process import Process, wait_until, workdir

ZONE = "sip.example"
PORT = 5353
CONFIG = """
server:
    rundir: %(rundir)s
    listen: %(address)s@%(port)d
log:
  - target: stderr
    any: warning
database:
    storage: %(rundir)s/db
template:
  - id: default
    storage: %(rundir)s
    zonefile-sync: -1
    zonefile-load: whole
    journal-content: none
zone:
  - domain: %(zone)s
"""


class Knot:
    """Serves the zone on an address of its own."""

    def __init__(self, address, name="knot"):
        self.address = address
        self.name = name
        self.serial = 0
        self.process = None
        self.rundir = os.path.join(workdir(), name)
        os.makedirs(os.path.join(self.rundir, "db"))
        self.config = os.path.join(self.rundir, "knot.conf")
        with open(self.config, "w", encoding="utf-8") as out:
            out.write(CONFIG % {"rundir": self.rundir, "address": address, "port": PORT,
                                "zone": ZONE})
        self._write("")
        self.start()

    @property
    def server(self):
        """For --dns."""
        return "%s:%d" % (self.address, PORT)

    def start(self):
        self.process = Process(self.name, ["knotd", "-c", self.config])
        self._wait_for_serial()

    def crash(self):
        """Gone with its sockets: ICMP."""
        self.process.crash()

    def zone(self, records):
        """The zone has these records from now on."""
        self._write(records)
        if self.process.child.poll() is not None:
            self.start()
        else:
            self.process.child.send_signal(signal.SIGHUP)
            self._wait_for_serial()

    def _write(self, records):
        self.serial += 1
        path = os.path.join(self.rundir, ZONE + ".zone")
        with open(path + ".new", "w", encoding="utf-8") as out:
            out.write("$ORIGIN %s.\n$TTL 1\n@ SOA ns hostmaster %d 3600 600 86400 1\n@ NS ns\n"
                      "ns A %s\n" % (ZONE, self.serial, self.address))
            for record in records.strip().splitlines():
                out.write(record.strip() + "\n")
        os.rename(path + ".new", path)

    def _wait_for_serial(self):
        def served():
            done = subprocess.run(["kdig", "@" + self.address, "-p", str(PORT), "+short",
                                   "+timeout=1", "+retry=0", "SOA", ZONE], capture_output=True,
                                  text=True, timeout=5, check=False)
            return " %d " % self.serial in done.stdout

        wait_until(served, 10, "the zone with serial %d" % self.serial)
