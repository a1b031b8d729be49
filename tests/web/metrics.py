#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""/metrics through a failover and back: the counts are those of the events, promtool takes the
text, the stricter rules of OpenMetrics hold, and no user is named unless asked for."""

import json
import re
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True

from bench import SECRET, Bench, wait_until
from harness.tap import Skip, check, equal, run

OPENMETRICS = {"Accept": "application/openmetrics-text; version=1.0.0"}
bench = Bench(lines=2)
owner = bench.browser()


def setup():
    bench.start_servers()
    bench.start()
    owner.logged_in()
    wait_until(lambda: serving(1) == 0 and serving(2) == 0, 20, "both lines are registered")
    check(bench.answers_options(bench.servers[0]), "the primary answers")
    bench.silence("primary")
    owner.post("/api/v1/lines/1/call", {"uri": "callee"})
    wait_until(lambda: serving(1) == 1, 40, "line 1 has moved")
    wait_until(lambda: [call["state"] for call in owner.get("/api/v1/lines/1").json()["calls"]] ==
               ["up"], 40, "the call is up")
    bench.tell("primary", "up")
    wait_until(lambda: bench.answers_options(bench.servers[0]), 30, "the primary is back")
    owner.post("/api/v1/lines/1/probe", {})
    wait_until(lambda: serving(1) == 0, 40, "line 1 has come back")


def serving(line):
    answer = owner.get("/api/v1/lines/%d" % line).json()
    return answer["serving"] if answer["state"] == "registered" else None


def scrape(**options):
    answer = owner.get("/metrics", **options)
    equal(answer.status, 200, "status")
    return answer.body.decode()


def samples(text):
    """{(name, labels): value} of a text."""
    found = {}
    for line in text.splitlines():
        match = re.fullmatch(r"([a-z_]+)(?:\{(.*)\})? ([0-9.+eE-]+)", line)
        if match:
            check((match[1], match[2]) not in found, "twice: " + line)
            found[match[1], match[2] or ""] = float(match[3])
        else:
            check(line.startswith("# "), "no sample: %r" % line)
    return found


def total(found, name, *parts):
    return sum(value for (one, labels), value in found.items()
               if one == name and all(part in labels for part in parts))


def promtool_finds_nothing():
    promtool = shutil.which("promtool")
    if not promtool:
        raise Skip("there is no promtool (Debian: prometheus)")
    done = subprocess.run([promtool, "check", "metrics"], input=scrape(), text=True,
                          capture_output=True)
    equal((done.returncode, done.stdout, done.stderr), (0, "", ""), "promtool check metrics")


def the_counts_are_those_of_the_events():
    found = samples(scrape())
    with open(bench.events) as lines:
        events = [json.loads(line) for line in lines]

    def of(name, **members):
        return sum(event["event"] == name and
                   all(event.get(key) == value for key, value in members.items())
                   for event in events)

    for name, event in ("attempts", "attempt"), ("failures", "unavailable"), ("moves", "moved"):
        equal(total(found, "failover_%s_total" % name), of(event), name)
    check(of("moved", kind="failover") >= 1 and of("moved", kind="failback") >= 1, "it moved")
    for kind in "failover", "failback":
        equal(total(found, "failover_moves_total", 'kind="%s"' % kind), of("moved", kind=kind),
              kind)
    equal(total(found, "failover_failures_total", 'reason="no-answer"', ":%d;" % bench.servers[0]),
          of("unavailable", reason="no-answer"), "failures of the primary")
    check(total(found, "failover_probes_total", 'result="answered"') >= 1, "a probe was answered")
    check(total(found, "failover_stale_news_total") >= 0, "stale news")


def the_histogram_is_one():
    found = samples(scrape())
    for method in "REGISTER", "INVITE":
        counts = [value for (name, labels), value in found.items()
                  if name == "failover_time_to_service_seconds_bucket" and
                  'method="%s"' % method in labels]
        equal(counts, sorted(counts), "buckets of " + method)
        check(counts[-1] >= 1, "there was service")
        equal(counts[-1], total(found, "failover_time_to_service_seconds_count", method), "count")
    late = total(found, "failover_time_to_service_seconds_sum", 'method="INVITE"')
    check(late >= 3.4, "the call waited for the dead primary: %g s" % late)


def lines_have_gauges():
    found = samples(scrape())
    equal(found["failover_line_registered", 'line="1"'], 1, "line 1")
    equal(found["failover_line_serving_index", 'line="1"'], 0, "line 1 is served by the first")
    equal(found["failover_line_registered", 'line="3"'], 0, "line 3 is off")
    check(("failover_line_serving_index", 'line="3"') not in found, "nobody serves line 3")


def OpenMetrics_is_asked_for():
    answer = owner.get("/metrics", headers=OPENMETRICS)
    check(answer.headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0"),
          answer.headers["Content-Type"])
    text = answer.body.decode()
    check(text.endswith("\n# EOF\n"), "its end")
    families = re.findall(r"^# TYPE (\S+) (\S+)$", text, re.M)
    for name, kind in families:
        check(not name.endswith("_total"), name + " is named without _total")
        for line in re.findall(r"^%s\S*(?= )" % name, text, re.M):
            if kind == "counter" and "{" not in name:
                check(line.split("{")[0] == name + "_total", "%s of %s" % (line, name))
    equal(len(families), len(set(families)), "families are named once")
    equal(sorted(name for name, _ in samples(text.replace("# EOF\n", ""))),
          sorted(name for name, _ in samples(scrape())), "the same samples in both formats")


def no_user_is_named_unless_asked():
    text = scrape()
    check("1001" not in text and "user" not in text and SECRET not in text, "users")
    with_users = Bench(options=["--web-metrics-users"])
    with_users.servers = bench.servers
    with_users.start()
    text = with_users.browser().logged_in().get("/metrics").body.decode()
    check('failover_line_registered{line="1",user="1001"}' in text, "asked for")
    check(SECRET not in text, "secret")
    with_users.phone.stop()


run([promtool_finds_nothing, the_counts_are_those_of_the_events, the_histogram_is_one,
     lines_have_gauges, OpenMetrics_is_asked_for, no_user_is_named_unless_asked], setup)
