# SPDX-License-Identifier: MIT
"""namespace.py - a network namespace of our own, with whatever addresses are wanted."""

import os
import shutil
import subprocess
import sys

OUTSIDE = "FAILOVER_E2E_NAMESPACE"  # the namespace that was left; wire.py sets up the loopback
ENTER = (["unshare", "--net"], ["unshare", "--user", "--map-root-user", "--net"])
SBIN = ":/usr/sbin:/sbin:/usr/local/sbin"


def _namespace():
    return os.readlink("/proc/self/ns/net")


def enter_namespace():
    """Starts the script again in a namespace of its own, where the system allows that."""
    os.environ["PATH"] += SBIN
    if os.environ.get(OUTSIDE):
        return
    for enter in ENTER:
        try:
            subprocess.run(enter + ["true"], check=True, capture_output=True, timeout=5)
        except (OSError, subprocess.SubprocessError):
            continue
        os.environ[OUTSIDE] = _namespace()
        os.execvp(enter[0], enter + [sys.executable] + sys.argv)


def lacks_namespace():
    """Why this namespace is not ours alone, or None."""
    if os.environ.get(OUTSIDE, _namespace()) == _namespace():
        return "network namespaces are not permitted"
    return None


def add_ipv6(addresses):
    """Gives the loopback these addresses; returns why that cannot be, or None."""
    lacks = lacks_namespace()
    if lacks or not shutil.which("ip"):
        return lacks or "ip is not installed"
    lines = "".join("address add %s/128 dev lo nodad\n" % address for address in addresses)
    done = subprocess.run(["ip", "-6", "-batch", "-"], input=lines, capture_output=True, text=True,
                          timeout=10, check=False)
    return "no IPv6: " + done.stderr.split("\n")[0] if done.returncode else None
