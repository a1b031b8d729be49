#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""failover-server itself, asked by hand: its answers, its illnesses, and what it does not fall
for."""

import hashlib
import itertools
import os
import random
import re
import signal
import socket
import subprocess
import sys

sys.dont_write_bytecode = True

from harness import process, tap
from harness.process import build_path, wait_until
from harness.tap import Skip, check, equal

PROGRAM = build_path("failover-server")
USER, PASSWORD = "1001", "secret"


class Server:
    """One run of the server."""

    runs = itertools.count(1)

    def __init__(self, *arguments):
        name = "server-%d" % next(self.runs)
        self.process = process.Process(name, [PROGRAM, "--listen", "127.0.0.1:0", *arguments],
                                       stdin=subprocess.PIPE)
        found = wait_until(lambda: re.findall(r"^listening on 127\.0\.0\.1:(\d+);transport=udp$",
                                              self.process.log(), re.M), 5, "listens")
        self.port = int(found[-1])

    def command(self, text):
        """Gives a command and waits until it is reported to have taken effect."""
        seen = self.process.log().count(" -- " + text + "\n")
        self.process.child.stdin.write((text + "\n").encode())
        self.process.child.stdin.flush()
        wait_until(lambda: self.process.log().count(" -- " + text + "\n") > seen, 5, text)

    def counts(self):
        """What "show" says, as a dictionary."""
        self.command("show")
        words = re.findall(r"^received .*$", self.process.log(), re.M)[-1].split()
        return {name: int(value) for name, value in zip(words[::2], words[1::2])}


class Client:
    """A user agent that does nothing by itself."""

    def __init__(self, port):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.connect(("127.0.0.1", port))
        self.socket.settimeout(2)
        self.name = "127.0.0.1:%d" % self.socket.getsockname()[1]
        self.cseq = 0

    def request(self, method, call_id="c", to_tag="", branch=None, headers=()):
        """Sends one request; returns its branch."""
        self.cseq += 1
        branch = branch or "z9hG4bK%d" % self.cseq
        lines = ["%s sip:127.0.0.1 SIP/2.0" % method,
                 "Via: SIP/2.0/UDP %s;branch=%s;rport" % (self.name, branch),
                 "From: <sip:%s@test>;tag=f" % USER, "To: <sip:%s@test>%s" % (USER, to_tag),
                 "Call-ID: " + call_id, "CSeq: %d %s" % (self.cseq, method), "Max-Forwards: 70",
                 "Contact: <sip:%s@%s>" % (USER, self.name), *headers, "Content-Length: 0", "", ""]
        self.socket.send("\r\n".join(lines).encode())
        return branch

    def answer(self):
        return self.socket.recv(65535).decode()

    def reply(self, request, status, tag):
        """Answers a request of the server."""
        copied = [line + ";tag=" + tag if line.startswith("To:") and "tag=" not in line else line
                  for line in request.split("\r\n")
                  if line.split(":")[0] in ("Via", "From", "To", "Call-ID", "CSeq")]
        lines = ["SIP/2.0 %d Test" % status, *copied, "Contact: <sip:%s@%s>" % (USER, self.name),
                 "Content-Length: 0", "", ""]
        self.socket.send("\r\n".join(lines).encode())

    def served(self, method):
        """The next message, which is a request of this method."""
        text = self.answer()
        check(text.startswith(method + " "), "no %s: %s" % (method, text))
        return text

    def status(self):
        return int(self.answer().split()[1])

    def expect(self, *statuses):
        got = [self.status() for _ in statuses]
        equal(got, list(statuses), "answers")

    def expect_nothing(self):
        self.socket.settimeout(0.2)
        try:
            raise AssertionError("an answer: " + self.answer())
        except TimeoutError:
            self.socket.settimeout(2)


def credentials(challenge, algorithm, password):
    """The Authorization value that answers the challenge of this algorithm."""
    line = next(line for line in challenge.split("\r\n")
                if line.startswith("WWW-Authenticate") and "algorithm=%s," % algorithm in line)
    realm, nonce = (re.search('%s="([^"]*)"' % key, line)[1] for key in ("realm", "nonce"))
    new = hashlib.md5 if algorithm == "MD5" else hashlib.sha256

    def digest(text):
        return new(text.encode()).hexdigest()

    response = digest(":".join([digest("%s:%s:%s" % (USER, realm, password)), nonce, "00000001",
                                "cn", "auth", digest("REGISTER:sip:127.0.0.1")]))
    return ('Authorization: Digest username="%s", realm="%s", nonce="%s", uri="sip:127.0.0.1", '
            'response="%s", algorithm=%s, qop=auth, nc=00000001, cnonce="cn"' %
            (USER, realm, nonce, response, algorithm))


def open_registrar():
    server = Server()
    client = Client(server.port)
    client.request("REGISTER", headers=["Expires: 60"])
    answer = client.answer()
    check(answer.startswith("SIP/2.0 200 ") and ";expires=60" in answer, answer)
    equal(server.counts()["bindings"], 1, "bindings")
    client.request("REGISTER", headers=["Expires: 0"])
    client.expect(200)
    equal(server.counts()["bindings"], 0, "bindings after removal")


def digest_in_both_algorithms():
    client = Client(Server("--user", "%s:%s" % (USER, PASSWORD)).port)
    client.request("REGISTER")
    challenge = client.answer()
    check(challenge.startswith("SIP/2.0 401 "), challenge)
    check(challenge.index("=SHA-256") < challenge.index("=MD5"), "the stronger one is first")
    for algorithm in ("SHA-256", "MD5"):
        client.request("REGISTER", headers=[credentials(challenge, algorithm, "wrong")])
        answer = client.answer()
        check(answer.startswith("SIP/2.0 401 ") and "stale" not in answer, answer)
        client.request("REGISTER", headers=[credentials(challenge, algorithm, PASSWORD)])
        client.expect(200)


def nonce_of_another_run_is_stale():
    user = ("--user", "%s:%s" % (USER, PASSWORD))
    before = Client(Server(*user).port)
    before.request("REGISTER")
    challenge = before.answer()
    client = Client(Server(*user).port)
    client.request("REGISTER", headers=[credentials(challenge, "SHA-256", PASSWORD)])
    answer = client.answer()
    check(answer.startswith("SIP/2.0 401 ") and re.search("stale=true", answer, re.I), answer)


def interval_too_brief():
    client = Client(Server().port)
    client.request("REGISTER", headers=["Expires: 3"])
    answer = client.answer()
    check(answer.startswith("SIP/2.0 423 ") and "Min-Expires: 10" in answer, answer)


def call_and_bye():
    client = Client(Server("--ring-time", "0").port)
    client.request("INVITE", "call")
    client.expect(100, 180)
    answer = client.answer()
    check(answer.startswith("SIP/2.0 200 ") and "a=inactive" in answer, answer)
    client.expect(200)  # again, as no ACK has come
    tag = ";tag=" + re.search("^To: .*;tag=([^;\r]*)", answer, re.M)[1]
    client.request("ACK", "call", tag)
    client.expect_nothing()
    client.request("BYE", "call", tag)
    client.expect(200)


def cancel():
    client = Client(Server("--ring-time", "10000").port)
    branch = client.request("INVITE", "call")
    client.expect(100, 180)
    client.request("CANCEL", "call", branch=branch)
    client.expect(200, 487)


def dialogs_are_shared_unless_strict():
    for arguments, status in ((), 200), (("--strict-dialogs",), 481):
        client = Client(Server(*arguments).port)
        client.request("BYE", "elsewhere", ";tag=x")
        client.expect(status)


def retransmission_has_the_same_answer():
    client = Client(Server().port)
    client.request("OPTIONS", branch="z9hG4bKsame")
    first = client.answer()
    client.cseq -= 1
    client.request("OPTIONS", branch="z9hG4bKsame")
    equal(client.answer(), first, "second answer")


def unknown_method():
    client = Client(Server().port)
    client.request("PUBLISH")
    client.expect(405)


def illnesses():
    server = Server()
    client = Client(server.port)
    server.command("silent")
    client.request("OPTIONS")
    client.expect_nothing()
    server.command("status 503 30")
    client.request("OPTIONS")
    answer = client.answer()
    check(answer.startswith("SIP/2.0 503 ") and "Retry-After: 30" in answer, answer)
    server.command("down")
    client.request("OPTIONS")
    try:
        raise AssertionError("an answer: " + client.answer())
    except ConnectionRefusedError:
        pass
    server.command("up")
    client.request("OPTIONS")
    client.expect(200)
    server.command("delay 300")
    client.request("OPTIONS")
    client.expect_nothing()
    client.expect(200)


def ringing_client(*statuses):
    """A registered client that the server calls; it has given these answers."""
    server = Server()
    client = Client(server.port)
    client.request("REGISTER")
    client.expect(200)
    server.command("ring " + USER)
    invite = client.served("INVITE")
    for status in statuses:
        client.reply(invite, status, "callee")
    return server, client, invite


def ring_and_hang_up():
    server, client, invite = ringing_client(180, 200)
    client.served("ACK")
    client.reply(invite, 200, "callee")
    client.served("ACK")
    server.command("hangup")
    bye = client.served("BYE")
    check(re.search("^To: .*;tag=callee\r$", bye, re.M), bye)
    equal(bye, client.served("BYE"), "the BYE again, as no answer has come")
    client.reply(bye, 200, "callee")
    client.expect_nothing()


def ring_and_be_hung_up():
    server, client, invite = ringing_client(200)
    client.served("ACK")
    call_id = re.search("^Call-ID: (.*)\r$", invite, re.M)[1]
    tag = re.search("^From: .*(;tag=.*)\r$", invite, re.M)[1]
    client.request("BYE", call_id, tag)
    client.expect(200)
    server.command("ring")
    client.served("INVITE")


def ring_refused():
    server, client, invite = ringing_client(486)
    ack = client.served("ACK")
    for line in invite.split("\r\n")[:2]:
        check(line.replace("INVITE", "ACK") in ack, "the ACK is of the INVITE's transaction")
    server.command("ring")


def ring_given_up():
    server, client, invite = ringing_client(180)
    wait_until(lambda: "<- 180 INVITE" in server.process.log(), 5, "180 is read")
    server.command("hangup")
    client.reply(client.served("CANCEL"), 200, "callee")
    client.reply(invite, 487, "callee")
    client.served("ACK")


def hostile_datagrams_are_dropped_and_counted():
    server = Server()
    client = Client(server.port)
    chance = random.Random(1)
    good = ("OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bK1;rport\r\n"
            "From: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\n"
            "Contact: <sip:a@b>\r\nContent-Length: 0\r\n\r\n" % client.name).encode()
    certain = [b"x", b"\0" * 100, b"SIP/2.0 200 OK\r\n\r\n", b"A" * 60000,
               good.replace(b"branch=z9hG4bK1;", b""), good.replace(b";tag=1", b""),
               good.replace(b"Call-ID: x\r\n", b""), good.replace(b"1 OPTIONS", b"1 INVITE"),
               good.replace(b"z9hG4bK1", b"b" * 500), good.replace(b"Call-ID: x", b"Call-ID: " +
                                                                  b"c" * 500)]
    for data in certain:
        client.socket.send(data)
    wait_until(lambda: server.counts()["received"] == len(certain), 5, "all are received")
    equal(server.counts()["malformed"], len(certain), "malformed")
    for number in range(2000):
        if number % 100 == 0:  # the socket's queue is not what is tested
            server.counts()
        data = bytearray(good)
        for _ in range(chance.randrange(1, 6)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        client.socket.send(data[:chance.randrange(len(data) // 2, len(data) + 1)])
    server.counts()
    client = Client(server.port)
    client.request("OPTIONS")
    client.expect(200)


def signals_end_it():
    for number in signal.SIGTERM, signal.SIGINT:
        child = Server().process.child
        child.send_signal(number)
        equal(child.wait(5), 0, "exit status")


def quit_ends_it_and_end_of_input_does_not():
    server = Server()
    server.process.child.stdin.close()
    client = Client(server.port)
    client.request("OPTIONS")
    client.expect(200)
    child = Server().process.child
    child.stdin.write(b"quit\n")
    child.stdin.flush()
    equal(child.wait(5), 0, "exit status")


def bad_usage():
    for arguments in (["--transport", "sctp"], ["--transport", "tls"], ["--user", "nocolon"],
                      ["--transport", "tls", "--cert", "/nonexistent.pem"],
                      ["--listen", "name:5060"], ["--bogus"], ["extra"]):
        done = subprocess.run([PROGRAM, *arguments], stdin=subprocess.DEVNULL, timeout=5,
                              capture_output=True, text=True, check=False)
        equal(done.returncode, 2, "exit status of %r" % arguments)
        check(done.stderr, "a message for %r" % arguments)


def setup():
    if not os.access(PROGRAM, os.X_OK):
        raise Skip("failover-server is not part of this build")


if __name__ == "__main__":
    tap.run([
        open_registrar,
        digest_in_both_algorithms,
        nonce_of_another_run_is_stale,
        interval_too_brief,
        call_and_bye,
        cancel,
        dialogs_are_shared_unless_strict,
        retransmission_has_the_same_answer,
        unknown_method,
        illnesses,
        ring_and_hang_up,
        ring_and_be_hung_up,
        ring_refused,
        ring_given_up,
        hostile_datagrams_are_dropped_and_counted,
        signals_end_it,
        quit_ends_it_and_end_of_input_does_not,
        bad_usage,
    ], setup, process.stop_all)
