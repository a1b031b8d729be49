#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Other people's phones beside failover-phone, on the same servers and faults: tables of doc/performance.md.

    tests/bench/beside.py FILE [peers | faults]     in a build directory, as root (`make bench-peers`); some minutes

peers: heap and processor of phones that are registered. All run at a time, each with a server of its own
(failover-server, without a password: SHA-256 is not every phone's), refreshed each minute. faults: how long they are
without service (tests/edge/peers.py)."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "..", "edge"))

import peers
import phones
import tables

from harness import process
from harness.process import Process, build_path, wait_until, workdir
from harness.wire import Wire

WATCHED = 115  # s: two refreshes of each line, and no third
SETTLES = 45   # s: longer than 64*T1
LINE = """line %(number)d {
 user = "%(user)d"
 auth_password = "secret"
 keepalive = off
 server primary {
  address = "%(server)s"
  port = %(port)d
  expires = 60
 }
}
"""


class FailoverPhone(phones.Phone):
    """Ours, as the others are asked to be: a primary and a backup, defaults but for the way back."""

    program = "failover-phone"
    stack = "osip2"

    def start(self):
        self.write("phone.conf", peers.CONFIG.replace("sip_port = 5060\n", "sip_port = 5070\n"))
        self.run(build_path("failover-phone"), "--stack", self.stack, "--plugin-dir", build_path(".libs"),
                 "--listen", self.address + ":5070", os.path.join(self.home, "phone.conf"))

    def dial(self):
        self.say("call " + phones.CALLEE)

    def hang_up(self):
        self.say("hangup")


def probe():
    path = os.path.join(workdir(), "heap_probe.so")
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", os.path.join(HERE, "heap_probe.c"), "-o", path], check=True)
    return path


def server(name):
    one = Process("server-" + name, [build_path("failover-server"), "--listen", "%s:0" % peers.ADDRESS["primary"]],
                  stdin=subprocess.PIPE)
    wait_until(lambda: "listening on" in one.log(), 20, "the server listens")
    return one, int(re.search(r"listening on [\d.]+:(\d+)", one.log())[1])


def write(folder, name, text):
    os.makedirs(os.path.join(folder, os.path.dirname(name)), exist_ok=True)
    with open(os.path.join(folder, name), "w", encoding="utf-8") as out:
        out.write(text)


def ours(stack):
    def argv(folder, lines, port, _local):
        write(folder, "phone.conf", "profile = v3\n" + "".join(
            LINE % {"number": i + 1, "user": 1001 + i, "server": peers.ADDRESS["primary"], "port": port}
            for i in range(lines)))
        return [build_path(".libs/failover-phone"), "--stack", stack, "--plugin-dir", build_path(".libs"),
                "--listen", peers.ADDRESS["phone"] + ":0", os.path.join(folder, "phone.conf")]
    return argv


def baresip(folder, lines, port, local):
    write(folder, "config", "\n".join([
        "sip_listen %s:%d" % (peers.ADDRESS["phone"], local), "net_interface lo",
        "module_path /usr/lib/baresip/modules", "module g711.so", "module_tmp account.so", "module_app menu.so",
        "audio_player nil,", "audio_source nil,", "audio_alert nil,", ""]))
    write(folder, "accounts", "".join("<sip:%d@%s:%d>;regint=60\n" % (1001 + i, peers.ADDRESS["primary"], port)
                                      for i in range(lines)))
    write(folder, "contacts", "")
    return ["baresip", "-f", folder]


def linphonec(folder, _lines, port, local):
    write(folder, ".local/share/linphone/.here", "")
    write(folder, "linphonerc", """[sip]
sip_port=%d
default_proxy=0
register_only_when_network_is_up=0
use_ipv6=0
[sound]
playback_dev_id=ANULL: Null
[proxy_0]
reg_proxy=<sip:%s:%d>
reg_identity=sip:1001@%s:%d
reg_expires=60
reg_sendregister=1
publish=0
""" % (local, peers.ADDRESS["primary"], port, peers.ADDRESS["primary"], port))
    return ["linphonec", "-c", os.path.join(folder, "linphonerc")]


def twinkle(folder, _lines, port, local):
    write(folder, ".asoundrc", "pcm.!default { type null }\nctl.!default { type null }\n")
    write(folder, ".twinkle/phone.cfg", """user_name=1001
user_domain=%s
registrar=%s:%d
registration_time=60
register_at_startup=yes
codecs=g711u,g711a
sip_transport=udp
""" % (peers.ADDRESS["primary"], peers.ADDRESS["primary"], port))
    write(folder, ".twinkle/twinkle.sys", """dev_ringtone=alsa:default
dev_speaker=alsa:default
dev_mic=alsa:default
validate_audio_dev=no
sip_port=%d
rtp_port=%d
start_user_profile=phone
""" % (local, local + 2))
    return ["twinkle-console", "phone.cfg"]


PHONES = [("failover-phone, " + stack, ours(stack), lines) for stack in tables.STACKS for lines in (1, 100)]
PHONES += [("baresip 1.0", baresip, 1), ("baresip 1.0", baresip, 100), ("linphonec 5.1", linphonec, 1),
           ("twinkle-console 1.10", twinkle, 1)]


class Watched:
    """One phone, its server, and what it has taken."""

    def __init__(self, number, name, argv_of, lines, preload):
        self.name, self.lines = name, lines
        label = "%d-%s" % (number, re.sub(r"[^a-z0-9]", "", name))
        self.folder = os.path.join(workdir(), label)
        os.makedirs(self.folder)
        self.heap_file = os.path.join(self.folder, "heap")
        self.server, port = server(label)
        argv = argv_of(self.folder, lines, port, 6000 + 10 * number)
        self.phone = Process(label, ["env", "HOME=" + self.folder, "HEAP_PROBE=" + self.heap_file,
                                     "LD_PRELOAD=" + preload, "LD_LIBRARY_PATH=" + build_path(".libs"), *argv],
                             stdin=subprocess.PIPE)

    def cpu_ms(self):
        folder, total = "/proc/%d/task" % self.phone.child.pid, 0
        for thread in os.listdir(folder):
            with open(os.path.join(folder, thread, "schedstat"), encoding="ascii") as text:
                total += int(text.read().split()[0])
        return total / 1e6

    def registrations(self):
        return self.server.log().count("-> 200 REGISTER")

    def begin(self):
        self.first = self.registrations()
        self.cpu_before = self.cpu_ms()

    def end(self):
        self.refreshes = self.registrations() - self.first
        self.cpu = (self.cpu_ms() - self.cpu_before) / self.refreshes if self.refreshes else None
        self.phone.child.send_signal(signal.SIGRTMIN + 5)
        with open("/proc/%d/status" % self.phone.child.pid, encoding="ascii") as text:
            self.resident = int(re.search(r"VmRSS:\s+(\d+)", text.read())[1])

    def heap(self):
        with open(self.heap_file, encoding="ascii") as text:
            return int(text.read())


def table_peers():
    preload = probe()
    watched = [Watched(number, *phone, preload) for number, phone in enumerate(PHONES)
               if "failover" in phone[0] or shutil.which(phone[0].split()[0])]
    time.sleep(SETTLES)
    for one in watched:
        one.begin()
    time.sleep(WATCHED)
    for one in watched:
        one.end()
    time.sleep(1)
    single = {one.name: one.heap() for one in watched if one.lines == 1}
    for one in watched:
        more = "" if one.lines == 1 else "%.1f" % ((one.heap() - single[one.name]) / (one.lines - 1) / 1024)
        yield [one.name, one.lines, "%.0f" % (one.heap() / 1024), more, one.resident,
               one.refreshes, "does not register" if one.cpu is None else "%.3f" % one.cpu]
    missing = [name for name in ("baresip", "linphonec", "twinkle-console") if not shutil.which(name)]
    if missing:
        yield [", ".join(missing), "not installed", "", "", "", "", ""]


def table_faults():
    peers.PHONES["failover-phone"] = FailoverPhone
    wire = Wire({address: name for name, address in peers.ADDRESS.items()})
    for name, kind in peers.PHONES.items():
        if kind is not FailoverPhone and not shutil.which(kind.program):
            yield [name, "not installed"] + [""] * (len(peers.COLUMNS) - 1)
            continue
        yield [name] + peers.measure(name, "alone", wire)


TABLES = {
    "peers": (["phone", "lines", "heap, KiB", "more for a line", "resident, KiB", "refreshes seen",
               "CPU a refresh, ms"], table_peers),
    "faults": (["phone", *peers.COLUMNS], table_faults),
}


def main():
    peers.enter()
    peers.set_up_network()
    try:
        for name in sys.argv[2:] or TABLES:
            head, lines = TABLES[name]
            lines = tables.rows(head, lines())
            tables.put(sys.argv[1], name, lines)
            print("\n".join(["", name] + lines), flush=True)
    finally:
        process.stop_all()


if __name__ == "__main__":
    main()
