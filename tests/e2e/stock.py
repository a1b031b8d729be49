#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Two Kamailios as Debian ships them, with the package's own configuration: neither knows the other
by name, both record-route with their own address, and a call is relayed only where the Request-URI
is theirs. The line has no `domain`. Usual changes of administrators follow."""

import os
import sys

sys.dont_write_bytecode = True

from harness import peers, tap
from harness.block import Block
from harness.colleagues import Colleagues
from harness.phone import Phone, need_program, write_config
from harness.scene import make_certificates
from harness.subscriber import Subscriber
from harness.process import wait_until, workdir
from harness.tap import Skip, check, equal

TLS_CONFIG = """
[server:default]
method = TLSv1.2+
verify_certificate = no
require_certificate = no
private_key = %(key)s
certificate = %(certificate)s
"""


class World:
    """What the tests share."""
    block = None
    address = {}
    servers = {}
    callee = None
    phone = None
    pair = None
    certificates = None


def uri_hosts(request):
    """The hosts of Request-URI, From and To."""
    values = [request.uri, request.header("From"), request.header("To")]
    return [value.split("@")[1].split(">")[0].split(";")[0].split(":")[0] for value in values]


def target(name, transport):
    return "%s:%d;transport=%s" % (World.address[name], 5061 if transport == "tls" else 5060,
                                   transport)


def tls_edits(name):
    """The one change that TLS needs: where the certificate is."""
    if not World.certificates:
        addresses = {who: World.address[who] for who in ("primary", "backup")}
        World.certificates = make_certificates("certificates", addresses)
    path = os.path.join(workdir(), name + "-tls.cfg")
    certificate = os.path.join(World.certificates, name + ".pem")
    with open(path, "w", encoding="utf-8") as out:
        out.write(TLS_CONFIG % {"certificate": certificate,
                                "key": certificate.replace(".pem", ".key")})
    return [("/etc/kamailio/tls.cfg", path)]


def serve(transport="udp", edits=(), **options):
    """A pair, and a colleague who is registered with both."""
    for name in ("primary", "backup"):
        own = list(edits)
        if transport == "tls":
            own += tls_edits(name)
            options["defines"] = ("WITH_TLS",)
        World.servers[name] = peers.StockKamailio(
            World.block, "%s-%d" % (name, next(_runs)), World.address[name],
            transports=("udp", "tcp", "tls") if transport == "tls" else ("udp", "tcp"),
            edits=own, **options)
    World.callee = Subscriber("2000", World.address["callee"])
    for name in ("primary", "backup"):
        World.callee.register(World.address[name])


_runs = iter(range(1, 1000))


def registered(transport="udp", edits=(), **settings):
    """The pair serves, and the phone is registered at the primary."""
    serve(transport, edits)
    start(transport, **settings)
    World.pair.registered(target("primary", transport))


def start(transport="udp", **settings):
    device = ['tls_ca_file = "%s"' % os.path.join(World.certificates, "ca.pem")] \
        if transport == "tls" else []
    config = write_config("v3", {"server primary": World.address["primary"],
                                 "server backup": World.address["backup"]},
                          transport=transport, device=device, **settings)
    World.phone = Phone(World.address["phone"], config)
    World.pair = Colleagues(World.phone, World.callee)


def call_2000(at):
    return World.pair.call(server=World.address[at])


def hang_up():
    World.pair.hang_up()


def crash(name="primary"):
    World.servers[name].crash()


# ---- what every transport does -----------------------------------------------------------------


def B23_call_after_a_move(transport):
    """S 2.2.2: the call that finds the primary dead, and the next one."""
    registered(transport)
    call_2000("primary")
    hang_up()
    crash()
    call_2000("backup")
    hang_up()
    call_2000("backup")
    hang_up()
    check(World.phone.find(event="registered", target=target("backup", transport)),
          "not registered at the backup")


def B23a_bye_after_the_primary_died(transport):
    """S 2.2.3: the servers record-route, so that the BYE's first Route is the dead one."""
    registered(transport)
    call_2000("primary")
    crash()
    hang_up()


def B24b_incoming_call(transport):
    """To the Contact of the registration: by TCP and TLS, over the connection it came by."""
    registered(transport)
    World.pair.is_called(World.address["primary"])


def B24b_incoming_call_after_a_move(transport):
    registered(transport)
    crash()
    World.pair.register_again(target("backup", transport))
    World.pair.is_called(World.address["backup"])


def B8_stays_and_comes_back(transport):
    """Dead and alive again: the line comes back by itself, and calls go on."""
    registered(transport, failback=1, failback_interval=32)
    crash()
    World.pair.register_again(target("backup", transport))
    since = World.phone.mark()
    World.servers["primary"].start()
    World.callee.register(World.address["primary"])
    World.pair.registered(target("primary", transport), since, 50)
    call_2000("primary")
    hang_up()


def by(test, transport):
    def run():
        test(transport)
    run.__name__ = "%s_%s" % (test.__name__, transport)
    return run


# ---- UDP ----------------------------------------------------------------------------------------


def B23_silent_primary():
    """Not gone but mute: the budget, then the backup under its own name."""
    registered()
    World.servers["primary"].process.freeze()
    try:
        call_2000("backup")
        hang_up()
    finally:
        World.servers["primary"].process.thaw()


def B23_domain_stays_when_it_is_configured():
    """Then the servers must know that name, as their administrators see to."""
    alias = ('# alias="sip.mydomain.com"', 'alias="e2e.example"')
    registered(edits=[alias], domain='"e2e.example"')
    crash()
    invite = World.pair.call()
    equal(uri_hosts(invite)[1:], ["e2e.example"] * 2, "the hosts of From and To")
    hang_up()


def B23a_bye_without_record_route():
    """The proxies stay out of dialogs: ACK and BYE go to the Contact (RFC 3261 12.2.1.1)."""
    registered(edits=[RECORD_ROUTE_OFF])
    call_2000("primary")
    hang_up()
    call_2000("primary")
    crash()
    hang_up()


# From Kamailio 6 on, the package names REFER, too.
RECORD_ROUTE_OFF = ('if (is_method("INVITE|SUBSCRIBE', 'if (0 && is_method("INVITE|SUBSCRIBE')
# nat_uac_test("19") with what many write in the place of set_contact_alias().
FIX_NATED_CONTACT = [("#!ifdef WITH_NAT\n\tif (nat_uac_test(\"19\")) {",
                      "#!ifndef WITHOUT_NAT\n\tif (1) {"),
                     ("\t\t\tfix_nated_register();\n", "\t\t\tfix_nated_contact();\n"),
                     ("\t\t\tif(is_first_hop()) {\n\t\t\t\tset_contact_alias();\n\t\t\t}\n",
                      "\t\t\tfix_nated_contact();\n"),
                     ('loadmodule "sanity.so"', 'loadmodule "sanity.so"\nloadmodule "nathelper.so"')]


def B23a_bye_where_contacts_are_rewritten():
    registered(edits=FIX_NATED_CONTACT)
    call_2000("primary")
    crash()
    hang_up()


def B24b_quit_after_a_move_ends_the_call():
    """The BYE goes where the line lives, past the dead server that stands in the route set."""
    registered()
    call_2000("primary")
    crash()
    since = World.phone.mark()
    World.phone.command("register")
    World.phone.wait(since, event="registered", target=target("backup", "udp"), timeout=20)
    World.phone.command("quit")
    wait_until(lambda: World.callee.count("BYE"), 20, "a BYE at the colleague")


def B22_colleague_is_away():
    """404 of a healthy server ends the call and nothing else."""
    registered()
    since = World.phone.mark()
    World.phone.command("call 2999")
    World.pair.call_is("failed", since, status=404)
    call_2000("primary")
    hang_up()
    check(not World.phone.find(since, event="moved"), "the line moved")



# ---- set-up -------------------------------------------------------------------------------------


def setup():
    need_program()
    peers.need("kamailio", "kamcmd")
    if not os.access(peers.StockKamailio.PACKAGED, os.R_OK):
        raise Skip("there is no " + peers.StockKamailio.PACKAGED)
    World.block = Block()
    World.address = {name: World.block.address(host) for name, host in
                     {"phone": 10, "primary": 11, "backup": 12, "callee": 30}.items()}


def teardown():
    if World.phone:
        World.phone.end()
        World.phone = None
    for server in World.servers.values():
        server.crash()
    World.servers.clear()
    if World.callee:
        World.callee.close()
        World.callee = None


if __name__ == "__main__":
    everywhere = [by(test, transport) for transport in ("udp", "tcp", "tls")
                  for test in (B23_call_after_a_move, B23a_bye_after_the_primary_died)]
    called = [by(test, transport) for transport in ("udp", "tcp", "tls")
              for test in (B24b_incoming_call, B24b_incoming_call_after_a_move)]
    tap.run(everywhere + called + [
        by(B8_stays_and_comes_back, "udp"),
        B23_silent_primary,
        B23_domain_stays_when_it_is_configured,
        B23a_bye_without_record_route,
        B23a_bye_where_contacts_are_rewritten,
        B24b_quit_after_a_move_ends_the_call,
        B22_colleague_is_away,
    ], setup, teardown)
