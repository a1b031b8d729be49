#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A phone that knows one server, behind failover-edge: two failover-servers outside, of which one
falls silent, is gone, or comes back; and the edge itself, killed in mid-call."""

import base64
import os
import re
import sys
import time
import urllib.request

sys.dont_write_bytecode = True

from harness import tap
from harness.edge import Client, Edge, header, headers, need_edge, status
from harness.party import Party
from harness.phone import write_config
from harness.process import build_path, wait_until, workdir
from harness.servers import World
from harness.tap import Skip, check, equal

BUDGET = 3.5  # s: three transmissions (B3a)


class EdgeWorld(World):
    def registered_at(self, server, timeout=20):
        return super().registered_at(server, timeout)

    def setup(self):
        need_edge()
        super().setup()
        for name, host in {"inside": 1, "handset": 2, "second": 3}.items():
            self.address[name] = self.block.address(host)
        self.clients = []

    def teardown(self):
        for client in self.clients:
            client.close()
        self.clients = []
        super().teardown()

    def start_edge(self, transport="udp", **settings):
        nodes = {"server primary": self.address["primary"],
                 "server backup": self.address["backup"]}
        settings = {"domain": '"example.test"', **settings}
        self.config = write_config("v3", nodes, transport=transport,
                                   device=['tls_ca_file = "%s.pem"' % self.certificate("ca")],
                                   **settings)
        self.run_edge()

    def run_edge(self, *options):
        """Also after it was killed."""
        self.phone = Edge(self.address["inside"], self.address["phone"], self.config, *options)
        self.running.append(self.phone)

    def kill_edge(self):
        self.phone.process.crash()

    def client(self, transport="udp", **options):
        client = Client(self.address["inside"], self.address["handset"], transport=transport,
                        **options)
        self.clients.append(client)
        return client

    def up(self, outside="udp", inside="udp", **settings):
        """Both servers, the edge, and a phone that is registered. Returns the phone."""
        self.servers(outside)
        self.start_edge(outside, **settings)
        self.registered_at(self.primary)
        client = self.client(inside)
        equal(status(client.register()), 200, "REGISTER")
        return client


world = EdgeWorld()


def said(server, pattern):
    return re.findall(pattern, server.process.log(), re.M)


def wait_for(server, pattern):
    wait_until(lambda: said(server, pattern), 10, pattern)


# ---- alive ----

def B6_register_call_and_bye_pass():
    client = world.up()
    dialog = client.call()
    check(dialog.routes and world.address["inside"] in dialog.routes[0], "the edge is no route")
    equal(status(client.in_dialog("BYE", dialog)), 200, "BYE")
    wait_for(world.primary, r"<- ACK")
    wait_for(world.primary, r"<- BYE")


def B10_a_phone_is_asked_to_register_often_and_the_line_keeps_its_own_time():
    answer = world.up().register(expires=3600)
    check(header(answer, "Contact").endswith(";expires=60"), answer)
    equal(len(said(world.primary, r"<- REGISTER")), 2, "REGISTERs, one of them challenged")


def _incoming(client, server):
    server.command("ring 1001")
    return client.answer_call()


def B24_an_incoming_call_passes_and_the_phone_hangs_up():
    client = world.up()
    dialog = _incoming(client, world.primary)
    equal(status(client.in_dialog("BYE", dialog)), 200, "BYE")


def B24_an_incoming_call_passes_and_the_server_hangs_up():
    client = world.up()
    _incoming(client, world.primary)
    world.primary.command("hangup")
    client.reply(client.asked("BYE"), 200)
    wait_for(world.primary, r"<- 200 BYE")


def B24_nobody_is_there_is_told_as_480():
    world.servers("udp")
    world.start_edge()
    world.registered_at(world.primary)
    world.primary.command("ring 1001")
    wait_for(world.primary, r"<- 480 INVITE")


def B15_the_last_phone_takes_the_registration_with_it():
    client = world.up()
    events = world.phone.mark()
    equal(status(client.register(expires=0)), 200, "REGISTER")
    world.phone.wait(events, event="unregistered", timeout=10)
    equal(status(client.register()), 200, "REGISTER again")
    world.phone.wait(events, event="registered", timeout=10)


def B4b_a_phone_with_a_password_of_its_own_registers_the_line():
    world.servers("udp")
    world.start_edge(auth_password='""')
    client = world.client()
    answer = client.register(password="secret")
    equal(status(answer), 200, "REGISTER")
    check(header(answer, "Contact") == client.contact + ";expires=60", answer)
    world.registered_at(world.primary)
    dialog = _incoming(client, world.primary)
    equal(status(client.in_dialog("BYE", dialog)), 200, "BYE")
    world.primary.process.crash()
    equal(status(client.ask(client.request("INVITE", "sip:bob@example.test",
                                           "<sip:bob@example.test>", "before"))), 403, "INVITE")

    def is_at_the_backup():
        client.register(password="secret")
        return said(world.backup, r"-> 200 REGISTER")

    wait_until(is_at_the_backup, 40, "REGISTER at the backup")
    equal(status(client.in_dialog("BYE", client.call())), 200, "BYE at the backup")
    wait_for(world.backup, r"<- BYE")


# ---- a dead primary ----

def _takes(seconds, what):
    """Runs what(); it lasts that long, as far as a busy machine says."""
    since = time.monotonic()
    answer = what()
    check(time.monotonic() - since >= seconds - 0.1, "it was answered before its time")
    return answer


def B5_a_call_moves_from_a_silent_primary():
    client = world.up()
    world.primary.process.freeze()
    dialog = _takes(BUDGET, client.call)
    world.unavailable("INVITE", "no-answer")
    world.registered_at(world.backup)
    equal(status(client.in_dialog("BYE", dialog)), 200, "BYE")
    wait_for(world.backup, r"<- BYE")


def B4_a_call_moves_from_a_primary_that_is_gone_at_once():
    client = world.up()
    world.primary.process.crash()
    client.call()
    world.unavailable("INVITE", "icmp")


def B5_a_register_of_the_phone_waits_for_the_backup():
    world.servers("udp")
    world.primary.process.freeze()
    world.start_edge()
    client = world.client()
    equal(status(_takes(0, client.register)), 200, "REGISTER")
    world.registered_at(world.backup)


def B5_no_server_at_all_is_told_as_503():
    world.servers("udp")
    world.primary.process.crash()
    world.backup.process.crash()
    world.start_edge()
    answer = world.client().register()
    equal(status(answer), 503, "REGISTER")
    check(header(answer, "Retry-After"), "no Retry-After")


def B9_a_bye_moves_from_a_silent_primary():
    client = world.up()
    dialog = client.call()
    world.primary.process.freeze()
    equal(status(_takes(BUDGET, lambda: client.in_dialog("BYE", dialog))), 200, "BYE")
    wait_for(world.backup, r"<- BYE")


def B12_the_line_goes_back_and_calls_go_with_it():
    client = world.up(failback=1)
    world.primary.process.freeze()
    client.call()
    world.registered_at(world.backup)
    world.primary.process.thaw()
    events = world.phone.mark()
    world.phone.command("failback")
    world.phone.wait(events, event="registered", target=world.primary.target, timeout=20)
    calls = len(said(world.primary, r"<- INVITE"))
    client.call()
    check(len(said(world.primary, r"<- INVITE")) > calls, "the call went elsewhere")


# ---- the edge itself dies ----

def a_bye_passes_after_the_edge_was_killed_in_mid_call():
    client = world.up()
    dialog = client.call()
    world.kill_edge()
    world.run_edge()
    world.registered_at(world.primary)
    equal(status(client.in_dialog("BYE", dialog)), 200, "BYE")


def B9_a_bye_passes_after_the_edge_was_killed_and_the_primary_too():
    client = world.up()
    dialog = client.call()
    world.kill_edge()
    world.primary.process.freeze()
    world.run_edge()
    equal(status(client.in_dialog("BYE", dialog)), 200, "BYE")
    wait_for(world.backup, r"<- BYE")


def a_bye_of_the_server_finds_its_phone_after_the_edge_was_killed():
    client = world.up()
    _incoming(client, world.primary)
    world.kill_edge()
    world.run_edge()
    world.registered_at(world.primary)
    world.primary.command("hangup")
    client.reply(client.asked("BYE"), 200)
    wait_for(world.primary, r"<- 200 BYE")


def a_phone_that_has_started_again_in_mid_call_is_heard_again():
    client = world.up()
    dialog = client.call()
    client.close()
    again = world.client()
    equal(status(again.register()), 200, "REGISTER")
    equal(status(again.in_dialog("BYE", dialog)), 200, "BYE")


# ---- other transports, more phones ----

def B7_tcp_inside():
    client = world.up(inside="tcp")
    equal(status(client.in_dialog("BYE", client.call())), 200, "BYE")
    dialog = _incoming(client, world.primary)
    equal(status(client.in_dialog("BYE", dialog)), 200, "BYE")


def _moves_over(transport):
    client = world.up(outside=transport)
    equal(status(client.in_dialog("BYE", client.call())), 200, "BYE")
    dialog = _incoming(client, world.primary)
    equal(status(client.in_dialog("BYE", dialog)), 200, "BYE")
    world.primary.process.crash()
    equal(status(client.in_dialog("BYE", client.call())), 200, "BYE")
    wait_for(world.backup, r"<- BYE")


def B23c_tcp_outside_moves_from_a_primary_that_is_gone():
    _moves_over("tcp")


def B23c_tls_outside_moves_from_a_primary_that_is_gone():
    _moves_over("tls")


def B24_of_two_phones_of_a_line_the_one_that_registered_last_rings():
    first = world.up()
    second = Client(world.address["inside"], world.address["second"])
    world.clients.append(second)
    equal(status(second.register()), 200, "REGISTER")
    dialog = _incoming(second, world.primary)
    equal(status(second.in_dialog("BYE", dialog)), 200, "BYE")
    equal(status(first.in_dialog("BYE", first.call())), 200, "BYE of the first one's call")


def two_phones_behind_one_edge_call_each_other_through_a_proxy():
    """The request comes back with the Via of the edge in it, for another user: no loop (RFC 3261 16.3)."""
    proxy = Party("primary", world.address["primary"])
    try:
        world.start_edge(lines=2)
        first = world.client()
        second = Client(world.address["inside"], world.address["second"], user="1002")
        world.clients.append(second)
        for one in first, second:
            equal(status(one.register()), 200, "REGISTER")
        first.send(first.request("INVITE", "sip:1002@example.test", "<sip:1002@example.test>", "two"))
        invite = proxy.take("INVITE", 20)
        contact = header(invite.text, "Contact").strip("<>").split(";")[0].replace("1001", "1002")
        _, _, rest = invite.text.partition("\r\n")
        invite.way.send("INVITE %s SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bKproxy\r\n%s" % (
            contact, proxy.where, rest))
        rung = second.asked("INVITE")
        equal(len(headers(rung, "Via")), 3, "Vias of the edge, the proxy, and the edge")
        second.reply(rung, 200, ";tag=second")
        answer = proxy.take("200 INVITE", 20)
        via = "Via: %s\r\n" % headers(answer.text, "Via")[0]
        invite.way.send(answer.text.replace(via, "", 1))
        heard = first.take(lambda m: status(m) == 200 and "INVITE" in header(m, "CSeq"))
        equal(len(headers(heard, "Via")), 1, "Vias of the answer")
        equal(_counters()["looped"], 0, "loops")
    finally:
        proxy.close()


# ---- what must not pass ----

def _counters():
    """What the edge says at its end."""
    world.phone.process.stop(10)
    found = re.findall(r"(\d+) ([a-z ]+)[,;\n]", world.phone.process.log())
    return {what: int(number) for number, what in found}


def _scrape(port):
    request = urllib.request.Request("http://%s:%d/metrics" % (world.address["inside"], port))
    request.add_header("Authorization", "Basic " + base64.b64encode(b"admin:of the page").decode())
    with urllib.request.urlopen(request, timeout=60) as answer:
        return dict(line.rsplit(" ", 1) for line in answer.read().decode().splitlines()
                    if not line.startswith("#"))


def what_passes_and_what_is_dropped_is_in_the_metrics():
    if not os.path.exists(build_path(".libs/failover-web.so")):
        raise Skip("the page is not part of this build")
    world.servers("udp")
    world.start_edge()
    world.kill_edge()
    password, port = os.path.join(workdir(), "edge-page"), 8080
    with open(password, "w", encoding="utf-8") as out:
        out.write("of the page\n")
    os.chmod(password, 0o600)
    world.run_edge("--web", "%s:%d" % (world.address["inside"], port), "--web-plain",
                   "--web-password-file", password, "--plugin-dir", build_path(".libs"))
    world.registered_at(world.primary)
    client = world.client()
    equal(status(client.register()), 200, "REGISTER")
    dialog = client.call()
    client.send("nonsense\r\n\r\n")
    equal(status(client.in_dialog("OPTIONS", dialog)), 200, "OPTIONS")
    found = _scrape(port)

    def of(name, what):
        return int(found['failover_%s{what="%s"}' % (name, what)])

    equal(of("messages_total", "inside_requests"), 3, "INVITE, ACK and OPTIONS")
    equal(of("messages_total", "inside_garbage"), 1, "garbage")
    equal(of("messages_total", "wire_unmatched"), 0, "answers to nothing")
    equal(of("kept", "wire_dialogs"), 1, "dialogs")
    check(of("kept", "wire_requests") >= 1, "requests are kept for a while")


def B21_who_is_in_no_network_of_clients_is_not_heard_and_counted():
    client = world.up()
    world.kill_edge()
    world.run_edge("--clients", world.address["handset"])
    world.registered_at(world.primary)
    stranger = Client(world.address["inside"], world.address["second"])
    world.clients.append(stranger)
    stranger.send(stranger.request("OPTIONS", "sip:x", "<sip:1001@example.test>", "stranger"))
    equal(status(client.register()), 200, "REGISTER of one who is")
    equal(_counters()["strangers"], 1, "counted")


def a_user_of_no_line_is_refused_and_counted():
    client = world.up()
    client.user = "9999"
    stranger = client.request("INVITE", "sip:bob@example.test", "<sip:bob@example.test>", "s",
                              sender="<sip:9999@example.test>;tag=s")
    other = Client(world.address["inside"], world.address["second"], user="9999")
    world.clients.append(other)
    equal(status(other.register()), 404, "REGISTER")
    equal(status(other.ask(stranger)), 403, "INVITE")
    equal(_counters()["of no line"], 2, "counted")


def what_goes_round_is_refused_and_counted():
    client = world.up()
    text = client.request("INVITE", "sip:bob@example.test", "<sip:bob@example.test>", "round")
    client.send(text)
    # As the server has it: with the Via of the edge.
    wait_for(world.primary, r"<- INVITE \S+ (\S+)")
    branch = said(world.primary, r"<- INVITE \S+ (\S+)")[0]
    again = text.replace("Max-Forwards", "Via: SIP/2.0/UDP x;branch=%s\r\nMax-Forwards" % branch)
    again = again.replace("branch=z9hG4bK", "branch=z9hG4bKa", 1)
    client.send(again)
    answer = client.take(lambda m: status(m) == 482)
    equal(len(headers(answer, "Via")), 2, "Vias of the answer")
    spent = client.request("OPTIONS", "sip:bob@example.test", "<sip:bob@example.test>", "spent")
    equal(status(client.ask(spent.replace("Max-Forwards: 70", "Max-Forwards: 0"))), 483, "OPTIONS")
    counters = _counters()
    equal((counters["looped"], counters["hops"]), (1, 1), "counted")


def garbage_is_counted_and_the_phone_goes_on():
    client = world.up()
    for text in ("nonsense\r\n\r\n", "INVITE sip:x SIP/2.0\r\n\r\n",
                 "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP x;branch=z9hG4bKfo\r\n\r\n",
                 "BYE sip:x SIP/2.0\r\nVia: ;;\r\nFrom: <\r\nTo: <\r\nCall-ID: \r\nCSeq: x\r\n\r\n",
                 "INVITE " + "x" * 16000 + " SIP/2.0\r\n\r\n"):
        client.send(text)
    equal(status(client.in_dialog("BYE", client.call())), 200, "BYE")
    check(world.phone.process.child.poll() is None, "the edge has ended")


if __name__ == "__main__":
    tap.run([
        B6_register_call_and_bye_pass,
        B10_a_phone_is_asked_to_register_often_and_the_line_keeps_its_own_time,
        B24_an_incoming_call_passes_and_the_phone_hangs_up,
        B24_an_incoming_call_passes_and_the_server_hangs_up,
        B24_nobody_is_there_is_told_as_480,
        B15_the_last_phone_takes_the_registration_with_it,
        B4b_a_phone_with_a_password_of_its_own_registers_the_line,
        B5_a_call_moves_from_a_silent_primary,
        B4_a_call_moves_from_a_primary_that_is_gone_at_once,
        B5_a_register_of_the_phone_waits_for_the_backup,
        B5_no_server_at_all_is_told_as_503,
        B9_a_bye_moves_from_a_silent_primary,
        B12_the_line_goes_back_and_calls_go_with_it,
        a_bye_passes_after_the_edge_was_killed_in_mid_call,
        B9_a_bye_passes_after_the_edge_was_killed_and_the_primary_too,
        a_bye_of_the_server_finds_its_phone_after_the_edge_was_killed,
        a_phone_that_has_started_again_in_mid_call_is_heard_again,
        B7_tcp_inside,
        B23c_tcp_outside_moves_from_a_primary_that_is_gone,
        B23c_tls_outside_moves_from_a_primary_that_is_gone,
        B24_of_two_phones_of_a_line_the_one_that_registered_last_rings,
        two_phones_behind_one_edge_call_each_other_through_a_proxy,
        what_passes_and_what_is_dropped_is_in_the_metrics,
        B21_who_is_in_no_network_of_clients_is_not_heard_and_counted,
        a_user_of_no_line_is_refused_and_counted,
        what_goes_round_is_refused_and_counted,
        garbage_is_counted_and_the_phone_goes_on,
    ], world.setup, world.teardown)
