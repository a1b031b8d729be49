# SPDX-License-Identifier: MIT
"""footprint.py - text bytes and deepest stack of parts of the library, compiled for several machines."""

import glob
import os
import re
import shutil
import subprocess
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PARTS = {
    "core": ["libfailover/core/*.c", "libfailover/core/line/*.c"],
    "host": ["libfailover/host/*.c"],
    "`ua/`": ["ua/*.c", "ua/net/*.c"],
    "osip2 plugin": ["plugins/osip2/*.c"],
}
MACHINES = {  # name: compiler, flags
    "amd64 -O2": ("gcc", "-O2"),
    "armhf -Os": ("arm-linux-gnueabihf-gcc", "-Os"),
    "mips -Os": ("mips-linux-gnu-gcc", "-Os"),
}


def sources(part):
    found = [path for pattern in PARTS[part] for path in glob.glob(os.path.join(ROOT, pattern))]
    return sorted(path for path in found if os.path.basename(path) != "probe.c")


def compile_all(compiler, flags, paths, folder, build):
    """Objects of these files. The headers of stacks and OpenSSL are this machine's: only sizes are wanted."""
    objects = []
    for path in paths:
        objects.append(os.path.join(folder, os.path.relpath(path, ROOT).replace("/", "_")[:-2] + ".o"))
        subprocess.run([compiler, "-std=gnu11", *flags, "-DHAVE_CONFIG_H", "-D_GNU_SOURCE", "-I" + build,
                        "-I" + os.path.join(ROOT, "include"), "-I" + ROOT, "-idirafter", "/usr/include",
                        "-idirafter", "/usr/include/x86_64-linux-gnu", "-c", path, "-o", objects[-1]],
                       check=True, capture_output=True, cwd=folder)
    return objects


def text_of(compiler, objects):
    size = compiler[:-3] + "size" if compiler != "gcc" else "size"
    told = subprocess.run([size, "-t", *objects], check=True, capture_output=True, text=True).stdout
    return int(told.splitlines()[-1].split()[0])


def texts(build):
    """{machine: {part: bytes, or None}}"""
    result = {}
    for machine, (compiler, flags) in MACHINES.items():
        result[machine] = {}
        for part in PARTS:
            if not shutil.which(compiler):
                result[machine][part] = None
                continue
            with tempfile.TemporaryDirectory() as folder:
                objects = compile_all(compiler, [flags], sources(part), folder, build)
                result[machine][part] = text_of(compiler, objects)
    return result


# ---- stack ------------------------------------------------------------------------------------

class Graph:
    """Who calls whom, with the bytes of each frame, as gcc's -fcallgraph-info=su tells. What is called through
    a pointer is not followed: hooks and handlers begin paths of their own."""

    def __init__(self):
        self.frames, self.calls = {}, {}

    def read(self, path):
        with open(path, encoding="utf-8") as text:
            for line in text:
                node = re.search(r'node: \{ title: "([^"]+)" label: "[^"]*?(\d+) bytes', line)
                edge = re.search(r'edge: \{ sourcename: "([^"]+)" targetname: "([^"]+)"', line)
                if node:
                    self.frames[node[1]] = int(node[2])
                elif edge:
                    self.calls.setdefault(edge[1], set()).add(edge[2])

    def loops(self):
        """The functions that may come to themselves again."""
        def reached(start):
            seen, todo = set(), list(self.calls.get(start, ()))
            while todo:
                name = todo.pop()
                if name not in seen:
                    seen.add(name)
                    todo += self.calls.get(name, ())
            return seen

        return {name for name in self.frames if name in reached(name)}

    def deepest(self):
        """Bytes and functions of the deepest path that comes to no function twice."""
        loops, known, under_way = self.loops(), {}, set()

        def depth(name):
            if name in known:
                return known[name]
            if name in under_way or name not in self.frames:
                return 0, []
            under_way.add(name)
            below = max((depth(other) for other in self.calls.get(name, ())), default=(0, []))
            under_way.remove(name)
            found = self.frames[name] + below[0], [name.split(":")[-1]] + below[1]
            if name not in loops and not under_way & loops:
                known[name] = found  # what is in a loop depends on the way to it
            return found

        return max((depth(name) for name in sorted(self.frames)), default=(0, []))


def stack(parts, build, compiler="gcc", flags="-O2"):
    with tempfile.TemporaryDirectory() as folder:
        compile_all(compiler, [flags, "-fcallgraph-info=su"],
                    [path for part in parts for path in sources(part)], folder, build)
        graph = Graph()
        for path in glob.glob(os.path.join(folder, "*.ci")):
            graph.read(path)
        return graph.deepest()
