#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""openapi.json against the server: each path, each method, each status that it names is provoked,
and no other comes; answers have the members and types that it says."""

import json
import os
import sys

sys.dont_write_bytecode = True

from bench import PASSWORD, Bench, Stream, process, wait_until
from harness.tap import Skip, check, equal, run

bench = Bench()
owner = bench.browser()
with open(os.path.join(os.environ.get("top_srcdir", "."), "programs/web/openapi.json")) as text:
    API = json.load(text)
seen = set()
METHODS = "get", "post", "patch", "delete", "put"
KINDS = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "array": list,
         "object": dict, "null": type(None)}


def operations():
    for path, item in API["paths"].items():
        for method in METHODS:
            if method in item:
                yield path, method, item[method]


def deref(thing):
    while "$ref" in thing:
        at = API
        for name in thing["$ref"][2:].split("/"):
            at = at[name]
        thing = at
    return thing


def fits(value, schema, where):
    schema = deref(schema)
    if "oneOf" in schema:
        for one in schema["oneOf"]:
            try:
                return fits(value, one, where)
            except AssertionError:
                pass
        raise AssertionError("%s: %r fits nothing" % (where, value))
    kinds = schema.get("type")
    if kinds:
        kinds = kinds if isinstance(kinds, list) else [kinds]
        check(any(isinstance(value, KINDS[kind]) and not (kind != "boolean" and value is True)
                  for kind in kinds), "%s: %r is no %s" % (where, value, kinds))
    if "enum" in schema:
        check(value in schema["enum"], "%s: %r is not in %s" % (where, value, schema["enum"]))
    if isinstance(value, list) and "items" in schema:
        for number, one in enumerate(value):
            fits(one, schema["items"], "%s[%d]" % (where, number))
    if isinstance(value, dict):
        for name in schema.get("required", []):
            check(name in value, "%s has no %s" % (where, name))
        for name, one in value.items():
            inner = schema.get("properties", {}).get(name, schema.get("additionalProperties"))
            if "properties" in schema:
                check(inner is not None, "%s: %s is not described" % (where, name))
            fits(one, inner or {}, where + "." + name)
    return None


def ask(path, method, body=None, line=1, browser=None, query="", **options):
    """Asks, and holds the answer against what is described."""
    where = path.replace("{line}", str(line)) + query
    if API["paths"][path][method].get("requestBody") is None and method == "post":
        body = {} if body is None else body
    answer = (browser or owner).ask(method.upper(), where, body, **options)
    note(path, method, answer)
    return answer


def note(path, method, answer):
    described = API["paths"][path][method]["responses"]
    status = str(answer.status)
    check(status in described, "%s %s: %s is not described: %r"
          % (method, path, status, answer.body[:100]))
    seen.add((path, method, status))
    content = deref(described[status]).get("content", {})
    if not content:
        equal(answer.body, b"", "body of %s %s %s" % (method, path, status))
        return
    kind = answer.headers["Content-Type"].split(";")[0]
    check(kind in content, "%s %s: %s" % (method, path, kind))
    if kind == "application/json":
        fits(answer.json(), content[kind]["schema"], "%s %s %s" % (method, path, status))


def body_of(path, method):
    if path.endswith("/session"):
        return {"password": PASSWORD} if method == "post" else None
    if path.endswith("/call"):
        return {"uri": "callee"}
    if method == "patch":
        return {"revision": "0", "changes": []}
    return None


def registered():
    return owner.get("/api/v1/lines/1").json()["state"] == "registered"


def setup():
    bench.start_servers()
    bench.start()
    owner.logged_in()
    wait_until(registered, 20, "the line is registered")


def it_is_served_as_it_is():
    answer = ask("/api/v1/openapi.json", "get")
    equal(answer.json(), API, "openapi.json")
    equal(API["openapi"][:4], "3.1.", "version")


def foreign_names_and_half_requests():
    for path, method, _ in operations():
        equal(ask(path, method, body_of(path, method), headers={"Host": "evil.example"}).status,
              421, path)
        equal(ask(path, method, body_of(path, method), 
                  headers={"Transfer-Encoding": "gzip"}).status, 400, path)


def without_a_session():
    stranger = bench.browser()
    for path, method, operation in operations():
        if operation.get("security") != []:
            equal(ask(path, method, body_of(path, method), browser=stranger).status, 401, path)
    equal(ask("/api/v1/session", "post", {"password": "wrong-horse"}, browser=stranger).status,
          401, "a wrong password")


def without_the_token():
    for path, method, operation in operations():
        if "403" in operation["responses"]:
            headers = {"Origin": "http://evil.example"} if path.endswith("session") else {}
            equal(ask(path, method, body_of(path, method), csrf=False, headers=headers).status,
                  403, path)


def bodies_that_are_none():
    for path, method, operation in operations():
        if "requestBody" not in operation:
            continue
        equal(ask(path, method, "{}", headers={"Content-Type": "text/plain"}).status, 415, path)
        equal(ask(path, method, "{", headers={"Content-Type": "application/json"}).status, 400,
              path)


def reading():
    for path, method, operation in operations():
        if method != "get" or path.endswith(("events", "session")):
            continue
        equal(ask(path, method).status, 200, path)
        if "404" in operation["responses"]:
            equal(ask(path, method, line=99).status, 404, path)
    equal(ask("/api/v1/session", "get").status, 200, "session")
    equal(ask("/api/v1/decisions", "get", query="?line=x").status, 400, "a query that is none")


def calls():
    return [call["state"] for call in owner.get("/api/v1/lines/1").json()["calls"]]


def commands():
    for path, method, operation in operations():
        if "202" in operation["responses"]:
            equal(ask(path, method, body_of(path, method), line=99).status, 404, path)
            equal(ask(path, method, body_of(path, method), line=2).status, 409, path + " of line 2")
    for word in "register", "options", "pin", "unpin":
        wait_until(registered, 20, "the line is registered")
        equal(ask("/api/v1/lines/{line}/" + word, "post").status, 202, word)


def call_and_hang_up():
    wait_until(registered, 20, "the line is registered")
    equal(ask("/api/v1/lines/{line}/hangup", "post").status, 409, "no call yet")
    equal(ask("/api/v1/lines/{line}/answer", "post").status, 409, "nobody calls")
    equal(ask("/api/v1/lines/{line}/call", "post", {"uri": "callee"}).status, 202, "call")
    wait_until(calls, 20, "there is a call")
    ask("/api/v1/status", "get")
    equal(ask("/api/v1/lines/{line}/hangup", "post").status, 202, "hang up")
    wait_until(lambda: not calls(), 40, "it ends")


def answer_who_calls():
    bench.tell("primary", "ring 1001")
    wait_until(lambda: calls() == ["incoming"], 30, "somebody calls")
    equal(ask("/api/v1/lines/{line}/answer", "post").status, 202, "answer")


def back_from_the_backup():
    bench.tell("primary", "down")
    wait_until(lambda: not bench.answers_options(bench.servers[0]), 30, "the primary is down")
    owner.post("/api/v1/lines/1/register", {})
    wait_until(lambda: owner.get("/api/v1/lines/1").json()["serving"] == 1, 60, "on the backup")
    equal(ask("/api/v1/lines/{line}/probe", "post").status, 202, "probe")
    ask("/api/v1/lines/{line}", "get")
    ask("/api/v1/lines/{line}/plan", "get")
    ask("/api/v1/status", "get")
    equal(ask("/api/v1/lines/{line}/failback", "post").status, 202, "back to the primary")


def change(browser, revision, value, path="line.1.display_name"):
    answer = browser.ask("PATCH", "/api/v1/config", {
        "revision": revision, "changes": [{"path": path, "value": value}]})
    note("/api/v1/config", "patch", answer)
    return answer.status


def changes():
    revision = owner.get("/api/v1/config").json()["revision"]
    equal(change(owner, revision, "Desk"), 200, "a change")
    equal(change(owner, revision, "Hall"), 409, "of what was")
    revision = owner.get("/api/v1/config").json()["revision"]
    equal(change(owner, revision, "0", "line.1.failback_interval"), 422, "a wrong one")
    full = bench.on_a_full_disk()
    if not full:
        raise Skip("no file system can be mounted here")
    browser = full.browser().logged_in()
    revision = browser.get("/api/v1/config").json()["revision"]
    equal(change(browser, revision, "Full"), 507, "a full disk")
    full.phone.stop()


def the_stream():
    streams = []
    for _ in range(65):
        stream = Stream(owner)
        if stream.status != 200:
            stream.close()
            break
        streams.append(stream)
    seen.add(("/api/v1/events", "get", str(streams[0].status)))
    check(streams[0].response.headers["Content-Type"] == "text/event-stream", "type")
    fits(streams[0].next("hello")[2], {"type": "object", "required": ["revision"]}, "hello")
    owner.post("/api/v1/lines/1/register", {})
    fits(streams[0].next("decision")[2], {"$ref": "#/components/schemas/Decision"}, "decision")
    fits(streams[0].next("line")[2], {"$ref": "#/components/schemas/Line"}, "line")
    equal(ask("/api/v1/events", "get").status, 503, "one too many")
    for stream in streams:
        stream.close()


def refused(path, method, stranger, headers):
    """A machine that is busy for longer than the wait gives one more try, and each doubles the wait."""
    for _ in range(6):
        status = ask(path, method, body_of(path, method), browser=stranger, headers=headers).status
        if status != 401:
            break
    return status


def too_many_tries():
    """Last, as this address has to wait then."""
    stranger = bench.browser()
    for _ in range(5):
        stranger.log_in("wrong-horse")
    wrong = {"Authorization": "Basic YWRtaW46d3JvbmctaG9yc2U="}
    for path, method, operation in operations():
        if "429" in operation["responses"]:
            headers = {} if path.endswith("session") and method == "post" else wrong
            equal(refused(path, method, stranger, headers), 429, path)


def logging_in_and_out():
    equal(ask("/api/v1/session", "post", {"password": PASSWORD}).status, 200, "log in")
    owner.csrf = owner.get("/api/v1/session").json()["csrf"]
    equal(ask("/api/v1/session", "delete").status, 204, "log out")


def each_status_was_seen():
    described = {(path, method, status) for path, method, operation in operations()
                 for status in operation["responses"]}
    if not bench.can_mount():
        described.discard(("/api/v1/config", "patch", "507"))
    equal(sorted(described - seen), [], "not provoked")


process.workdir()
run([it_is_served_as_it_is, foreign_names_and_half_requests, without_a_session, without_the_token,
     bodies_that_are_none, reading, commands, call_and_hang_up, answer_who_calls,
     back_from_the_backup, changes, the_stream, too_many_tries,
     logging_in_and_out, each_status_was_seen], setup)
