# SPDX-License-Identifier: MIT
"""phone.py - failover-phone under test: its configuration, commands and events."""

import functools
import itertools
import json
import os
import subprocess

from .process import Process, build_path, memory_checked, wait_until, workdir
from .tap import Skip, check
from .wire import uri_host

_number = itertools.count(1)


def _section(name, address, expires, transport):
    lines = ['    address = "%s"' % address]
    if transport:
        lines.append("    transport = " + transport)
    if expires and name.startswith("server"):
        lines.append("    expires = %d" % expires)
    return "  %s {\n%s\n  }\n" % (name, "\n".join(lines))


def _line(number, nodes, expires, transport, settings):
    options = {"user": '"%d"' % (1000 + number), "auth_password": '"secret"', "keepalive": "off",
               "jitter": 0, "failback": 0}
    options.update(settings)
    text = "".join("  %s = %s\n" % item for item in options.items())
    text += "".join(_section(name, address, expires, transport) for name, address in nodes.items())
    return "line %d {\n%s}\n" % (number, text)


def write_config(profile, nodes, expires=None, transport=None, device=(), lines=1, **settings):
    """A configuration of line 1, or of so many lines. nodes: "server primary" -> address; device:
    text that is of no line. Nothing happens by itself: no keep-alive, no probes, no spread of
    timers."""
    need_claim(transport or "udp")
    path = os.path.join(workdir(), "phone-%d.conf" % next(_number))
    with open(path, "w", encoding="utf-8") as out:
        out.write("".join(line + "\n" for line in ("profile = " + profile, *device)))
        for number in range(1, lines + 1):
            out.write(_line(number, nodes, expires, transport, settings))
    return path


def _valgrind():
    return [build_path("libtool"), "--mode=execute", "valgrind", "-q", "--error-exitcode=99",
            "--leak-check=full", "--show-leak-kinds=definite,indirect,possible",
            "--errors-for-leak-kinds=definite,indirect,possible"]


def stack_name():
    """The plugin under test."""
    return os.environ.get("FAILOVER_STACK", "osip2")


def program():
    """The phone under test: another one that has its options, commands and events may take its
    place."""
    return os.environ.get("FAILOVER_PHONE", build_path("failover-phone"))


def argv_of(*arguments):
    plugins = os.environ.get("FAILOVER_PLUGIN_DIR", build_path(".libs"))
    return [program(), "--stack", stack_name(), "--plugin-dir", plugins,
            *arguments]


def need_program():
    """Skips the script in a build without the phone or its stack."""
    plugins = argv_of()[4]
    if not os.access(program(), os.X_OK):
        raise Skip("%s is not part of this build" % os.path.basename(program()))
    if "FAILOVER_PHONE" not in os.environ and not os.path.exists(os.path.join(plugins, stack_name() + ".so")):
        raise Skip("the %s plugin is not part of this build" % stack_name())


@functools.lru_cache(None)
def claims():
    """What the plugin claims to do (FAILOVER_CAP_*): "tcp", "reports-icmp" ..."""
    done = subprocess.run(argv_of("--claims"), capture_output=True, text=True, timeout=30,
                          check=False)
    check(done.returncode == 0, "failover-phone --claims: " + done.stderr)
    return frozenset(done.stdout.split())


def need_claim(claim):
    """Skips the test if the plugin does not claim it; every plugin has UDP."""
    if claim != "udp" and claim not in claims():
        raise Skip("the %s plugin does not claim %s" % (stack_name(), claim))


class Phone:
    """One run of the phone."""

    def __init__(self, address, config, *options):
        self._start(argv_of("--listen", uri_host(address) + ":5060"), config, *options)

    def _start(self, argv, config, *options):
        name = "phone-%d" % next(_number)
        self._events_path = os.path.join(workdir(), name + ".events")
        self._read = 0
        self.events = []
        checker = _valgrind() if memory_checked() == "valgrind" else []
        self.process = Process(name, [*checker, *argv, "--events", self._events_path, *options,
                                      config], stdin=subprocess.PIPE)

    def command(self, text):
        self.process.child.stdin.write((text + "\n").encode())
        self.process.child.stdin.flush()

    def _poll(self):
        try:
            with open(self._events_path, encoding="utf-8") as events:
                events.seek(self._read)
                while (line := events.readline()).endswith("\n"):
                    self._read = events.tell()
                    self.events.append(json.loads(line))
        except FileNotFoundError:
            pass

    def mark(self):
        self._poll()
        return len(self.events)

    def find(self, since=0, **members):
        """The first event from `since` on with these members, or None."""
        self._poll()
        for event in self.events[since:]:
            if all(event.get(key) == value for key, value in members.items()):
                return event
        return None

    def wait(self, since=0, timeout=5, **members):
        """Waits for such an event. ICMP is told by who claims it; others need the whole budget."""
        if members.get("reason") == "icmp":
            need_claim("reports-icmp")

        def found_or_dead():
            event = self.find(since, **members)
            check(event or self.process.child.poll() is None, "the phone ended with status %s" %
                  self.process.child.returncode)
            return event

        try:
            return wait_until(found_or_dead, timeout, members)
        except AssertionError as failure:
            raise AssertionError("%s\nevents:\n%s\nlog:\n%s" % (
                failure, "\n".join(json.dumps(e) for e in self.events[since:]),
                self.process.log())) from None

    def end(self):
        """Gone at once; where memory is checked, at its own end, which must be a good one."""
        if not memory_checked():
            self.process.crash()
            return
        status = self.process.stop(60)
        check(status == 0, "the phone ended with status %s:\n%s" % (status, self.process.log()))

    def stop(self):
        """SIGTERM; returns the exit status."""
        return self.process.stop()
