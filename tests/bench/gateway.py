#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Very many lines in one failover-phone: what they take, and what an outage of their primary does.

usage: tests/bench/gateway.py BUILD-DIR [--stack NAME] [--lines N,N...] [--limit MOVES-PER-SECOND]
                              [--faults silent,refused,503] [--boot-spread SECONDS]

For each number of lines and each fault: all lines register at two registrars on this machine
(tests/bench/registrar), the primary fails, each line finds that out at its next refresh, and the
primary comes back. Prints rows for doc/performance.md. It takes some two minutes for each row.
"""
import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time

POLICY = {"silent": 3.5, "refused": 0.0, "503": 0.0}
EXPIRES, FAILBACK = 60, 30


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Registrar:
    def __init__(self, build, port):
        self.program, self.port, self.log = f"{build}/tests/bench/registrar", port, []
        self.start()

    def start(self):
        self.output = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen([self.program, str(self.port), str(EXPIRES)],
                                        stdin=subprocess.PIPE, stdout=self.output, text=True)

    def say(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def most(self):
        """REGISTERs in the fullest second, after the lines had started."""
        self.output.seek(0)
        return [tuple(map(int, line.split())) for line in self.output if line.count(" ") == 3]


class Phone:
    def __init__(self, build, lines, ports, options, folder):
        self.events, config = f"{folder}/events", f"{folder}/phone.conf"
        with open(config, "w") as out:
            out.write(f"shared_health = off\nmoves_per_second = {options.limit}\n"
                      f"boot_spread = {options.boot_spread}\n")
            for n in range(1, lines + 1):
                out.write(f"line {n} {{ user = u{n} auth_password = p{n} keepalive = off\n"
                          f"server primary {{ address = 127.0.0.1 port = {ports[0]} }}\n"
                          f"server backup {{ address = 127.0.0.1 port = {ports[1]} }}\n"
                          f"failback_interval = {FAILBACK} }}\n")
        # libtool's wrapper would be the process that is looked at.
        environment = dict(os.environ, LD_LIBRARY_PATH=f"{build}/.libs")
        self.process = subprocess.Popen(
            [f"{build}/.libs/failover-phone", "--stack", options.stack, "--plugin-dir", f"{build}/.libs",
             "--listen", "127.0.0.1:0", "--events", self.events, config],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=environment)
        self.seen, self.at, self.rest = [], 0, ""

    def read(self):
        try:
            with open(self.events) as file:
                file.seek(self.at)
                text = self.rest + file.read()
                self.at = file.tell()
        except FileNotFoundError:
            return
        *whole, self.rest = text.split("\n")
        self.seen += [json.loads(line) for line in whole if line]

    def wait(self, lines, wanted, most):
        """Until so many lines have had such an event; how many have."""
        until, found, at = time.monotonic() + most, set(), len(self.seen)
        while len(found) < lines and time.monotonic() < until and self.process.poll() is None:
            time.sleep(0.5)
            self.read()
            found |= {e["line"] for e in self.seen[at:] if wanted(e)}
            at = len(self.seen)
        return len(found)

    def cpu(self):
        with open(f"/proc/{self.process.pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident(self):
        with open(f"/proc/{self.process.pid}/status") as file:
            for line in file:
                if line.startswith("VmRSS"):
                    return int(line.split()[1]) / 1024
        return 0

    def end(self):
        self.process.kill()
        self.process.wait()


def lateness(events, policy, primary):
    """How much later than the policy says each line has gone on from its first try there."""
    first, late = {}, []
    for event in events:
        if event["event"] == "registered":
            first.pop(event["line"], None)  # it was well still
        if event["event"] != "attempt" or event["method"] != "REGISTER" or event.get("probe"):
            continue
        at_primary = f":{primary};" in event["target"]
        if at_primary:
            first.setdefault(event["line"], event["t"])
        elif event["line"] in first and first[event["line"]] is not None:
            late.append(event["t"] - first[event["line"]] - policy)
            first[event["line"]] = None
    return sorted(late)


def row(build, lines, fault, options):
    limit = options.limit
    with tempfile.TemporaryDirectory() as folder:
        ports = [free_port(), free_port()]
        servers = [Registrar(build, port) for port in ports]
        phone = Phone(build, lines, ports, options, folder)
        try:
            up = phone.wait(lines, lambda e: e["event"] == "registered",
                            60 + options.boot_spread + lines / 1000)
            start_cpu, at = phone.cpu(), len(phone.seen)
            time.sleep(2)
            resident = phone.resident()
            if fault == "refused":
                servers[0].end()
            else:
                servers[0].say("silent" if fault == "silent" else f"status {fault}")
            failed = int(time.monotonic())
            most = EXPIRES + 40 + (lines / limit if limit else 0)
            moved = phone.wait(lines, lambda e: e["event"] == "moved", most)
            late = lateness(phone.seen[at:], POLICY[fault], ports[0])
            if fault == "refused":
                servers[0].start()
            else:
                servers[0].say("up")
            back = phone.wait(lines, lambda e: e.get("kind") == "failback", 2 * FAILBACK + 40)
            cpu = phone.cpu()
        finally:
            phone.end()
            for server in servers:
                server.end()
        at_backup = [found[1] for found in servers[1].most() if found[0] > failed]
    share = late[int(len(late) * 0.99)] if late else -1
    print(f"| {options.stack} | {lines} | {fault} | {up} | {resident:.1f} | {1000 * start_cpu / lines:.3f} "
          f"| {moved} | {share:.3f} | {late[-1] if late else -1:.3f} | {max(at_backup, default=0)} "
          f"| {back} | {1000 * (cpu - start_cpu) / lines:.3f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("build")
    parser.add_argument("--stack", default="osip2")
    parser.add_argument("--lines", default="100,1000,10000")
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--faults", default="silent,refused,503")
    parser.add_argument("--boot-spread", type=int, default=0)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what it has started ends with it
    print("| stack | lines | fault | registered | resident, MiB | CPU of the start, ms a line "
          "| moved | 99 % not later than policy +, s | last, s | most REGISTERs a second at the "
          "backup | came back | CPU of the outage, ms a line |")
    print("|" + "---|" * 12)
    for lines in map(int, options.lines.split(",")):
        for fault in options.faults.split(","):
            row(os.path.abspath(options.build), lines, fault, options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
