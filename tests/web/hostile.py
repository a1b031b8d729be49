#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What others may cost: cut, slow, endless and countless requests; the phone goes on, and so does
whoever has logged in. FAILOVER_WEB_CONNECTIONS and FAILOVER_WEB_SECONDS make it longer."""

import os
import socket
import sys
import time

sys.dont_write_bytecode = True

from bench import PASSWORD, Bench, Stream, wait_until
from harness.tap import check, equal, run

bench = Bench()
owner = bench.browser()
LOGIN = ('{"password":"%s"}' % PASSWORD).encode()
REQUEST = (b"POST /api/v1/session HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
           b"Content-Length: %d\r\n\r\n%s" % (len(LOGIN), LOGIN))
CONNECTIONS = int(os.environ.get("FAILOVER_WEB_CONNECTIONS", "1500"))


def setup():
    bench.start_servers()
    bench.start()
    owner.logged_in()


def goes_on(what):
    """The page answers whoever has logged in, and the phone its console."""
    equal(owner.get("/api/v1/status").status, 200, "after " + what)


def status_of(answer):
    return answer.split(b" ", 2)[1] if answer.startswith(b"HTTP/1.1 ") else b""


def requests_cut_at_every_byte():
    for length in range(len(REQUEST)):
        answer = bench.raw(REQUEST[:length])
        check(status_of(answer) in (b"", b"400", b"401", b"411"), "%d: %r" % (length, answer[:60]))
    goes_on("cut requests")


def a_request_in_single_bytes_is_one():
    with bench.socket() as one:
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n":
            one.sendall(bytes([byte]))
        got = b""
        while True:
            more = one.recv(65536)
            if not more:
                break
            got += more
    equal(status_of(got), b"200", "status")


def a_body_of_a_GiB_is_refused_when_it_is_announced():
    head = (b"POST /api/v1/session HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            b"Content-Length: 1073741824\r\n%s\r\n")
    before = bench.memory()
    for expect in b"", b"Expect: 100-continue\r\n":
        answer = bench.raw(head % expect, until_end=False)
        equal(status_of(answer), b"413", "status")
    check(bench.memory() - before < 4096, "memory grew by %d KiB" % (bench.memory() - before))
    goes_on("a GiB")


def chunks_without_end_are_refused():
    with bench.socket() as one:
        one.sendall(b"POST /api/v1/session HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                    b"Transfer-Encoding: chunked\r\n\r\n")
        try:
            for _ in range(200):
                one.sendall(b"1000\r\n" + b"x" * 4096 + b"\r\n")
            answer = one.recv(65536)
        except ConnectionError:
            answer = b""
    check(status_of(answer) in (b"", b"413"), repr(answer[:60]))
    goes_on("chunks")


def pour(one):
    """Send what nobody asked for, 32 MiB at most, until the phone takes no more."""
    one.settimeout(2)
    sent = 0
    try:
        while sent < 32 << 20:
            sent += one.send(b"x" * 65536)
    except OSError:
        pass


def fill(deaf, path):
    """Ask for so much, and read nothing, that the phone waits with an answer."""
    deaf.connect((bench.listen, bench.port))
    deaf.settimeout(1)
    try:
        for _ in range(100000):
            deaf.sendall(b"GET " + path + b" HTTP/1.1\r\nHost: localhost\r\n\r\n")
    except OSError:
        pass


def who_sends_while_an_answer_waits_is_not_listened_to():
    """evhttp goes on reading while it writes, to see a connection's end."""
    before = bench.memory()
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        fill(deaf, b"/script.js")
        pour(deaf)
        check(bench.memory() - before < 4096, "a deaf one: %d KiB" % (bench.memory() - before))
    stream = Stream(owner)
    stream.next("hello")
    pour(stream.connection.sock)
    check(bench.memory() - before < 4096, "a stream: %d KiB" % (bench.memory() - before))
    stream.close()
    goes_on("what nobody asked for")


def the_largest_body_is_read():
    head = (b"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            b"Content-Type: text/none\r\nX: %s\r\n" % (b"y" * 7000))
    body = b"z" * 65536
    for sent in (b"Content-Length: 65536\r\n\r\n" + body,
                 b"Transfer-Encoding: chunked\r\n\r\n10000\r\n" + body + b"\r\n0\r\n\r\n"):
        equal(status_of(bench.raw(head + sent, until_end=False)), b"415", repr(sent[:30]))


def headers_are_bounded():
    for head in (b"GET /" + b"a" * 20000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
                 b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 20000 + b"\r\n\r\n",
                 b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 5000 + b"\r\n"):
        answer = bench.raw(head)
        check(status_of(answer) in (b"", b"400", b"413", b"414", b"431"), repr(answer[:60]))
    goes_on("headers")


def what_is_said_twice_is_refused():
    for extra in (b"Host: localhost\r\n", b"Content-Length: 2\r\nContent-Length: 3\r\n",
                  b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
                  b"Transfer-Encoding: gzip, chunked\r\n"):
        answer = bench.raw(b"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\n"
                           b"Content-Type: application/json\r\n" + extra + b"\r\n{}")
        check(status_of(answer) in (b"", b"400", b"411"), "%r: %r" % (extra, answer[:60]))
    # A body where none is read would be taken for the next request.
    answer = bench.raw(b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nGET /")
    check(status_of(answer) in (b"", b"400"), "a GET with a body: %r" % answer[:60])
    check(answer.count(b"HTTP/1.1") <= 1, "one answer")


ODD = [b"\0" * 100, b"\r\n" * 100, b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n",
       b"GET / HTTP/0.9\r\nHost: localhost\r\n\r\n", b"GET / HTTP/2.0\r\nHost: localhost\r\n\r\n", b"\x16\x03\x01\x02\x00",
       b"GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\n",
       b"GET //evil HTTP/1.1\r\nHost: localhost\r\n\r\n", b"FOO / HTTP/1.1\r\nHost: localhost\r\n\r\n",
       b"GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n",
       b"GET /%2e%2e/%00 HTTP/1.1\r\nHost: localhost\r\n\r\n",
       b"GET /api/v1/lines/0 HTTP/1.1\r\nHost: localhost\r\n\r\n",
       b"GET /api/v1/lines/99999999999999999999 HTTP/1.1\r\nHost: localhost\r\n\r\n",
       b"CONNECT localhost:22 HTTP/1.1\r\nHost: localhost\r\n\r\n",
       b"TRACE / HTTP/1.1\r\nHost: localhost\r\nX: secret\r\n\r\n", b"GET / HTTP/1.0\r\n\r\n"]


def odd_requests_are_refused():
    for data in ODD:
        answer = bench.raw(data)
        check(status_of(answer) not in (b"200", b"202"), "%r: %r" % (data, answer[:60]))
        check(b"secret" not in answer and b"root:" not in answer, "nothing comes back")
    goes_on("odd requests")


def odd_bodies_are_refused():
    for body in ("", "{", "[]", "null", '{"password":1}', '{"password":"a","password":"b"}',
                 '{"password":"\\u0000"}', '{"password":"%s"}' % ("x" * 1000), "[" * 30000,
                 b'{"password":"\xff"}', '{"password":"x","more":1}'):
        answer = bench.browser().post("/api/v1/session", body,
                                      headers={"Content-Type": "application/json"})
        equal((answer.status, answer.code()), (400, "bad-json"), repr(body[:40]))
    for uri in "", "a b", "a\nquit", "x" * 1000, 5, None, "<sip:a@b>":
        answer = owner.post("/api/v1/lines/1/call", {"uri": uri})
        check(answer.status in (400, 409), "%r: %d" % (uri, answer.status))
    equal(bench.phone.child.poll(), None, "no command was smuggled")


def connections_are_bounded():
    """Each new one takes the place of an old one that has not logged in."""
    stream = Stream(owner)
    stream.next("hello")
    before = bench.descriptors()
    sockets = []
    for number in range(CONNECTIONS):
        one = socket.socket()
        one.setblocking(False)
        try:
            one.connect((bench.listen, bench.port))
        except BlockingIOError:
            pass
        sockets.append(one)
        if len(sockets) > 400:  # the kernel's table of this script is bounded too
            sockets.pop(0).close()
        if number % 100 == 0:
            time.sleep(0.005)
            check(bench.descriptors() <= before + 128 + 64, "%d descriptors of the phone"
                  % bench.descriptors())
    goes_on("%d connections" % CONNECTIONS)
    owner.post("/api/v1/lines/1/register", {})
    stream.next("line")
    for one in sockets:
        one.close()
    stream.close()
    wait_until(lambda: bench.descriptors() <= before + 2, 20, "all is given back")


def half_open_and_slow_clients_are_cut():
    """The bounds are 30 s without a byte, 45 s for a request; this waits only if it is told to."""
    if "FAILOVER_WEB_SECONDS" not in os.environ:
        print("# FAILOVER_WEB_SECONDS=60 waits for it")
        return
    silent, slow = bench.socket(), bench.socket()
    silent.sendall(b"GET / HT")
    began = time.monotonic()
    ends = {}
    while len(ends) < 2 and time.monotonic() - began < 90:
        for name, one in ("silent", silent), ("slow", slow):
            if name in ends:
                continue
            try:
                if name == "slow":
                    one.sendall(b"G")
                one.settimeout(1)
                if one.recv(1) == b"":
                    ends[name] = time.monotonic() - began
            except socket.timeout:
                pass
            except ConnectionError:
                ends[name] = time.monotonic() - began
    check(len(ends) == 2, "cut: %s" % ends)
    print("# cut after %s" % ends)


def a_browser_that_does_not_read_is_dropped():
    watcher = Stream(owner)
    watcher.next("hello")
    sleeper = Stream(owner)
    sleeper.connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)

    def told():
        for _ in range(50):
            owner.post("/api/v1/lines/1/register", {})
        text = owner.get("/metrics").body.decode()
        return "failover_page_browsers 1\n" in text

    # The other one reads, which nobody can do for it here: it is read between.
    def told_and_read():
        done = told()
        watcher.connection.sock.setblocking(False)
        try:
            while watcher.connection.sock.recv(1 << 20):
                pass
        except BlockingIOError:
            pass
        watcher.connection.sock.setblocking(True)
        return done

    wait_until(told_and_read, 50, "it is dropped")
    sleeper.close()
    watcher.close()


def last_registration():
    """The id of the last decision that tells of one; a busy phone may know only later ones."""
    return max((decision["id"]
                for decision in owner.get("/api/v1/decisions").json()["decisions"]
                if decision["event"]["event"] == "registered"), default=0)


def twenty_browsers_watch():
    streams = [Stream(owner) for _ in range(20)]
    for stream in streams:
        stream.next("hello")
    before = last_registration()
    owner.post("/api/v1/lines/1/register", {})
    wait_until(lambda: last_registration() > before, 30, "it registers anew")
    told = last_registration()
    for stream in streams:
        number = 0
        while number != told:  # each browser hears of this very one
            _, number, data = stream.next("decision")
            number = int(number)
            equal(number, data["id"], "the id is the decision's")
        equal(stream.next("line")[2]["number"], 1, "the line")
    for stream in streams:
        stream.close()


def a_browser_that_was_away_catches_up():
    stream = Stream(owner)
    stream.next("hello")
    owner.post("/api/v1/lines/1/register", {})
    _, first, _ = stream.next("decision")
    stream.close()
    for _ in range(3):
        owner.post("/api/v1/lines/1/register", {})
    decisions = owner.get("/api/v1/decisions?after=" + first).json()["decisions"]
    check(len(decisions) > 3, "decisions meanwhile")
    stream = Stream(owner, headers={"Last-Event-ID": first})
    equal([stream.next("decision")[2]["id"] for _ in decisions], [d["id"] for d in decisions],
          "what it missed")
    stream.close()
    for text in "abc", "-1", "18446744073709551615", "99999999999999999999999":
        stream = Stream(owner, headers={"Last-Event-ID": text})
        equal(stream.next()[0], "hello", "Last-Event-ID: " + text)
        stream.close()
    for query in "after=x", "after=-1", "line=1e3", "after=99999999999999999999999":
        equal(owner.get("/api/v1/decisions?" + query).status, 400, query)


def the_phone_ends_as_it_should():
    stream = Stream(owner)
    stream.next("hello")
    with bench.socket() as waiting, socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        fill(deaf, b"/none")
        waiting.sendall(REQUEST)
        bench.command("quit")
        equal(bench.phone.child.wait(30), 0,
              "exit status, with a password under way and an answer that nobody reads")


TESTS = [value for value in list(globals().values())
         if callable(value) and getattr(value, "__module__", "") == "__main__" and
         value.__name__ not in ("setup", "goes_on", "status_of", "fill", "pour",
                              "registrations")]
run(TESTS, setup)
