#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Break the core in one place at a time; the fast tests must notice each time.

    mutate.py SOURCE BUILD [--sample N] [--only WORD] [--fresh]

SOURCE is the tree, BUILD a build of it with its test programs. Each mutant is compiled, linked with
the rest of the core into a shared object, and run against the scenarios, the unit tests of the
core, a short exploration and a short fleet until one fails. One whose code is the same as the
original's is no mutant. A survivor has to stand in tests/mutation/justified with its reason, and
what stands there has to survive.

What became of a mutant is kept in BUILD/mutation/results.json: the test that noticed it goes first
the next time; and where neither the mutant's file, nor a header, nor that test has changed (for a
survivor: any test), it is not run again, unless --fresh says so.
"""

import argparse
import collections
import concurrent.futures
import glob
import hashlib
import json
import os
import queue
import re
import resource
import signal
import subprocess
import sys
import threading
import time

from mutants import enumerators, mutants_of

WORKERS = 2
CPU_S = 2  # the slowest program takes a tenth of it
TIMEOUT_S = 60
MEMORY = 1 << 29
HANGS = " (hangs)"
NOT_RUN = ("invalid", "same")
LIBRARIES = ["-lcheck", "-lsubunit", "-lm", "-ldl", "-pthread", "-lrt"]
COMPILER = ["gcc", "-std=gnu11", "-O1", "-fPIC", "-w"]
# In this order; those that are not named stand with the rank 1.
RANK = {"run-scenario": 0, "core_random_test": 2, "explore": 3, "failover-sim": 4}
ARGUMENTS = {"explore": ["--states", "1000"], "failover-sim": ["--seeds", "1-60"]}


def digest(*parts):
    whole = hashlib.sha256()
    for part in parts:
        if isinstance(part, str):
            part = part.encode()
        whole.update(len(part).to_bytes(8, "little") + part)
    return whole.hexdigest()


def content(path):
    with open(path, "rb") as file:
        return file.read()


class Bench:
    """The parts that all mutants share: test programs, objects of the unchanged core."""

    def __init__(self, source, build):
        self.source, self.build = os.path.abspath(source), os.path.abspath(build)
        self.core = os.path.join(self.source, "libfailover/core")
        self.work = os.path.join(self.build, "mutation")
        self.files = sorted(os.path.relpath(path, self.core) for path in
                            glob.glob(os.path.join(self.core, "**/*.[ch]"), recursive=True))
        self.objects, self.digests, self.whole = {}, {}, {}
        self.programs = []
        self.host = f"{self.build}/libfailover/.libs/libhost.a"
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
            os.makedirs(os.path.dirname(target), exist_ok=True)
            if not self.compile(os.path.join(self.core, name), target):
                sys.exit(f"mutation: {name} does not compile")
            self.objects[name] = target
        core = os.path.join(self.work, "libcore.so")
        self.link(core, self.objects.values())
        for name, parts in sorted(self.parts().items(), key=lambda item: RANK.get(item[0], 1)):
            target = os.path.join(self.work, name)
            if name in self.whole:
                self.link_whole(name, target, self.objects.values())
            else:
                subprocess.run(["gcc", "-o", target, *parts, self.host, core, *LIBRARIES],
                               check=True)
            self.programs.append(name)
            inputs = [content(part) for part in sorted(parts)]
            if name == "run-scenario":
                inputs += [content(path) for path in self.scenarios]
            self.digests[name] = digest(*inputs, content(self.host), *self.arguments(name))

    def parts(self):
        """{program: its own objects}."""
        unit = os.path.join(self.build, "tests/unit")
        sim = f"{self.build}/plugins/sim/.libs/libsim.a"
        options = f"{self.build}/libfailover/config/.libs/liboptions.a"
        runner = glob.glob(f"{self.build}/tests/runner/scenarios_run_scenario-*.o")
        programs = {
            "run-scenario": [*runner, sim, options],
            "explore": glob.glob(f"{self.build}/tests/explore/explore-*.o"),
            "failover-sim": [*glob.glob(f"{self.build}/programs/sim/failover_sim-*.o"),
                             f"{self.build}/tests/sim/.libs/libfleet.a", sim, options],
        }
        for path in glob.glob(f"{self.source}/tests/unit/core_*_test.c") + \
                [f"{self.source}/tests/unit/sized_test.c"]:
            name = os.path.basename(path)[:-2]
            programs[name] = [f"{unit}/{name}-{name}.o", f"{unit}/.libs/libbench.a"]
        self.whole = {"explore": programs["explore"]}
        return programs

    def link_whole(self, name, target, objects):
        """A program that counts calls inside the core by --wrap has the core linked in."""
        with open(os.path.join(self.source, "tests/explore/build.am"), encoding="utf-8") as file:
            wraps = re.findall(r"-Wl,--wrap=\w+", file.read())
        subprocess.run(["gcc", "-o", target, *self.whole[name], *objects, self.host, *wraps,
                        *LIBRARIES], check=True)

    def arguments(self, name):
        return self.scenarios if name == "run-scenario" else ARGUMENTS.get(name, [])

    def run(self, name, place, objects):
        """None, or the name of the program, which fails with the core in this place."""
        program = os.path.join(self.work, name)
        if name in self.whole and objects:
            program = os.path.join(place, name)
            self.link_whole(name, program, objects)
        environment = {**os.environ, "LD_LIBRARY_PATH": place, "CK_FORK": "no", "SEEDS": "20",
                       "top_srcdir": self.source, "srcdir": self.source}
        try:
            run = subprocess.run([program, *self.arguments(name)], env=environment, check=False,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                 timeout=TIMEOUT_S, preexec_fn=limit, cwd=place)
        except subprocess.TimeoutExpired:
            return name + HANGS
        if run.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
            return name + HANGS
        return name if run.returncode else None

    def failed_test(self, place, first=None, objects=None):
        """The first program that fails with the core in this place, or None."""
        names = [name for name in self.programs if name == first]
        names += [name for name in self.programs if name != first]
        for name in names:
            failed = self.run(name, place, objects)
            if failed:
                return failed
        return None


class Results:
    """What became of mutants, kept from one run to the next."""

    def __init__(self, bench, fresh):
        self.bench = bench
        self.path = os.path.join(bench.work, "results.json")
        self.lock = threading.Lock()
        self.by_text, self.last = {}, {}
        self.headers = digest(*(bench.read(name) for name in bench.files if name.endswith(".h")))
        if os.path.exists(self.path):
            with open(self.path, encoding="utf-8") as file:
                kept = json.load(file)
            self.by_text, self.last = {} if fresh else kept["by_text"], kept["last"]

    def text_of(self, mutant):
        return digest(mutant.path, mutant.text, self.headers)

    def tests_of(self, by):
        """What the result depends on besides the core: the test that noticed it, or all."""
        if by in NOT_RUN:
            return ""
        names = [by.removesuffix(HANGS)] if by else sorted(self.bench.programs)
        return digest(*(self.bench.digests.get(name, "") for name in names))

    def known(self, mutant):
        """(1, by) if this mutant has been run against what there is now, else (0, None)."""
        by, tests = self.by_text.get(self.text_of(mutant), [None, None])
        return (1, by) if tests == self.tests_of(by) else (0, None)

    def note(self, mutant, by):
        with self.lock:
            self.by_text[self.text_of(mutant)] = [by, self.tests_of(by)]
            if by and by not in NOT_RUN:
                self.last[mutant.key] = by.removesuffix(HANGS)
            if len(self.by_text) % 50 == 0:
                self.save()

    def save(self):
        with open(self.path + ".new", "w", encoding="utf-8") as file:
            json.dump({"by_text": self.by_text, "last": self.last}, file)
        os.replace(self.path + ".new", self.path)


def limit():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def try_mutant(bench, results, place, mutant):
    """killed by whom; or "invalid", "same", None = it survives."""
    for name in bench.files:  # an untouched copy, so that headers are found beside the sources
        os.makedirs(os.path.dirname(os.path.join(place, name)), exist_ok=True)
        with open(os.path.join(place, name), "w", encoding="utf-8") as file:
            file.write(mutant.text if name == mutant.path else bench.read(name))
    objects = dict(bench.objects)
    for name in bench.objects:
        if mutant.path != name and mutant.path.endswith(".c"):
            continue
        objects[name] = os.path.join(place, name[:-1] + "o")
        if not bench.compile(os.path.join(place, name), objects[name]):
            return "invalid"
    if all(content(objects[name]) == content(bench.objects[name]) for name in objects):
        return "same"
    bench.link(os.path.join(place, "libcore.so"), objects.values())
    return bench.failed_test(place, results.last.get(mutant.key), objects.values())


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


def run_all(bench, mutants, reasons, fresh):
    """Run them two at a time."""
    results = Results(bench, fresh)
    try:
        return run_each(bench, mutants, reasons, results)
    finally:
        results.save()


def run_each(bench, mutants, reasons, results):
    """{key: what became of it}; those that nobody knows to survive are printed at once."""
    places = queue.Queue()
    for i in range(WORKERS):
        place = os.path.join(bench.work, f"worker{i}")
        os.makedirs(place, exist_ok=True)
        places.put(place)

    def one(mutant):
        known, by = results.known(mutant)
        if not known:
            place = places.get()
            try:
                by = try_mutant(bench, results, place, mutant)
            finally:
                places.put(place)
            results.note(mutant, by)
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
    hangs = sum(n for by, n in counts.items() if by and by.endswith(HANGS))
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
    parser.add_argument("--fresh", action="store_true")
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
    results = run_all(bench, chosen, reasons, arguments.fresh)
    good = report(results, reasons, {mutant.key for mutant in everything})
    print(f"{time.monotonic() - begun:.0f} s")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
