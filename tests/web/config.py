#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""PATCH /config: a change takes effect at once and in the file, a call goes on, wrong fields are
named in both languages, and nothing is half done: neither for a second browser, nor for a file that
was changed, nor on a full disk."""

import os
import subprocess
import sys

sys.dont_write_bytecode = True

from bench import PASSWORD, SECRET, Bench, Stream, process, wait_until
from harness.tap import Skip, check, equal, run

bench = Bench(lines=2)
owner = bench.browser()


def setup():
    bench.start_servers()
    bench.start()
    owner.logged_in()
    wait_until(lambda: state(1) == "registered" and state(2) == "registered", 20, "registered")


def state(line):
    answer = owner.get("/api/v1/lines/%d" % line)
    return answer.json()["state"] if answer.status == 200 else None


def config():
    return owner.get("/api/v1/config").json()


def text():
    with open(bench.config) as lines:
        return lines.read()


def patch(*changes, browser=None, revision=None):
    return (browser or owner).ask("PATCH", "/api/v1/config", {
        "revision": revision or config()["revision"],
        "changes": [{"path": path, "value": value} for path, value in changes]})


def values(line=1):
    return next(one for one in config()["lines"] if one["number"] == line)["values"]


def what_is_set_is_told_without_secrets():
    told = config()
    equal([line["number"] for line in told["lines"]], [1, 2, 3], "lines")
    equal(told["lines"][0]["values"]["auth_password"], {"set": True}, "a secret")
    equal(told["lines"][2]["values"]["auth_password"], {"set": False}, "none")
    equal([server["name"] for server in told["lines"][0]["servers"]], ["primary", "backup"],
          "servers")
    equal(told["lines"][0]["servers"][0]["values"]["port"], str(bench.servers[0]), "port")
    check(SECRET not in str(told) and PASSWORD not in str(told), "no secret")
    keys = {option["key"] for option in owner.get("/api/v1/options").json()["options"]}
    initials = {option["key"]: option["initials"] for option in owner.get("/api/v1/options").json()["options"]}
    equal(initials["signal_retry_counts"], {"grandstream": "2"}, "what a profile brings (B29)")
    equal(initials["address"], {}, "and what none does")
    check(set(told["global"]) <= keys and set(told["lines"][0]["values"]) <= keys, "keys")


def a_change_holds_at_once_and_in_the_file():
    stream = Stream(owner)
    stream.next("hello")
    os.chmod(bench.config, 0o640)
    answer = patch(("line.1.failback_interval", "77"), ("line.1.display_name", "Reception"))
    equal(answer.status, 200, str(answer.body))
    equal(answer.json()["revision"], config()["revision"], "revision")
    equal(stream.next("config")[2]["revision"], config()["revision"], "told to all")
    stream.close()
    equal(owner.get("/api/v1/lines/1").json()["display_name"], "Reception", "in use")
    check("failback_interval = 77" in text() and "# A comment that stays." in text() and
          "# its number" in text(), text())
    equal(os.stat(bench.config).st_mode & 0o777, 0o640, "mode")
    equal(values()["failback_interval"], "77", "told")
    equal(patch(("line.1.failback_interval", None)).status, 200, "back to the default")
    check("failback_interval" not in text(), text())


def a_secret_is_written_and_never_told():
    equal(patch(("line.2.auth_password", "another-secret")).status, 200, "changed")
    check("another-secret" in text(), "in the file")
    check("another-secret" not in str(config()) and "another-secret" not in bench.log(), "told")
    equal(values(2)["auth_password"], {"set": True}, "set")


def a_call_goes_on():
    owner.post("/api/v1/lines/1/call", {"uri": "callee"})
    wait_until(lambda: [call["state"] for call in owner.get("/api/v1/lines/1").json()["calls"]] ==
               ["up"], 30, "the call is up")
    call = owner.get("/api/v1/lines/1").json()["calls"][0]["id"]
    for value in "1200", "1300":
        equal(patch(("line.1.failback_interval", value)).status, 200, value)
        calls = owner.get("/api/v1/lines/1").json()["calls"]
        equal([(one["id"], one["state"]) for one in calls], [(call, "up")], "the same call")
    equal(owner.post("/api/v1/lines/1/hangup", {}).status, 202, "hang up")
    wait_until(lambda: not owner.get("/api/v1/lines/1").json()["calls"], 30, "it ends")


def lines_and_servers_come_and_go():
    equal(patch(("line.7", "new"), ("line.7.user", "1007"),
                ("line.7.server.primary.address", "127.0.0.1"),
                ("line.7.server.primary.port", str(bench.servers[0]))).status, 200, "a new line")
    wait_until(lambda: state(7) == "registered", 30, "it registers")
    equal(patch(("line.1.server.backup", None)).status, 200, "without a backup")
    wait_until(lambda: len(owner.get("/api/v1/lines/1").json()["targets"]) == 1, 30, "targets")
    equal(patch(("line.1.server.backup.address", "127.0.0.1"),
                ("line.1.server.backup.port", str(bench.servers[1]))).status, 200, "with one")
    equal(patch(("line.7", None)).status, 200, "the line goes")
    wait_until(lambda: state(7) is None, 30, "it has gone")


def wrong_fields_are_named_in_both_languages():
    before, revision = text(), config()["revision"]
    answer = patch(("line.1.failback_interval", "0"), ("line.1.server.primary.port", "70000"),
                   ("line.1.display_name", "Lost"))
    equal(answer.status, 422, str(answer.body))
    errors = {error["path"]: error for error in answer.json()["errors"]}
    equal(set(errors), {"line.1.failback_interval", "line.1.server.primary.port"}, "fields")
    for error in errors.values():
        check(any("\u4e00" <= letter <= "\u9fff" for letter in error["text_zh"]), str(error))
    check("1" in errors["line.1.failback_interval"]["text"] and
          "86400" in errors["line.1.failback_interval"]["text"], "the range in words")
    for path, value in (("line.1.no_such_item", "1"), ("line.99.user", "x"), ("", "x"), ("a.b", "c"),
                        ("line.1.signal_failback_methods", "nothing"),
                        ("line.1.server.primary.address", None)):
        equal(patch((path, value)).status, 422, path)
    equal((text(), config()["revision"]), (before, revision), "nothing has changed")
    check(owner.get("/api/v1/lines/1").json()["display_name"] != "Lost", "nothing half applied")


def what_is_no_change_is_refused():
    revision = config()["revision"]
    for changes in ([1], [{}], [{"path": "sip_port"}], [{"path": 5, "value": "1"}],
                    [{"path": "sip_port", "value": 5061}], "x", None):
        answer = owner.ask("PATCH", "/api/v1/config", {"revision": revision, "changes": changes})
        equal((answer.status, answer.code()), (400, "bad-json"), str(changes))
    equal(owner.ask("PATCH", "/api/v1/config", {"changes": []}).status, 400, "no revision")


def the_second_browser_is_told():
    second = bench.browser().logged_in()
    revision = config()["revision"]
    equal(patch(("line.1.display_name", "First"), revision=revision).status, 200, "the first")
    before = text()
    answer = patch(("line.1.display_name", "Second"), revision=revision, browser=second)
    equal(answer.status, 409, "the second")
    equal(answer.json()["revision"], config()["revision"], "the revision that holds")
    equal(answer.code(), "changed", "code")
    equal(text(), before, "nothing is overwritten")


def a_file_that_was_changed_meanwhile_is_not_overwritten():
    revision = config()["revision"]
    with open(bench.config, "a") as out:
        out.write("# Written by hand.\n")
    equal(patch(("line.1.display_name", "Over"), revision=revision).status, 409, "conflict")
    check(text().endswith("# Written by hand.\n"), "it is there")
    equal(patch(("line.1.display_name", "Anew")).status, 200, "with what it says now")
    check("# Written by hand." in text(), "it is still there")


def a_file_with_errors_is_not_edited():
    before = text()
    with open(bench.config, "a") as out:
        out.write("line {\n")
    told = config()
    check(told["note"]["zh"] and told["lines"], "what is in use is shown, and a note")
    answer = patch(("line.1.display_name", "Over"))
    equal(answer.status, 422, str(answer.body))
    with open(bench.config, "w") as out:
        out.write(before)
    equal(patch(("line.1.display_name", "Mended")).status, 200, "mended")


def what_waits_for_the_next_start_is_said():
    notes = patch(("sip_port", "5099")).json()["notes"]
    check(len(notes) == 1 and "next start" in notes[0]["text"] and "下次启动" in notes[0]["text_zh"],
          str(notes))
    equal(patch(("sip_port", None)).status, 200, "back")


def no_permission_is_told():
    if os.geteuid() == 0:
        raise Skip("root may write everywhere")
    folder = os.path.dirname(bench.config)
    os.chmod(folder, 0o500)
    try:
        answer = patch(("line.1.display_name", "Nowhere"))
    finally:
        os.chmod(folder, 0o700)
    equal((answer.status, answer.code()), (500, "not-written"), "refused")


def a_full_disk_leaves_the_old_file():
    """In a mount namespace of its own, on a file system of two pages."""
    full = bench.on_a_full_disk()
    if not full:
        raise Skip("no file system can be mounted here")
    browser = full.browser().logged_in()
    before = browser.get("/api/v1/config").json()
    answer = browser.ask("PATCH", "/api/v1/config", {
        "revision": before["revision"],
        "changes": [{"path": "line.1.display_name", "value": "Full"}]})
    equal((answer.status, answer.code()), (507, "disk-full"), str(answer.body))
    equal(browser.get("/api/v1/config").json(), before, "the old file is intact")
    equal(browser.get("/api/v1/lines/1").json()["display_name"], "", "nothing is applied")
    full.phone.stop()


def late_change():
    """Status and code of a change that comes while a phone ends; None if it was gone before."""
    ending = Bench(config=bench.config_text())
    ending.start()
    browser = ending.browser().logged_in()
    before = browser.get("/api/v1/config").json()
    wait_until(lambda: browser.get("/api/v1/lines/1").json()["state"] == "registered", 20,
               "registered")
    for name in "primary", "backup":
        bench.silence(name)
    ending.command("quit")  # it waits a second for its servers to confirm
    answer = None
    try:
        while browser.post("/api/v1/lines/1/register", {}).status == 202:
            pass
        answer = browser.ask("PATCH", "/api/v1/config", {
            "revision": before["revision"],
            "changes": [{"path": "line.1.display_name", "value": "Late"}]})
    except OSError:
        pass
    equal(ending.phone.child.wait(30), 0, "exit status")
    with open(ending.config) as lines:
        check("Late" not in lines.read(), "the file is as it was")
    for name in "primary", "backup":
        bench.tell(name, "up")
    return answer and (answer.status, answer.code())


def a_phone_that_ends_takes_no_change():
    """What it applied would register its lines anew, and nobody would remove that."""
    for _ in range(3):
        told = late_change()
        if told:
            equal(told, (409, "not-now"), "a change while it ends")
            return
    raise Skip("each phone had ended before it was asked")


def other_formats_are_written_too():
    for suffix in "yaml", "txt", "xml":
        other = Bench(suffix=suffix)
        plain = other.config[:-len(suffix)] + "conf"
        with open(plain, "w") as out:
            out.write(other.config_text().split("line 2 {")[0])
        os.unlink(other.config)
        subprocess.run([process.build_path("failover-config"), "convert", plain, other.config],
                       check=True, capture_output=True)
        other.servers = bench.servers
        other.start()
        browser = other.browser().logged_in()
        told = browser.get("/api/v1/config").json()
        equal(told["format"], {"yaml": "yaml", "txt": "vendor-text", "xml": "vendor-xml"}[suffix],
              "format")
        answer = browser.ask("PATCH", "/api/v1/config", {
            "revision": told["revision"],
            "changes": [{"path": "line.1.display_name", "value": "Lobby"}]})
        equal(answer.status, 200, suffix + ": " + str(answer.body))
        equal(browser.get("/api/v1/lines/1").json()["display_name"], "Lobby", suffix)
        with open(other.config) as lines:
            check("Lobby" in lines.read(), suffix)
        other.phone.stop()


run([value for value in list(globals().values())
     if callable(value) and getattr(value, "__module__", "") == "__main__" and
     value.__name__ not in ("setup", "state", "config", "text", "patch", "values", "late_change")], setup)
