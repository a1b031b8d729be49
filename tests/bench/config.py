#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What configurations of very many lines cost: rows for doc/performance.md.

usage: tests/bench/config.py BUILD-DIR [LINES...]      (10000 100000)

For each number of lines a .conf, a .yaml, and a folder with a file for each line, which the first
file includes.
"""
import os
import subprocess
import sys
import tempfile


def conf(n):
    return (f'line {n} {{\n\tuser = "user{n}"\n\tauth_password = "secret{n}"\n'
            '\tserver primary { address = "192.0.2.1" }\n'
            '\tserver backup { address = "192.0.2.2" port = 5062 }\n}\n')


def yaml(n):
    return (f'  {n}:\n    user: "user{n}"\n    auth_password: "secret{n}"\n    server:\n'
            '      primary: { address: 192.0.2.1 }\n'
            '      backup: { address: 192.0.2.2, port: 5062 }\n')


def write(path, text):
    with open(path, "w") as file:
        file.write(text)


def row(bench, kind, path):
    made = subprocess.run([bench, path], capture_output=True, text=True, check=True).stdout
    print(f"| {kind} {made}", end="", flush=True)


def main():
    bench = os.path.join(os.path.abspath(sys.argv[1]), "tests/bench/config_bench")
    print("| form | lines | read, s of CPU | warnings, s of CPU | heap, bytes a line "
          "| resident, bytes a line |")
    print("|" + "---|" * 6)
    for lines in [int(text) for text in sys.argv[2:]] or [10000, 100000]:
        with tempfile.TemporaryDirectory() as folder:
            numbers = range(1, lines + 1)
            write(f"{folder}/all.conf", "".join(map(conf, numbers)))
            write(f"{folder}/all.yaml", "line:\n" + "".join(map(yaml, numbers)))
            write(f"{folder}/first.conf", "include = lines.d\n")
            os.mkdir(f"{folder}/lines.d")
            for n in numbers:
                write(f"{folder}/lines.d/{n}.conf", conf(n))
            row(bench, "one .conf", f"{folder}/all.conf")
            row(bench, "one .yaml", f"{folder}/all.yaml")
            row(bench, "a file each, included", f"{folder}/first.conf")
    return 0


if __name__ == "__main__":
    sys.exit(main())
