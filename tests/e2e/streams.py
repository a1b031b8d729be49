#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""TCP and TLS, what transport.py leaves: two proxies in front of one registrar, a server that
demands a certificate, and SIPp as registrar and called party."""

import os
import socket
import subprocess
import sys

sys.dont_write_bytecode = True

from harness import peers, tap
from harness.process import Process, wait_until, workdir
from harness.scene import BUDGET, Scene
from harness.tap import check, equal

HERE = os.path.dirname(os.path.abspath(__file__))
scene = Scene()

# ---- two proxies ---------------------------------------------------------------------------------


def moved(events, method, reasons):
    """The request has gone from the primary proxy to the backup proxy for one of these reasons."""
    event = scene.phone.wait(events, event="unavailable", method=method)
    equal(event["target"], scene.primary.target, "who is unavailable")
    check(event["reason"] in reasons, "the reason is " + event["reason"])
    scene.phone.wait(events, event="moved", kind="failover", to=scene.backup.target)
    return event


def to_registrar(request):
    """B1a: a next hop never changes the Request-URI."""
    check(scene.address["registrar"] in request.uri, "the Request-URI is " + request.uri)


def _register_through_the_backup(transport):
    scene.serve(transport)
    scene.primary.close()
    scene.register(scene.backup, proxies=True)
    event = moved(0, "REGISTER", ["refused"])
    check(event["elapsed"] < 2, "at once, not after %s s" % event["elapsed"])
    to_registrar(scene.backup.take("REGISTER"))


def _silent_proxy(transport):
    scene.serve(transport)
    scene.primary.answers["REGISTER"] = None
    scene.register(scene.backup, proxies=True)
    event = moved(0, "REGISTER", ["no-answer"])
    check(BUDGET - 0.01 <= event["elapsed"] <= BUDGET + 0.2, "after %s s" % event["elapsed"])
    for party in scene.primary, scene.backup:
        to_registrar(party.take("REGISTER"))
    equal(scene.primary.count("REGISTER"), 1, "transmissions: none again on a connection")


def _call_through_the_backup(transport):
    """A proxy that falls silent: INVITE and then BYE go to the other one, and wait for no REGISTER
    (B5); the line follows (B23d). One that closes its connections has been left before (B15a)."""
    scene.serve(transport)
    scene.register(proxies=True)
    events = scene.phone.mark()
    scene.call_up(scene.backup)  # the primary says nothing to an INVITE
    moved(events, "INVITE", ["no-answer"])
    scene.backup.answers["BYE"] = None
    events = scene.phone.mark()
    scene.hang_up()
    scene.primary.take("BYE")
    scene.call_is("ended", events, target=scene.primary.target)
    equal(scene.backup.messages[0].what(), "INVITE", "what the backup got first")
    equal([message.what() for message in scene.primary.messages][:3],
          ["REGISTER", "INVITE", "BYE"], "what the primary got first")


def B1a_tcp_register_through_the_backup_proxy():
    _register_through_the_backup("tcp")


def B1a_tls_register_through_the_backup_proxy():
    _register_through_the_backup("tls")


def B3c_tcp_a_silent_proxy_is_left_after_the_budget():
    _silent_proxy("tcp")


def B3c_tls_a_silent_proxy_is_left_after_the_budget():
    _silent_proxy("tls")


def B5_tcp_invite_and_bye_go_to_the_other_proxy():
    _call_through_the_backup("tcp")


def B5_tls_invite_and_bye_go_to_the_other_proxy():
    _call_through_the_backup("tls")


def B4_tls_a_proxy_with_the_certificate_of_the_registrar_is_left():
    """The certificate must be for the configured proxy (RFC 5922), as it is the one called."""
    scene.serve("tls")
    scene.primary.close()
    scene.party("primary", certificate="registrar")
    scene.register(scene.backup, proxies=True)
    moved(0, "REGISTER", ["tls"])
    check("the certificate is not for " + scene.address["primary"] in scene.phone.process.log(),
          "the user reads why: " + scene.phone.process.log())


# ---- a server that demands a certificate ---------------------------------------------------------


def _own_certificate(name):
    path = scene.certificate(name)
    return ['tls_cert_file = "%s"' % path, 'tls_key_file = "%s"' % path.replace(".pem", ".key")]


def B4_tls_a_server_that_demands_a_certificate_gets_it():
    scene.serve("tls", client_ca="ca")
    scene.register(device=_own_certificate("phone"))
    names = scene.primary.take("REGISTER").way.certificate["subjectAltName"]
    equal(names, (("IP Address", scene.address["phone"]),), "whose certificate was shown")


def _refused_by_the_server(**settings):
    """The handshake fails; the line goes to the backup, which demands nothing."""
    scene.serve("tls", client_ca="ca")
    scene.backup.close()
    scene.backup = scene.party("backup")
    scene.register(scene.backup, **settings)
    moved(0, "REGISTER", ["tls"])
    check("TLS with %s" % scene.primary.where in scene.phone.process.log(),
          "the user reads why: " + scene.phone.process.log())
    equal(scene.primary.messages, [], "messages at the server that was not satisfied")


def B4_tls_a_server_that_demands_a_certificate_gets_none():
    _refused_by_the_server()


def B4_tls_a_server_that_demands_a_certificate_gets_one_of_another_ca():
    _refused_by_the_server(device=_own_certificate("stranger"))


# ---- SIPp ----------------------------------------------------------------------------------------


class Sipp:
    """A registrar and called party at the address of that name. mode: SIPp's transport."""

    def __init__(self, name, mode):
        peers.need("sipp")
        log = os.path.join(workdir(), "sipp-%s-%s.errors" % (name, mode))
        self.address = scene.address[name]
        self.target = self.address + ":5060;transport=tcp"
        self.process = Process("sipp-%s-%s" % (name, mode), [
            "sipp", "-sf", os.path.join(HERE, "server.xml"), "-i", self.address, "-p", "5060", "-t",
            mode, "-nostdin", "-mi", self.address, "-deadcall_wait", "0", "-max_socket",
            "1000", "-trace_err", "-error_file", log], stdout=subprocess.DEVNULL)
        wait_until(self._listens, 5, "SIPp listens")

    def _listens(self):
        if self.process.child.poll() is not None:
            raise AssertionError("SIPp ended: " + self.process.log())
        with socket.socket() as probe:
            try:
                probe.bind((self.address, 5060))
            except OSError:
                return True
        return False


def _sipp(mode):
    scene.serve("tcp")
    for party in scene.primary, scene.backup:
        party.close()
    primary, backup = Sipp("primary", mode), Sipp("backup", mode)
    try:
        scene.start_phone()
        scene.registered(primary)
        for server in primary, backup:
            events = scene.phone.mark()
            scene.dial()
            scene.call_is("up", events, target=server.target)
            events = scene.phone.mark()
            scene.hang_up()
            scene.call_is("ended", events, status=200)
            primary.process.crash()
        scene.phone.wait(event="moved", kind="failover", to=backup.target)
        check(scene.phone.find(event="registered", target=backup.target), "REGISTER first (B5)")
    finally:
        for server in primary, backup:
            server.process.crash()


def B5_sipp_with_one_tcp_connection():
    _sipp("t1")


def B5_sipp_with_a_tcp_connection_for_each_call():
    _sipp("tn")


if __name__ == "__main__":
    tap.run([
        B1a_tcp_register_through_the_backup_proxy,
        B1a_tls_register_through_the_backup_proxy,
        B3c_tcp_a_silent_proxy_is_left_after_the_budget,
        B3c_tls_a_silent_proxy_is_left_after_the_budget,
        B5_tcp_invite_and_bye_go_to_the_other_proxy,
        B5_tls_invite_and_bye_go_to_the_other_proxy,
        B4_tls_a_proxy_with_the_certificate_of_the_registrar_is_left,
        B4_tls_a_server_that_demands_a_certificate_gets_it,
        B4_tls_a_server_that_demands_a_certificate_gets_none,
        B4_tls_a_server_that_demands_a_certificate_gets_one_of_another_ca,
        B5_sipp_with_one_tcp_connection,
        B5_sipp_with_a_tcp_connection_for_each_call,
    ], scene.setup, scene.teardown)
