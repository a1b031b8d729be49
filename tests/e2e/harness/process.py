# SPDX-License-Identifier: MIT
"""process.py - child processes, each in a group of its own, none of which outlives the script."""

import atexit
import os
import shutil
import signal
import subprocess
import tempfile
import time

# "valgrind": the phone runs under it; "sanitizers": the build has them. Either way the phone ends by
# itself, so that leaks are seen, and everything takes its time.
MEMORY_CHECKED = "FAILOVER_E2E_MEMORY"
PATIENCE = 6

_started = []
_directory = None


def workdir():
    """A scratch directory that goes when the script ends; FAILOVER_E2E_KEEP=1 keeps it."""
    global _directory
    if _directory is None:
        _directory = tempfile.mkdtemp(prefix="failover-e2e-")
        if not os.environ.get("FAILOVER_E2E_KEEP"):
            atexit.register(shutil.rmtree, _directory, True)
    return _directory


def memory_checked():
    """By what, or nothing."""
    return os.environ.get(MEMORY_CHECKED)


def build_path(name):
    """A file of the build tree."""
    top = os.environ.get("top_builddir", os.getcwd())
    return os.path.join(top, name)


def is_busy():
    """Others want the processors, too: what takes a moment on an idle machine may take seconds."""
    return os.getloadavg()[0] > 2 * os.cpu_count()


def wait_until(condition, timeout, what):
    """Polls until condition() is true and returns that value; a busy machine has more time."""
    deadline = time.monotonic() + timeout * (PATIENCE if memory_checked() or is_busy() else 1)
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= deadline:
            raise AssertionError("not within %g s: %s" % (timeout, what))
        time.sleep(0.005)


def _state_and_group(directory):
    """Of a process or a thread, by its directory in /proc; state X where it is gone."""
    try:
        with open(directory + "/stat", encoding="utf-8") as file:
            state, _, group = file.read().rpartition(")")[2].split()[:3]
        return state, int(group)
    except OSError:
        return "X", 0


def _lives_in_group(group):
    """Whether a process of the group still has its sockets."""
    found = [_state_and_group("/proc/" + pid) for pid in filter(str.isdigit, os.listdir("/proc"))]
    return any(its_group == group and state not in "ZX" for state, its_group in found)


class Process:
    """One program and its children."""

    def __init__(self, name, argv, **options):
        self.name = name
        self.log_path = os.path.join(workdir(), name + ".log")
        with open(self.log_path, "ab") as log:
            self.child = subprocess.Popen(argv, start_new_session=True, stderr=log,
                                          stdin=options.get("stdin", subprocess.DEVNULL),
                                          stdout=options.get("stdout", log))
        _started.append(self)

    def signal_group(self, number):
        """Sends to the program and its children, if any is left."""
        try:
            os.killpg(self.child.pid, number)
        except ProcessLookupError:
            pass

    def freeze(self):
        """Its sockets stay open and nobody reads them: silence. Of a program with threads only one
        hears of it at once."""
        self.signal_group(signal.SIGSTOP)
        tasks = "/proc/%d/task/" % self.child.pid
        wait_until(lambda: all(_state_and_group(tasks + thread)[0] in "TtZX" for thread in
                               os.listdir(tasks)), 10, "it stops")

    def thaw(self):
        self.signal_group(signal.SIGCONT)

    def crash(self):
        """Gone at once, with its sockets; UDP peers get ICMP from now on."""
        self.signal_group(signal.SIGKILL)
        self.child.wait(5)
        # The program's children keep its sockets until each of them has ended, too.
        wait_until(lambda: not _lives_in_group(self.child.pid), 10, self.name + " has ended")
        if self in _started:
            _started.remove(self)

    def stop(self, timeout=3):
        """Asks it to end, insists after the timeout; returns the exit status."""
        self.thaw()
        if self.child.poll() is None:
            self.child.terminate()
        try:
            self.child.wait(timeout)
        except subprocess.TimeoutExpired:
            pass
        self.crash()
        return self.child.returncode

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as log:
            return log.read()


def stop_all():
    for item in list(_started):
        item.crash()


atexit.register(stop_all)
