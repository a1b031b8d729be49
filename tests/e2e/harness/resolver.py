# SPDX-License-Identifier: MIT
"""resolver.py - a DNS server that behaves as badly as a test wants it to (RFC 1035)."""

import socket
import struct
import threading

TYPES = {"A": 1, "SOA": 6, "AAAA": 28, "SRV": 33, "NAPTR": 35}
NAMES = {number: text for text, number in TYPES.items()}
RCODES = {"FORMERR": 1, "SERVFAIL": 2, "NOTIMP": 4, "REFUSED": 5}
PORT = 5353


def _name(text):
    labels = [label for label in text.split(".") if label]
    return b"".join(bytes([len(label)]) + label.encode() for label in labels) + b"\0"


def _text(text):
    return bytes([len(text)]) + text.encode()


def _data(kind, words):
    if kind == "A":
        return socket.inet_pton(socket.AF_INET, words[0])
    if kind == "AAAA":
        return socket.inet_pton(socket.AF_INET6, words[0])
    if kind == "SRV":
        return struct.pack("!HHH", *map(int, words[:3])) + _name(words[3])
    order, preference, flags, service, replacement = words
    return (struct.pack("!HH", int(order), int(preference)) + _text(flags) + _text(service) +
            _text("") + _name(replacement))


class Resolver:
    """zone: lines "NAME TYPE DATA", each with a TTL of 60 s. `ills`: type -> "drop", "hold" or the
    name of an rcode; "EDNS" is a type here, of every question with an OPT record."""

    def __init__(self, address, zone=""):
        self.server = "%s:%d" % (address, PORT)
        self.ills = {}
        self.asked = []  # (name, type)
        self.asked_edns = 0
        self._held = []
        self.zone(zone)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((address, PORT))
        threading.Thread(target=self._serve, daemon=True).start()

    def zone(self, text):
        records = {}
        for line in text.strip().splitlines():
            name, kind, *words = line.split()
            records.setdefault(name.lower(), []).append((kind, _data(kind, words)))
        self._records = records

    def release(self):
        """Answers what was held, in good health."""
        held, self._held = self._held, []
        for question, source in held:
            self._socket.sendto(self._answer(question), source)

    @staticmethod
    def _question(message):
        """Name, type and where the question ends."""
        labels, at = [], 12
        while message[at]:
            labels.append(message[at + 1:at + 1 + message[at]].decode())
            at += 1 + message[at]
        number, = struct.unpack("!H", message[at + 1:at + 3])
        return ".".join(labels).lower(), NAMES.get(number, str(number)), at + 5

    def _head(self, message, end, rcode, answers):
        return (message[:2] + struct.pack("!HHHHH", 0x8180 | rcode, 1, answers, 0, 0) +
                message[12:end])

    def _answer(self, message):
        name, kind, end = self._question(message)
        known = self._records.get(name)
        datas = [data for record, data in known or () if record == kind]
        out = self._head(message, end, 0 if known else 3, len(datas))
        for data in datas:
            out += b"\xc0\x0c" + struct.pack("!HHIH", TYPES[kind], 1, 60, len(data)) + data
        return out

    def _ill(self, message, kind):
        if message[11] and "EDNS" in self.ills:
            return self.ills["EDNS"]
        return self.ills.get(kind)

    def _serve(self):
        while True:
            message, source = self._socket.recvfrom(4096)
            name, kind, end = self._question(message)
            ill = self._ill(message, kind)
            self.asked.append((name, kind))
            self.asked_edns += message[11]
            if ill == "hold":
                self._held.append((message, source))
            elif ill in RCODES:
                self._socket.sendto(self._head(message, end, RCODES[ill], 0), source)
            elif ill != "drop":
                self._socket.sendto(self._answer(message), source)
