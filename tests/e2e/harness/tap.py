# SPDX-License-Identifier: MIT
"""tap.py - runs the test functions of a script and reports them in TAP."""

import signal
import sys
import traceback

from . import process


class Skip(Exception):
    """What a test needs is not there; said and counted, never passed over in silence."""


TEST_SECONDS = 60  # of one test, whatever it waits for


def _too_long(_number, _frame):
    raise AssertionError("not at its end after %d s" % TEST_SECONDS)


def _interrupted(_number, _frame):
    raise SystemExit(1)


def _diagnose(text):
    for line in text.rstrip().splitlines():
        print("# " + line)


def _run_one(test):
    """Runs one test; returns the words that follow "ok" or "not ok"."""
    signal.alarm(TEST_SECONDS)
    try:
        test()
        return True, ""
    except Skip as reason:
        return True, " # SKIP " + str(reason)
    except AssertionError as failure:
        _diagnose(str(failure) or traceback.format_exc())
    except Exception:  # a defect of the test is a failure, not the end of the script
        _diagnose(traceback.format_exc())
    finally:
        signal.alarm(0)
    return False, ""


def run(tests, setup=None, teardown=None):
    """Runs the tests in order between setup and teardown, and exits."""
    signal.signal(signal.SIGTERM, _interrupted)
    signal.signal(signal.SIGINT, _interrupted)
    signal.signal(signal.SIGHUP, _interrupted)
    signal.signal(signal.SIGALRM, _too_long)
    failed = 0
    skip = None
    try:
        if setup:
            try:
                setup()
            except Skip as reason:
                skip = reason
            except Exception:
                _diagnose(traceback.format_exc())
                print("Bail out! the set-up failed")
                sys.exit(1)
        print("1..%d" % len(tests), flush=True)
        for number, test in enumerate(tests, 1):
            good, note = (True, " # SKIP %s" % skip) if skip else _run_one(test)
            failed += not good
            print("%s %d - %s%s" % ("ok" if good else "not ok", number, test.__name__, note),
                  flush=True)
            if teardown and not skip:
                teardown()
    finally:
        process.stop_all()
    sys.exit(1 if failed else 0)


def check(condition, what):
    """An assertion that also holds under python -O."""
    if not condition:
        raise AssertionError(what)


def equal(got, expected, what):
    check(got == expected, "%s: got %r, expected %r" % (what, got, expected))
