#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the page costs: a phone with so many lines, without it, and with it and browsers that watch.
Run by hand in a build directory: ../tests/web/memory.py [LINES [BROWSERS]]. Exit status 1 if it is
more than 4 MiB. Both phones are measured after the same calls, so that the stack's memory is the same."""

import http.client
import os
import sys
import threading
import time

sys.dont_write_bytecode = True

from bench import Bench, Stream, process, wait_until

LINES = int(sys.argv[1]) if len(sys.argv) > 1 else 100
BROWSERS = int(sys.argv[2]) if len(sys.argv) > 2 else 5


def events_of(bench, name):
    if not os.path.exists(bench.events):
        return 0
    with open(bench.events) as lines:
        return sum('"event":"%s"' % name in line for line in lines)


def anonymous(bench):
    """Private memory that is not a file's, KiB; and the resident size."""
    with open("/proc/%d/smaps_rollup" % bench.phone.child.pid) as lines:
        numbers = {line.split(":")[0]: int(line.split()[1]) for line in lines if " kB" in line}
    return numbers["Anonymous"], numbers["Rss"], numbers["Pss"]


def read_all(stream):
    try:
        while stream.response.read1(65536):
            pass
    except (OSError, ValueError, http.client.HTTPException):
        pass


def measured(with_page):
    bench = Bench(lines=LINES)
    bench.start_servers()
    if not with_page:
        bench.argv_page = []
    bench.start(ready=with_page)
    wait_until(lambda: bench.phone.child.poll() is None and events_of(bench, "registered") >= LINES,
               60, "all lines are registered")
    streams = []
    if with_page:
        owner = bench.browser().logged_in()
        for _ in range(BROWSERS):
            owner.get("/"), owner.get("/script.js"), owner.get("/api/v1/status")
            owner.get("/api/v1/decisions"), owner.get("/api/v1/options"), owner.get("/api/v1/config")
            streams.append(Stream(owner))
            threading.Thread(target=read_all, args=(streams[-1],), daemon=True).start()
    for line in range(1, LINES + 1):
        bench.command("register %d" % line)
    wait_until(lambda: events_of(bench, "registered") >= 2 * LINES, 60, "registered anew")
    time.sleep(40)  # transactions of SIP are over, and two beats of the streams
    result = anonymous(bench)
    bench.phone.stop()
    for server in bench.server.values():
        server.stop()
    return result


without, with_page = measured(False), measured(True)
for name, a, b in zip(("anonymous", "resident", "proportional"), without, with_page):
    print("%-12s %6d KiB without, %6d KiB with the page and %d browsers: %+d KiB"
          % (name, a, b, BROWSERS, b - a))
process.stop_all()
sys.exit(0 if with_page[1] - without[1] <= 4096 else 1)
