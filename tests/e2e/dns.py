#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Domain names against a real DNS server (Knot): the phone finds its servers by RFC 3263, follows
what changes, and goes on when the DNS does not."""

import os
import socket
import subprocess
import sys

sys.dont_write_bytecode = True

from harness import peers, process, tap
from harness.block import Block
from harness.knot import ZONE, Knot
from harness.phone import Phone, need_program, write_config
from harness.process import Process, build_path
from harness.tap import Skip, check, equal

SERVERS = 3  # of the eight addresses a name may have, those where somebody is


class Net:
    """What the tests share."""
    block = None
    knot = None
    phone = None
    statuses = []
    servers = []


def address(number):
    """Of SIP server 1 .. 8."""
    return Net.block.address(10 + number)


def target(number):
    return "%s:5060;transport=udp" % address(number)


def command(number, text):
    """Gives a command and waits until it is reported to have taken effect."""
    server, line = Net.servers[number - 1], " -- %s\n" % text
    seen = server.log().count(line)
    server.child.stdin.write((text + "\n").encode())
    server.child.stdin.flush()
    process.wait_until(lambda: server.log().count(line) > seen, 5, text)


def start(name=ZONE, profile="v3", **settings):
    """Starts the phone, whose only server is a name."""
    config = write_config(profile, {"server primary": name}, **settings)
    Net.phone = Phone(Net.block.address(1), config, "--dns", Net.knot.server)
    return Net.phone


def zone_of(*numbers):
    """The zone's name has these addresses, in this order of priority."""
    records = ["_sip._udp SRV %d 0 5060 s%d" % (place, number)
               for place, number in enumerate(numbers)]
    records += ["s%d A %s" % (number, address(number)) for number in numbers]
    Net.knot.zone("\n".join(records))


def expect_targets(count):
    zone_of(*range(1, count + 1))
    phone = start()
    event = phone.wait(event="dns", state="resolved")
    equal(event["targets"], [target(number) for number in range(1, count + 1)], "targets")
    equal(event["again"], 5, "asked again: the TTL is 1 s, the least is 5 s")
    phone.wait(event="registered", target=target(1))


def B1_one_target():
    expect_targets(1)


def B1_three_targets():
    expect_targets(3)


def B1_eight_targets():
    expect_targets(8)


def B1_naptr_then_srv_then_address():
    Net.knot.zone("""
        @ NAPTR 5 10 "s" "SIP+D2T" "" _tcp
        @ NAPTR 10 10 "s" "SIP+D2U" "" _one
        @ NAPTR 10 20 "s" "SIP+D2U" "" _two
        @ NAPTR 10 5 "u" "E2U+sip" "!^.*$!sip:info@example.com!" .
        @ A %s
        _one SRV 20 0 5060 s2
        _two SRV 10 0 5060 s3
        _tcp SRV 10 0 5060 s4
        s2 A %s
        s3 A %s
        s4 A %s
    """ % tuple(address(number) for number in (1, 2, 3, 4)))
    phone = start()
    equal(phone.wait(event="dns")["targets"], [target(2), target(3)], "targets")
    phone.wait(event="registered", target=target(2))


def free_port():
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("::1", 0))
        except OSError:
            raise Skip("there is no IPv6") from None
        return probe.getsockname()[1]


def B1_ipv6():
    port = free_port()
    server = Process("server-6", [build_path("failover-server"), "--listen", "[::1]:%d" % port],
                     stdin=subprocess.PIPE)
    Net.knot.zone("_sip._udp SRV 1 0 %d s\ns AAAA ::1\ns A %s" % (port, address(1)))
    config = write_config("v3", {"server primary": ZONE})
    Net.phone = Phone("::1", config, "--dns", Net.knot.server, "--listen", "[::1]:0")
    Net.phone.wait(event="registered", target="[::1]:%d;transport=udp" % port)
    Net.statuses.append(Net.phone.stop())
    Net.phone = None
    server.stop()


def B1_alias_and_address_alone():
    Net.knot.zone("@ A %s\nalias CNAME %s." % (address(2), ZONE))
    phone = start("alias." + ZONE)
    phone.wait(event="registered", target=target(2))


def B1_mode_a_leaves_srv_alone():
    zone_of(1)
    Net.knot.zone("@ A %s\n_sip._udp SRV 1 0 5060 s1\ns1 A %s" % (address(2), address(1)))
    phone = start(dns_mode="a")
    phone.wait(event="registered", target=target(2))


def B1_service_not_offered():
    Net.knot.zone("_sip._udp SRV 0 0 0 .\n@ A " + address(1))
    phone = start()
    event = phone.wait(event="dns", state="gone")
    equal(event["question"], "SRV _sip._udp." + ZONE, "what it is about")
    check(not phone.find(event="attempt"), "an attempt at a server that is not offered")


def B4_first_of_three_without_a_server():
    zone_of(8, 2, 3)
    phone = start()
    left = phone.wait(event="unavailable", target=target(8), reason="icmp")
    came = phone.wait(event="registered", target=target(2))
    check(came["t"] - left["t"] < 0.5, "the next one at once")


def B3a_first_of_three_silent():
    zone_of(1, 2, 3)
    command(1, "silent")
    phone = start()
    first = phone.wait(event="attempt", target=target(1))
    came = phone.wait(event="registered", target=target(2), timeout=8)
    check(3.4 < came["t"] - first["t"] < 4.5, "after 3.5 s, not %.3f" % (came["t"] - first["t"]))
    equal(phone.find(event="unavailable")["reason"], "no-answer", "reason")


def B3d_first_of_three_silent_v2():
    zone_of(1, 2, 3)
    command(1, "silent")
    phone = start(profile="v2")
    first = phone.wait(event="attempt", target=target(1))
    came = phone.wait(event="registered", target=target(2), timeout=8)
    check(3.9 < came["t"] - first["t"] < 5, "after 4 s, not %.3f" % (came["t"] - first["t"]))


def options_at(number):
    """The next OPTIONS is answered by this server."""
    since = Net.phone.mark()
    Net.phone.command("options")
    Net.phone.wait(since, event="response", method="OPTIONS", target=target(number), status=200)


def B1b_dns_server_dead_serves_on():
    zone_of(1, 2)
    phone = start()
    phone.wait(event="registered", target=target(1))
    Net.knot.crash()
    event = phone.wait(event="dns", state="stale", timeout=12)
    equal(event["targets"], [target(1), target(2)], "targets of the last good answer")
    check(event["reason"], "why")
    command(1, "down")
    phone.command("register")
    phone.wait(event="registered", target=target(2))
    zone_of(2)
    since = phone.mark()
    phone.command("reload")
    phone.wait(since, event="dns", state="resolved")
    options_at(2)


def B1b_dns_server_dead_at_start():
    zone_of(1)
    Net.knot.crash()
    phone = start()
    event = phone.wait(event="dns", state="failed", timeout=12)
    equal(event["targets"], [], "targets")
    zone_of(1)
    phone.wait(event="registered", target=target(1), timeout=12)


def B1b_dns_server_silent_blocks_nothing():
    config = write_config("v3", {"server primary": address(1)})
    with open(config, "a", encoding="utf-8") as out:
        out.write('line 2 {\n  user = "1002"\n  server primary { address = "%s" }\n}\n' % ZONE)
    zone_of(2)
    Net.knot.process.freeze()
    try:
        Net.phone = phone = Phone(Net.block.address(1), config, "--dns", Net.knot.server)
        event = phone.wait(event="registered", line=1, target=target(1))
        check(event["t"] < 1, "registered at %.3f" % event["t"])
        options_at(1)
    finally:
        Net.knot.process.thaw()
    phone.wait(event="registered", line=2, target=target(2), timeout=12)


def B1b_record_change_keeps_the_serving_target():
    zone_of(2, 1)
    phone = start()
    phone.wait(event="registered", target=target(2))
    since = phone.mark()
    zone_of(3, 2)
    event = phone.wait(since, event="dns", state="resolved", timeout=12)
    equal(event["targets"], [target(3), target(2)], "targets")
    options_at(2)
    zone_of(3)
    phone.wait(since, event="dns", targets=[target(3)], timeout=12)
    options_at(3)
    check(not phone.find(since, event="request-failed"), "a request failed")


def B1b_name_gone_keeps_the_line():
    zone_of(1)
    phone = start()
    phone.wait(event="registered", target=target(1))
    Net.knot.zone("")
    event = phone.wait(event="dns", state="gone", timeout=12)
    equal(event["targets"], [], "targets")
    options_at(1)
    since = phone.mark()
    zone_of(2)
    phone.wait(since, event="dns", state="resolved", targets=[target(2)], timeout=12)
    phone.command("register")
    phone.wait(since, event="registered", target=target(2))


def B17_reload_waits_for_new_names():
    zone_of(1, 2)
    phone = start()
    phone.wait(event="registered", target=target(1))
    path = phone.process.child.args[-1]
    with open(path, encoding="utf-8") as old:
        text = old.read()
    with open(path, "w", encoding="utf-8") as out:
        out.write(text.replace(ZONE, "nowhere." + ZONE))
    since = phone.mark()
    phone.command("reload")
    process.wait_until(lambda: "stays as it was" in phone.process.log(), 5, "it is refused")
    options_at(1)
    with open(path, "w", encoding="utf-8") as out:
        out.write(text.replace(ZONE, "s2." + ZONE))
    phone.command("reload")
    phone.wait(since, event="registered", target=target(2))


def a_thousand_records():
    records = ["_sip._udp SRV %d 0 5060 s%d" % (number, number) for number in range(1, 1001)]
    records += ["s%d A %s" % (number, address(1 if number == 1 else 7))
                for number in range(1, 1001)]
    Net.knot.zone("\n".join(records))
    phone = start()
    event = phone.wait(event="dns", state="resolved")
    equal(event["targets"], [target(1), target(7)], "targets, each once")
    phone.wait(event="registered", target=target(1))


def status_shows_names():
    zone_of(1)
    phone = start()
    phone.wait(event="registered", target=target(1))
    phone.command("status")
    log = phone.process
    process.wait_until(lambda: "%s: resolved, 1 targets, asked again" % ZONE in log.log(), 5,
                       "the status of the name")


def every_phone_ended_well():
    equal(Net.statuses, [0] * len(Net.statuses), "exit statuses, of the sanitizers too")


def setup():
    need_program()
    peers.need("knotd", "kdig")
    if not os.path.exists(build_path("libfailover-dns.la")):
        raise Skip("libfailover-dns is not part of this build")
    if not os.access(build_path("failover-server"), os.X_OK):
        raise Skip("failover-server is not part of this build")
    Net.block = Block()
    Net.knot = Knot(Net.block.address(53))
    for number in range(1, SERVERS + 1):
        Net.servers.append(Process("server-%d" % number, [
            build_path("failover-server"), "--listen", address(number) + ":5060"],
            stdin=subprocess.PIPE))


def teardown():
    if Net.phone:
        Net.statuses.append(Net.phone.stop())
        Net.phone = None
    for number in range(1, SERVERS + 1):
        command(number, "up")


if __name__ == "__main__":
    tap.run([
        B1_one_target,
        B1_three_targets,
        B1_eight_targets,
        B1_naptr_then_srv_then_address,
        B1_ipv6,
        B1_alias_and_address_alone,
        B1_mode_a_leaves_srv_alone,
        B1_service_not_offered,
        B4_first_of_three_without_a_server,
        B3a_first_of_three_silent,
        B3d_first_of_three_silent_v2,
        B1b_dns_server_dead_serves_on,
        B1b_dns_server_dead_at_start,
        B1b_dns_server_silent_blocks_nothing,
        B1b_record_change_keeps_the_serving_target,
        B1b_name_gone_keeps_the_line,
        B17_reload_waits_for_new_names,
        a_thousand_records,
        status_shows_names,
        every_phone_ended_well,
    ], setup, teardown)
