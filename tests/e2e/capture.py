#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""--pcap: what tshark reads in the file is what the phone has told, over each transport and with
each stack: packets, decisions on them, no secret."""

import collections
import glob
import itertools
import os
import re
import shutil
import struct
import subprocess
import sys
from xml.etree import ElementTree

sys.dont_write_bytecode = True

from harness import peers, tap
from harness.phone import argv_of
from harness.process import wait_until, workdir
from harness.servers import World
from harness.tap import Skip, check, equal

DECISION = re.compile(r"^\[(\d+\.\d{3})\] line (\d+) ([a-z-]+): (.*)$")
MARK = {"udp": None, "tcp": "a message of a TCP connection, in a packet of its own",
        "tls": "a message of a TLS connection, in clear text, in a packet of its own"}
world = World()
number = itertools.count(1)


def setup():
    peers.need("tshark", "capinfos")
    world.setup()


def _path():
    return os.path.join(workdir(), "capture-%d.pcapng" % next(number))


def _run(*argv):
    done = subprocess.run(argv, capture_output=True, text=True, timeout=50, check=False)
    equal(done.returncode, 0, "%s: %s" % (" ".join(argv), done.stderr))
    return done.stdout


def _tshark(path, *fields, where=None):
    """The values of the fields of each packet: lists, as a field may be there more than once."""
    argv = ["tshark", "-n", "-r", path, "-T", "fields", "-E", "occurrence=a", "-E",
            "aggregator=\x1f", "-E", "separator=\x1e", "-o", "ip.check_checksum:TRUE", "-o",
            "udp.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE"]
    for field in fields:
        argv += ["-e", field]
    if where:
        argv += ["-Y", where]
    return [[value.split("\x1f") if value else [] for value in row.split("\x1e")]
            for row in _run(*argv).split("\n")[:-1]]


def _story(transport, path, *options):
    """Registered, a call, a dead primary, BYE and REGISTER at the backup, and an end in order."""
    world.servers(transport)
    world.start_phone(transport, options=("--pcap", path, *options), t1=100, t2=400, t4=400)
    world.registered_at(world.primary)
    world.call_up()
    # One that is silent before it has read the ACK tells of answers that it does not send.
    wait_until(lambda: " <- ACK " in world.primary.process.log(), 10, "ACK at the primary")
    world.primary.command("silent")
    events = world.hang_up()
    world.unavailable("BYE", "no-answer", events)
    world.primary.command("up")
    equal(world.phone.stop(), 0, "exit status")
    world.phone.mark()


# ---- what must be there --------------------------------------------------------------------------


def _comments_of_the_end(path):
    """Those of the last block, of no packet (tshark shows none of them): what the phone decided
    when it ended, and did not send any more."""
    with open(path, "rb") as capture:
        data = capture.read()
    block = data[len(data) - struct.unpack("<I", data[-4:])[0]:]
    equal(struct.unpack("<I", block[:4])[0], 5, "type of the last block")
    at = 20
    while (code := struct.unpack("<H", block[at:at + 2])[0]) != 0:
        length = struct.unpack("<H", block[at + 2:at + 4])[0]
        if code == 1:
            yield block[at + 4:at + 4 + length].decode()
        at += 4 + (length + 3) // 4 * 4


def _decisions_equal_events(path):
    rows = [comments for (comments,) in _tshark(path, "frame.comment")]
    end = list(_comments_of_the_end(path))
    check(len(end) <= 2, "few decisions are of no packet: %r" % end)
    found = [(float(match.group(1)), int(match.group(2)), match.group(3))
             for comments in rows + [end] for match in map(DECISION.match, comments) if match]
    told = [(event["t"], event["line"], event["event"]) for event in world.phone.events]
    equal(sorted(found), sorted(told), "decisions of the capture, and events")


def _sides():
    """What the servers say that they got and sent, each as (server, what)."""
    for server in world.primary, world.backup:
        for line in server.process.log().splitlines():
            words = line.split()
            if len(words) > 2 and words[1] == "<-":
                yield server.target, words[2]
            elif len(words) > 3 and words[1] == "->":
                yield server.target, words[2] + " " + words[3]


def _packets_equal_the_wire(path, transport):
    kind = "udp" if transport == "udp" else "tcp"
    packets = []
    for source, target, source_port, target_port, method, status, cseq in _tshark(
            path, "ip.src", "ip.dst", kind + ".srcport", kind + ".dstport", "sip.Method",
            "sip.Status-Code", "sip.CSeq.method"):
        check(method or status, "tshark takes each packet for SIP")
        at = (target + target_port) if method else (source + source_port)
        packets.append(("%s:%s;transport=%s" % (*at, transport),
                        method[0] if method else status[0] + " " + cseq[0]))
    captured, known = collections.Counter(packets), collections.Counter(_sides())
    equal(dict(captured - known), {}, "packets of the capture that no server knows")
    # The phone does not wait for the last answers when it ends.
    late = known - captured
    check(late.total() <= 1 and all(what == "200 REGISTER" for _, what in late),
          "packets that are not in the capture: %r" % late)


def _decision_is_on_its_packet(path):
    """An attempt on what it sent, a response on what came, a failover on the first REGISTER."""
    rows = _tshark(path, "frame.comment", "sip.Method", "sip.Status-Code")
    for comments, method, status in rows:
        for comment in comments:
            match = DECISION.match(comment)
            kind, sentence = (match.group(3), match.group(4)) if match else (None, None)
            if kind == "attempt":
                check(method and method[0] in sentence, "%s is on %s" % (comment, method))
            elif kind == "response":
                check(status and "answers %s " % status[0] in sentence,
                      "%s is on %s" % (comment, status))
            elif kind == "unavailable":
                equal(method, ["REGISTER"], "packet of: " + comment)
            elif kind in ("moved", "registered"):
                equal(status, ["200"], "packet of: " + comment)


def _marked(path, transport):
    for comments, authorization in _tshark(path, "frame.comment", "sip.Authorization"):
        equal(MARK[transport] in comments, MARK[transport] is not None, "marked as made up")
        equal("credentials are masked by x" in comments, bool(authorization), "masked, and said")


def _sound(path):
    """tshark has nothing to say against it, and capinfos reads it to its end."""
    for what in ("_ws.malformed", "_ws.expert.severity >= 0x600000 and not sip",
                 "ip.checksum.status == 0", "udp.checksum.status == 0",
                 "tcp.checksum.status == 0", "tcp.analysis.lost_segment",
                 "tcp.analysis.retransmission", "tcp.analysis.ack_lost_segment",
                 "tcp.analysis.out_of_order"):
        equal(_tshark(path, "frame.number", where=what), [], "packets that are " + what)
    about = _run("capinfos", path)
    for what in "Raw IP", "Number of interfaces in file: 1", "Capture application: failover-phone":
        check(what in about, "capinfos tells of %s:\n%s" % (what, about))


def _without_secrets(path):
    with open(path, "rb") as capture:
        data = capture.read()
    check(b"Authorization: Digest xxx" in data, "there were credentials, and they are masked")
    for secret in b"secret", b"response=", b"cnonce=":
        check(secret not in data, "%s is in the capture" % secret)


def _captured(transport, stack):
    if not os.path.exists(os.path.join(argv_of()[4], stack + ".so")):
        raise Skip("the %s plugin is not part of this build" % stack)
    os.environ["FAILOVER_STACK"] = stack
    path = _path()
    _story(transport, path)
    _sound(path)
    _packets_equal_the_wire(path, transport)
    _decisions_equal_events(path)
    _decision_is_on_its_packet(path)
    _marked(path, transport)
    _without_secrets(path)


# ---- tests ---------------------------------------------------------------------------------------


def B20_udp_osip2():
    _captured("udp", "osip2")


def B20_tcp_osip2():
    _captured("tcp", "osip2")


def B20_tls_osip2():
    _captured("tls", "osip2")


def B20_udp_sofia():
    _captured("udp", "sofia")


def B20_tls_sofia():
    _captured("tls", "sofia")


def B20_udp_re():
    _captured("udp", "re")


def B20_tcp_re():
    _captured("tcp", "re")


def B20_tls_re():
    _captured("tls", "re")


def B20_udp_bellesip():
    _captured("udp", "bellesip")


def B20_tls_bellesip():
    _captured("tls", "bellesip")


def _texts(path):
    """The texts of a picture, which is well-formed XML."""
    tree = ElementTree.parse(path)
    return [text.text or "" for text in tree.iter("{http://www.w3.org/2000/svg}text")]


def B20_the_ladder_has_each_message_and_each_decision():
    os.environ["FAILOVER_STACK"] = "osip2"
    path, picture = _path(), _path() + ".svg"
    _story("tcp", path, "--ladder", picture)
    if shutil.which("xmllint"):
        _run("xmllint", "--noout", picture)
    texts = _texts(picture)
    drawn = collections.Counter(text.split()[0] + " " + text.split()[-1].strip("()")
                                if text[:3].isdigit() and text[3:5] == " (" else text.split()[0]
                                for text in texts if re.match(r"[A-Z]+$|\d{3} \(", text))
    known = collections.Counter(what for _, what in _sides())
    equal(dict(drawn - known), {}, "arrows that no server knows")
    check((known - drawn).total() <= 1, "messages without an arrow: %r" % (known - drawn))
    for event in world.phone.events:
        what = {"registered": "registered at", "moved": "failover: moved from primary to backup",
                "unavailable": "primary has not answered", "call": "call " + str(event.get("state")),
                "unregistered": "not registered any more"}.get(event["event"])
        check(not what or any(text.startswith(what) for text in texts), "%s is drawn" % event)
    check({"phone", "primary", "backup"} <= set(texts), "columns have names")


def B20_a_killed_phone_leaves_a_file_that_is_whole():
    os.environ["FAILOVER_STACK"] = "osip2"
    path = _path()
    world.servers("udp")
    world.start_phone("udp", options=("--pcap", path))
    world.registered_at(world.primary)
    world.call_up()
    world.phone.process.crash()
    _sound(path)
    world.phone.mark()
    _packets_equal_the_wire(path, "udp")


def B20_an_earlier_file_is_put_aside():
    os.environ["FAILOVER_STACK"] = "osip2"
    path = _path()
    for _ in range(2):
        world.servers("udp")
        world.start_phone("udp", options=("--pcap", path))
        world.registered_at(world.primary)
        equal(world.phone.stop(), 0, "exit status")
        world.teardown()
    equal(sorted(glob.glob(path + "*")), [path, path + ".1"], "files")
    for one in path, path + ".1":
        _sound(one)


def B20_a_place_that_cannot_be_written_to_is_an_error():
    os.environ["FAILOVER_STACK"] = "osip2"
    world.servers("udp")
    for path in "/dev/full", os.path.join(workdir(), "no", "such", "folder"):
        world.start_phone("udp", options=("--pcap", path))
        equal(world.phone.process.child.wait(20), 1, "exit status")
        check(path in world.phone.process.log(), "it is named: " + world.phone.process.log())


tap.run([test for name, test in list(globals().items()) if name.startswith("B20_")],
        setup=setup, teardown=world.teardown)
