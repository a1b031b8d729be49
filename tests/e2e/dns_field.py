#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Domain names behind the resolvers that people have (B25): the phone registers, whatever a home
router makes of the questions it does not know, and no name that is mute holds up a server that is
there."""

import os
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True

from harness import tap
from harness.block import Block
from harness.phone import Phone, need_program, write_config
from harness.process import Process, build_path
from harness.resolver import Resolver
from harness.tap import Skip, check, equal

NAME = "sip.example"


class Net:
    """What the tests share."""
    block = None
    resolver = None
    phones = []
    servers = []  # of one test


def address(number):
    """Of SIP server 1 .. 4; the last speaks TCP."""
    return Net.block.address(10 + number)


def target(number, transport="udp", port=5060):
    return "%s:%d;transport=%s" % (address(number), port, transport)


def zone(text):
    """Of the name; @ is the name itself, <n> the address of server n."""
    for number in range(1, 5):
        text = text.replace("<%d>" % number, address(number))
    lines = []
    for line in text.strip().splitlines():
        name, rest = line.split(None, 1)
        lines.append("%s %s" % (NAME if name == "@" else name + "." + NAME,
                                rest.replace("@", NAME)))
    Net.resolver.zone("\n".join(lines))


def start(nodes=None, **settings):
    config = write_config("v3", nodes or {"server primary": NAME}, **settings)
    phone = Phone(Net.block.address(100 + len(Net.phones)), config, "--dns", Net.resolver.server)
    Net.phones.append(phone)
    return phone


def with_ills(**ills):
    """The name has NAPTR, SRV and an address: server 1 by SRV, 2 by the address alone."""
    zone("@ NAPTR 10 10 s SIP+D2U _sip._udp.@\n_sip._udp SRV 1 0 5060 s1.@\ns1 A <1>\n@ A <2>")
    Net.resolver.ills = ills


def registers_at(number, **ills):
    with_ills(**ills)
    start().wait(event="registered", target=target(number), timeout=30)


def B25_naptr_dropped():
    registers_at(1, NAPTR="drop")


def B25_naptr_servfail():
    registers_at(1, NAPTR="SERVFAIL")


def B25_naptr_refused():
    registers_at(1, NAPTR="REFUSED")


def B25_srv_dropped():
    registers_at(2, SRV="drop")


def B25_srv_refused():
    registers_at(2, SRV="REFUSED", NAPTR="REFUSED")


def B25_naptr_and_srv_dropped():
    registers_at(2, NAPTR="drop", SRV="drop")


def B25_edns_is_not_needed():
    registers_at(1, EDNS="drop")
    equal(Net.resolver.asked_edns, 0, "questions with EDNS")


def B25_mute_name_does_not_hold_up_a_numeric_backup():
    with_ills(NAPTR="drop", SRV="drop", A="drop")
    phone = start({"server primary": NAME, "server backup": address(3)})
    told = phone.wait(event="dns", state="failed", timeout=30)
    phone.wait(event="registered", target=target(3), timeout=30)
    check(told["t"] >= 3.4, "not before its time: %.3f" % told["t"])


def B25_rest_is_taken_when_it_comes():
    with_ills(NAPTR="hold", SRV="hold", A="hold")
    phone = start({"server primary": NAME, "server backup": address(3)})
    phone.wait(event="registered", target=target(3), timeout=30)
    Net.resolver.ills = {}
    Net.resolver.release()
    event = phone.wait(event="dns", state="resolved", timeout=30)
    equal(event["targets"], [target(1)], "targets of the name")
    since = phone.mark()
    phone.command("register")
    phone.wait(since, event="registered", target=target(1), timeout=30)


def B25_mute_name_of_one_line_does_not_hold_up_another():
    with_ills(NAPTR="drop", SRV="drop", A="drop")
    config = write_config("v3", {"server primary": NAME})
    with open(config, "a", encoding="utf-8") as out:
        out.write('line 2 {\n  user = "1002"\n  server primary { address = "%s" }\n}\n' %
                  address(1))
    phone = Phone(Net.block.address(100), config, "--dns", Net.resolver.server)
    Net.phones.append(phone)
    phone.wait(event="registered", line=2, target=target(1), timeout=30)
    check(not phone.find(event="dns"), "before the name is told to be mute")


def dnsmasq(number, *options):
    """A server at address 53 + number of the block."""
    program = shutil.which("dnsmasq", path=os.environ["PATH"] + ":/usr/sbin")
    if not program:
        raise Skip("dnsmasq is not installed")
    server = Net.block.address(53 + number)
    Net.servers.append(Process("dnsmasq-%d" % number, [
        program, "--no-daemon", "--conf-file=/dev/null", "--no-resolv", "--no-hosts",
        "--port=5353", "--listen-address=" + server, "--bind-interfaces", *options]))
    return server


def behind_two_dnsmasq(port):
    """The site's one says NXDOMAIN to NAPTR and AAAA, and the cache before it keeps that for the
    whole name. Returns the cache's address."""
    names = ["--local=/example/", "--address=/%s/%s" % (NAME, address(1))]
    if port:
        names += ["--srv-host=_sip._udp.%s,s1.example,%d" % (NAME, port),
                  "--host-record=s1.example," + address(1)]
    site = dnsmasq(1, *names)
    return dnsmasq(2, "--server=%s#5353" % site, "--neg-ttl=3") + ":5353"


def start_behind(cache):
    phone = Phone(Net.block.address(100), write_config("v3", {"server primary": NAME}),
                  "--dns", cache)
    Net.phones.append(phone)
    return phone


def B25_name_that_a_cache_hides_after_naptr():
    phone = start_behind(behind_two_dnsmasq(None))
    phone.wait(event="registered", target=target(1), timeout=50)
    told = phone.wait(event="dns", state="resolved")
    equal(told["targets"], [target(1)], "targets of the name")


def B25_service_of_a_name_that_a_cache_hides():
    phone = start_behind(behind_two_dnsmasq(5060))
    phone.wait(event="registered", target=target(1), timeout=50)
    check(not phone.find(event="dns", state="gone"), "the service is there at once")


def B25_equal_weights_share_the_phones_out():
    zone("_sip._udp SRV 1 0 5060 s1.@\n_sip._udp SRV 1 0 5060 s2.@\n"
         "_sip._udp SRV 1 0 5060 s3.@\ns1 A <1>\ns2 A <2>\ns3 A <3>")
    first = [start().wait(event="registered", timeout=30)["target"] for _ in range(16)]
    check(len(set(first)) > 1, "16 of 16 phones at " + first[0])


def B25_auto_takes_what_naptr_offers():
    zone("@ NAPTR 10 10 s SIP+D2T _sip._tcp.@\n@ NAPTR 20 10 s SIP+D2U _sip._udp.@\n"
         "_sip._udp SRV 1 0 5060 s1.@\n_sip._tcp SRV 1 0 5060 s4.@\ns1 A <1>\ns4 A <4>")
    start(transport="auto").wait(event="registered", target=target(4, "tcp"), timeout=30)


def B25_auto_takes_the_service_that_is_there():
    zone("_sip._tcp SRV 1 0 5060 s4.@\ns4 A <4>")
    start(transport="auto").wait(event="registered", target=target(4, "tcp"), timeout=30)


def B25_auto_without_services_is_udp():
    zone("@ A <1>")
    start(transport="auto").wait(event="registered", target=target(1), timeout=30)


def serve(number, transport="udp"):
    Process("server-%d" % number, [build_path("failover-server"), "--listen",
                                   address(number) + ":5060", "--transport", transport],
            stdin=subprocess.PIPE)


def setup():
    need_program()
    if not os.path.exists(build_path("libfailover-dns.la")):
        raise Skip("libfailover-dns is not part of this build")
    if not os.access(build_path("failover-server"), os.X_OK):
        raise Skip("failover-server is not part of this build")
    Net.block = Block()
    Net.resolver = Resolver(Net.block.address(53))
    for number in range(1, 4):
        serve(number)
    serve(4, "tcp")


def teardown():
    for phone in Net.phones:
        phone.end()
    Net.phones.clear()
    for server in Net.servers:
        server.crash()
    Net.servers.clear()
    Net.resolver.ills = {}
    Net.resolver.release()
    Net.resolver.asked_edns = 0


if __name__ == "__main__":
    tap.run([
        B25_naptr_dropped,
        B25_naptr_servfail,
        B25_naptr_refused,
        B25_srv_dropped,
        B25_srv_refused,
        B25_naptr_and_srv_dropped,
        B25_edns_is_not_needed,
        B25_mute_name_does_not_hold_up_a_numeric_backup,
        B25_rest_is_taken_when_it_comes,
        B25_mute_name_of_one_line_does_not_hold_up_another,
        B25_name_that_a_cache_hides_after_naptr,
        B25_service_of_a_name_that_a_cache_hides,
        B25_equal_weights_share_the_phones_out,
        B25_auto_takes_what_naptr_offers,
        B25_auto_takes_the_service_that_is_there,
        B25_auto_without_services_is_udp,
    ], setup, teardown)
