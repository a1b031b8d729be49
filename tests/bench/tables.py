#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures, and writes the tables of doc/performance.md between their marks.

    tests/bench/tables.py FILE [TABLE]...     in a build directory (`make bench`); without names all of them

A table stands between `<!-- table NAME -->` and `<!-- end -->`. Counts are callgrind's and cachegrind's, the
same at each run; times are of this machine, the best of three runs."""

import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import footprint

BUILD = os.path.abspath(os.environ.get("top_builddir", "."))
GATE = os.path.join(BUILD, "tests/bench/gate/phone_gate")
STACKS = ["osip2", "sofia", "re", "bellesip"]
ROUNDS = 3


def program(name):
    return os.path.join(BUILD, "tests/bench", name)


def run(*argv):
    return subprocess.run(argv, check=True, capture_output=True, text=True, timeout=170)


def number(pattern, text):
    found = re.search(pattern, text)
    return float(found[1]) if found else None


def counted(tool, toggle, *argv):
    """Instructions, and misses of the last level of cache."""
    options = ["--callgrind-out-file=/dev/null"] if tool == "callgrind" else ["--cachegrind-out-file=/dev/null"]
    options += ["--toggle-collect=" + toggle] if toggle else []
    told = run(os.path.join(BUILD, "libtool"), "--mode=execute", "valgrind", "--tool=" + tool, *options,
               *argv).stderr
    if tool == "callgrind":
        return int(re.search(r"Collected : (\d+)", told)[1])
    return int(re.search(r"D1\s+misses:\s+([\d,]+)", told)[1].replace(",", ""))


def per_event(tool, few, many, *argv, after=()):
    """What one event costs: two runs, so that what goes before them is out of it."""
    counts = [counted(tool, None, *argv, str(events), *after) for events in (few, many)]
    return (counts[1] - counts[0]) / (many - few)


def best(pattern, *argv):
    return min(number(pattern, run(*argv).stdout) or 0 for _ in range(ROUNDS))


def rows(head, lines):
    return ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)] + \
        ["| " + " | ".join(str(cell) for cell in line) + " |" for line in lines]


def table_core():
    """Instructions and cache misses of an exchange, beside others' timers."""
    for lines in 1, 1000, 10000:
        argv, many = [program("core_bench"), str(lines)], min(lines, 1000)  # the first of a line moves it
        instructions = per_event("callgrind", 0, many, *argv, after=["refused"])
        misses = per_event("cachegrind", 0, many, *argv, after=["refused"])
        told = run(*argv, str(lines), "refused").stdout
        nanoseconds = best(r"of (\d+) ns", *argv, str(lines), "refused") * number(r"(\d+) attempts", told) / lines
        yield ["**the core, policy and all**", lines, "%d" % instructions, "%.1f" % misses, "%d" % nanoseconds,
               "%d" % number(r"of (\d+) bytes", told)]
    for name, kind in (("libevent's timer heap", "libevent"), ("libre's `tmr`", "re"),
                       ("osip2's execute-all loop", "osip2")):
        for lines in (1, 100, 1000) if kind == "osip2" else (1, 1000, 10000):  # that one takes minutes
            argv = [program("timers_bench"), kind, str(lines)]
            few, many = 20, 120
            try:
                told = run(*argv, str(many)).stdout
            except subprocess.CalledProcessError:
                yield [name, lines, "not built", "", "", ""]
                continue
            yield [name, lines, "%d" % per_event("callgrind", few, many, *argv),
                   "%.1f" % per_event("cachegrind", few, many, *argv),
                   "%d" % best(r"of (\d+) ns", *argv, str(many)), "%d" % number(r"of (\d+) bytes", told)]


def phone(stack, lines, story):
    told = run(GATE, os.path.join(BUILD, ".libs"), stack, str(lines), story).stdout
    return {line.split()[0]: float(line.split()[1]) for line in told.splitlines()}


def table_stacks():
    for stack in STACKS:
        heap = (phone(stack, 120, "heap")["heap"] - phone(stack, 20, "heap")["heap"]) / 100
        for lines in 1, 100, 1000:
            runs = [phone(stack, lines, "cpu") for _ in range(ROUNDS)]
            yield [stack, lines, "%.1f" % min(one["start"] for one in runs),
                   "%.1f" % min(one["refresh"] for one in runs), "%.2f" % (heap / 1024)]


def table_health():
    for told, story in (("off", "outage"), ("transport (default)", "outage-transport"), ("all", "outage-all")):
        it = phone("re", 1000, story)
        yield [told, "%d" % it["packets"], "%.2f" % (it["packets"] / it["moved"]), "%.3f" % it["mean"],
               "%.3f" % it["median"], "%.3f" % it["longest"]]


def table_wire():
    for kind in "message", "peer", "call", "move":
        for lines in 1, 1000:
            argv = [program("wire_bench"), str(lines), kind]
            messages = [int(number(r": (\d+) messages", run(*argv, count).stdout)) for count in ("100", "300")]
            counts = [counted("callgrind", "failover_wire_*", *argv, count) for count in ("100", "300")]
            yield [kind, lines, "%d" % ((counts[1] - counts[0]) / (messages[1] - messages[0])),
                   "%.2f" % best(r"messages, ([\d.]+) us each", *argv, "3000")]


def table_sizes():
    sizes = footprint.texts(BUILD)
    for part in list(footprint.PARTS) + ["together"]:
        row = [part]
        for machine in footprint.MACHINES:
            of = [sizes[machine][one] for one in footprint.PARTS]
            one = None if None in of else sum(of) if part == "together" else sizes[machine][part]
            row.append("no compiler" if one is None else "%.1f" % (one / 1024))
        yield row


def table_frames():
    for part in "core", "`ua/`":
        bytes_, path = footprint.stack([part], BUILD)
        yield [part, bytes_, "`" + "` `".join(path[:2] + ["..."] + path[-3:]) + "`"]


TABLES = {
    "core": (["", "lines", "instructions", "first-level cache misses", "ns", "bytes a line"], table_core),
    "stacks": (["stack", "lines", "start, µs a line", "refresh, µs", "heap a line, KiB"], table_stacks),
    "health": (["`shared_health`", "packets to the dead server", "a line", "mean wait, s", "median", "longest"],
               table_health),
    "wire": (["exchange", "lines", "instructions a message", "µs a message"], table_wire),
    "sizes": (["text, KiB", *footprint.MACHINES], table_sizes),
    "frames": (["", "bytes", "deepest path"], table_frames),
}


def put(path, name, lines):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    pattern = r"(<!-- table %s -->\n).*?(<!-- end -->)" % name
    if not re.search(pattern, text, re.S):
        sys.exit("%s has no place for the table %s" % (path, name))
    with open(path, "w", encoding="utf-8") as file:
        file.write(re.sub(pattern, lambda found: found[1] + "\n".join(lines) + "\n" + found[2], text, flags=re.S))


def main():
    for name in sys.argv[2:] or TABLES:
        head, lines = TABLES[name]
        lines = rows(head, lines())
        put(sys.argv[1], name, lines)
        print("\n".join(["", name] + lines), flush=True)


if __name__ == "__main__":
    main()
