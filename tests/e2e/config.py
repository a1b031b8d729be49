#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What failover-phone refuses: bad usage and bad configurations end with status 2, a message that
names the place, and not one packet."""

import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True

from harness import process, tap
from harness.phone import argv_of, need_program
from harness.tap import check, equal

GOOD_SERVER = '  server primary { address = "127.0.0.1" }\n'


def run(arguments, timeout=5):
    """Runs the phone to its end; returns its status and what it said on standard error."""
    done = subprocess.run(argv_of(*arguments), stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=timeout, check=False)
    return done.returncode, done.stderr


def write(name, text):
    path = os.path.join(process.workdir(), name)
    with open(path, "w", encoding="utf-8") as out:
        out.write(text)
    return path


def refused(name, text, place, words):
    """The configuration is refused at FILE:place with a message that has these words."""
    path = write(name, text)
    status, errors = run([path])
    equal(status, 2, "exit status; said: " + errors)
    check(re.search("%s:%s: .*%s" % (re.escape(path), place, words), errors),
          "no message of %s:%s with %s; said: %s" % (name, place, words, errors))


def unknown_key():
    refused("key.conf", "line 1 {\n  usr = \"1001\"\n" + GOOD_SERVER + "}\n", "2", "usr")


def unknown_key_in_yaml():
    refused("key.yaml", "line:\n  1:\n    usr: \"1001\"\n", r"3:\d+", "usr")


def value_out_of_range():
    refused("range.conf", "line 1 {\n  signal_retry_counts = 21\n" + GOOD_SERVER + "}\n", "2",
            "20")


def every_error_is_said():
    path = write("two.conf", "line 1 {\n  failback_interval = 0\n  jitter = 51\n" + GOOD_SERVER +
                 "}\n")
    status, errors = run([path])
    equal(status, 2, "exit status")
    for line in ("2", "3"):
        check("%s:%s:" % (path, line) in errors, "no error of line %s in: %s" % (line, errors))


def backup_without_a_primary():
    refused("backup.conf", "line 1 {\n  server backup { address = \"127.0.0.1\" }\n}\n", r"\d+",
            "primary")


def yaml_alias():
    refused("alias.yaml", "line:\n  1: &x\n    user: a\n  2: *x\n", r"4:\d+", "alias")


def password_is_not_shown():
    path = write("secret.conf", "line 1 {\n  auth_password = \"hunter2secret\"\n  jitter = 99\n" +
                 GOOD_SERVER + "}\n")
    status, errors = run([path])
    equal(status, 2, "exit status")
    check("hunter2secret" not in errors, "the password is in: " + errors)


def missing_file():
    path = os.path.join(process.workdir(), "absent.conf")
    status, errors = run([path])
    equal(status, 2, "exit status; said: " + errors)
    check(path in errors, "the message names the file: " + errors)


def no_configuration_given():
    status, errors = run([])
    equal(status, 2, "exit status; said: " + errors)
    check(errors, "a message")


def unknown_option():
    equal(run(["--bogus", "x.conf"])[0], 2, "exit status")


if __name__ == "__main__":
    tap.run([
        unknown_key,
        unknown_key_in_yaml,
        value_out_of_range,
        every_error_is_said,
        backup_without_a_primary,
        yaml_alias,
        password_is_not_shown,
        missing_file,
        no_configuration_given,
        unknown_option,
    ], need_program)
