#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Break the core in one place at a time; the fast tests must notice each time.

    mutate.py SOURCE BUILD [--sample N] [--only WORD]

SOURCE is the tree, BUILD a build of it with its test programs. Each mutant is compiled, linked with
the rest of the core into a shared object, and run against the scenarios and the unit tests of the
core until one fails. One whose code is the same as the original's is no mutant. A survivor has to
stand in tests/mutation/justified with its reason, and what stands there has to survive.
"""

import argparse
import collections
import concurrent.futures
import glob
import hashlib
import os
import queue
import resource
import subprocess
import sys
import time

from mutants import enumerators, mutants_of

WORKERS = 2
TIMEOUT_S = 20
MEMORY = 1 << 31
LAST = {"run-scenario": 0, "core_random_test": 2, "core_timer_test": 3}  # what takes longest
COMPILER = ["gcc", "-std=gnu11", "-O1", "-fPIC", "-w"]


class Bench:
    """The parts that all mutants share: test programs, objects of the unchanged core."""

    def __init__(self, source, build):
        self.source, self.build = os.path.abspath(source), os.path.abspath(build)
        self.core = os.path.join(self.source, "libfailover/core")
        self.work = os.path.join(self.build, "mutation")
        self.files = sorted(os.path.basename(path) for path in
                            glob.glob(os.path.join(self.core, "*.[ch]")))
        self.objects = {}
        self.programs = []
        self.scenarios = sorted(glob.glob(os.path.join(self.source, "tests/scenarios/*.scn")))

    def read(self, name):
        with open(os.path.join(self.core, name), encoding="utf-8") as file:
            return file.read()

    def compile(self, source, target):
        flags = [f"-I{self.build}", f"-I{self.source}/include", "-DHAVE_CONFIG_H", "-c", source]
        return subprocess.run([*COMPILER, *flags, "-o", target], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, check=False).returncode == 0

    def link(self, target, objects):
        subprocess.run(["gcc", "-shared", "-Wl,-soname,libcore.so", "-o", target, *objects],
                       check=True)

    def prepare(self):
        os.makedirs(self.work, exist_ok=True)
        for name in self.files:
            if not name.endswith(".c"):
                continue
            target = os.path.join(self.work, name[:-1] + "o")
            if not self.compile(os.path.join(self.core, name), target):
                sys.exit(f"mutation: {name} does not compile")
            self.objects[name] = target
        core = os.path.join(self.work, "libcore.so")
        self.link(core, self.objects.values())
        unit = os.path.join(self.build, "tests/unit")
        programs = {"run-scenario": glob.glob(f"{self.build}/tests/scenarios/*.o") +
                    [f"{self.build}/plugins/sim/.libs/libsim.a"]}
        for path in glob.glob(f"{self.source}/tests/unit/core_*_test.c"):
            name = os.path.basename(path)[:-2]
            programs[name] = [f"{unit}/{name}-{name}.o", f"{unit}/.libs/libbench.a"]
        libraries = [f"{self.build}/libfailover/.libs/libhost.a", core, "-lcheck", "-lsubunit",
                     "-lm", "-ldl", "-pthread", "-lrt"]
        for name, parts in sorted(programs.items(), key=lambda item: LAST.get(item[0], 1)):
            target = os.path.join(self.work, name)
            subprocess.run(["gcc", "-o", target, *parts, *libraries], check=True)
            self.programs.append(target)

    def failed_test(self, library):
        """The first program that fails with this core, or None."""
        environment = {**os.environ, "LD_LIBRARY_PATH": library, "CK_FORK": "no", "SEEDS": "20",
                       "top_srcdir": self.source, "srcdir": self.source}
        for program in self.programs:
            name = os.path.basename(program)
            arguments = self.scenarios if name == "run-scenario" else []
            try:
                run = subprocess.run([program, *arguments], env=environment, check=False,
                                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                     timeout=TIMEOUT_S, preexec_fn=limit, cwd=library)
            except subprocess.TimeoutExpired:
                return name + " (hangs)"
            if run.returncode:
                return name
        return None


def limit():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def same(one, other):
    with open(one, "rb") as first, open(other, "rb") as second:
        return first.read() == second.read()


def try_mutant(bench, place, mutant):
    """killed by whom; or "invalid", "same", None = it survives."""
    for name in bench.files:  # an untouched copy, so that headers are found beside the sources
        with open(os.path.join(place, name), "w", encoding="utf-8") as file:
            file.write(mutant.text if name == mutant.path else bench.read(name))
    objects = dict(bench.objects)
    for name in bench.objects:
        if mutant.path not in (name, ) and mutant.path.endswith(".c"):
            continue
        objects[name] = os.path.join(place, name[:-1] + "o")
        if not bench.compile(os.path.join(place, name), objects[name]):
            return "invalid"
    if all(same(objects[name], bench.objects[name]) for name in objects):
        return "same"
    bench.link(os.path.join(place, "libcore.so"), objects.values())
    return bench.failed_test(place)


def justified(path):
    """{key: reason}: a line with the key, then one with the reason, which is indented."""
    reasons, keys = {}, []
    with open(path, encoding="utf-8") as file:
        for line in file.read().splitlines():
            if not line.strip() or line.startswith("#"):
                continue
            if not line.startswith("\t"):
                keys.append(line.strip())
                continue
            if not keys:
                sys.exit(f"mutation: a reason without a mutant: {line.strip()}")
            reasons.update(dict.fromkeys(keys, line.strip()))
            keys = []
    if keys:
        sys.exit(f"mutation: no reason is given for: {keys[0]}")
    return reasons


def collect(bench, word):
    after = enumerators([bench.read(name) for name in bench.files if name.endswith(".h")] +
                        [open(path, encoding="utf-8").read() for path in
                         sorted(glob.glob(f"{bench.source}/include/failover/*.h"))])
    mutants = []
    for name in bench.files:
        text = bench.read(name)
        of_file = list(mutants_of(name, text, after))
        if name.endswith(".h"):  # only the numbers of a header
            of_file = [mutant for mutant in of_file if ": #define FO_" in mutant.key]
        mutants += of_file
    return [mutant for mutant in mutants if not word or word in mutant.key]


def sample(mutants, count):
    """Always the same ones, whatever else changes."""
    def number(mutant):
        return hashlib.sha256(mutant.key.encode()).digest()
    return sorted(mutants, key=number)[:count] if count else mutants


def run_all(bench, mutants, reasons):
    """{key: what became of it}; those that nobody knows to survive are printed at once."""
    places = queue.Queue()
    for i in range(WORKERS):
        place = os.path.join(bench.work, f"worker{i}")
        os.makedirs(place, exist_ok=True)
        places.put(place)

    def one(mutant):
        place = places.get()
        try:
            by = try_mutant(bench, place, mutant)
        finally:
            places.put(place)
        if by is None and mutant.key not in reasons:
            print(f"survives: {mutant.key}", flush=True)
        return by

    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        return dict(zip([mutant.key for mutant in mutants], pool.map(one, mutants)))


def report(results, reasons, everything):
    counts = collections.Counter(results.values())
    survivors = [key for key, by in results.items() if by is None]
    bad = [f"is noticed now ({by}), but stands in justified: {key}"
            for key, by in results.items() if by is not None and key in reasons]
    bad += [f"stands in justified, but there is no such mutant: {key}"
            for key in reasons if key not in everything]
    tried = sum(counts.values()) - counts["invalid"] - counts["same"]
    allowed = sum(1 for key in survivors if key in reasons)
    killed = tried - len(survivors)
    print("\n".join(bad + [""] if bad else []), end="")
    hangs = sum(n for by, n in counts.items() if by and by.endswith("(hangs)"))
    print(f"mutants: {tried} tried, {killed} noticed ({hangs} of them hang), {allowed} justified, "
          f"{len(survivors) - allowed} not; besides, {counts['same']} change no code and "
          f"{counts['invalid']} do not compile")
    print(f"score: {100 * killed / max(tried, 1):.2f} %, with the justified "
          f"{100 * (killed + allowed) / max(tried, 1):.2f} %")
    return not bad and killed > 0 and allowed == len(survivors)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source")
    parser.add_argument("build")
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    begun = time.monotonic()
    bench = Bench(arguments.source, arguments.build)
    bench.prepare()
    failed = bench.failed_test(bench.work)
    if failed:
        sys.exit(f"mutation: {failed} fails with the unchanged core")
    everything = collect(bench, "")
    chosen = sample(collect(bench, arguments.only), arguments.sample)
    reasons = justified(os.path.join(bench.source, "tests/mutation/justified"))
    results = run_all(bench, chosen, reasons)
    good = report(results, reasons, {mutant.key for mutant in everything})
    print(f"{time.monotonic() - begun:.0f} s")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
