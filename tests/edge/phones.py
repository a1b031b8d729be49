# SPDX-License-Identifier: MIT
"""phones.py - phones that are not ours, as a distribution ships them. Alone each has what it offers for
a backup: the SRV records of its domain, primary first; behind the edge it has an outbound proxy."""

import json
import os
import socket
import subprocess
import time

from harness.process import Process, wait_until, workdir

DOMAIN = "example.test"
USER, SECOND, PASSWORD = "1001", "1002", "secret"
CALLEE = "sip:bob@" + DOMAIN


class Phone:
    """One run of it. way: "alone" or the address of an outbound proxy, HOST:PORT. Two of them have ports
    of their own: not everyone listens at its address only."""

    runs = 0

    def __init__(self, address, dns, way, user=USER):
        Phone.runs += 1
        self.home = os.path.join(workdir(), "%s-%d" % (self.program, Phone.runs))
        os.makedirs(self.home)
        self.address, self.dns, self.way, self.user = address, dns, way, user
        self.port = 5070 + (user == SECOND)
        self.media = 7100 + 100 * (user == SECOND)
        self.process = None

    @property
    def is_alone(self):
        return self.way == "alone"

    def write(self, name, text):
        path = os.path.join(self.home, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)

    def run(self, *argv):
        self.process = Process(os.path.basename(self.home),
                               ["env", "HOME=" + self.home, *argv], stdin=subprocess.PIPE)

    def say(self, text):
        self.process.child.stdin.write((text + "\n").encode())
        self.process.child.stdin.flush()

    def stop(self):
        if self.process:
            self.process.crash()


class Baresip(Phone):
    program = "baresip"
    CONTROL = 4444

    def start(self):
        outbound = "" if self.is_alone else ';outbound="sip:%s;transport=udp"' % self.way
        self.write("config", "\n".join([
            "sip_listen %s:%d" % (self.address, self.port), "dns_server %s:53" % self.dns,
            "module_path /usr/lib/baresip/modules", "module g711.so", "module_tmp account.so",
            "module_app menu.so", "module ctrl_tcp.so",
            "ctrl_tcp_listen %s:%d" % (self.address, self.CONTROL),
            "audio_player nil,", "audio_source nil,", "audio_alert nil,", ""]))
        self.write("accounts", "<sip:%s@%s>%s;auth_user=%s;auth_pass=%s;regint=60\n" % (
            self.user, DOMAIN, outbound, self.user, PASSWORD))
        self.write("contacts", "")
        self.run("baresip", "-f", self.home)

    def _control(self, command, parameters=""):
        text = json.dumps({"command": command, "params": parameters, "token": "t"})
        wait_until(self._is_listening, 20, "baresip takes commands")
        with socket.create_connection((self.address, self.CONTROL)) as control:
            control.sendall(("%d:%s," % (len(text), text)).encode())
            time.sleep(0.3)

    def _is_listening(self):
        try:
            socket.create_connection((self.address, self.CONTROL)).close()
            return True
        except OSError:
            return False

    def dial(self):
        self._control("dial", CALLEE)

    def hang_up(self):
        self._control("hangup")


class Linphonec(Phone):
    program = "linphonec"

    def start(self):
        proxy = DOMAIN if self.is_alone else self.way
        route = "" if self.is_alone else "reg_route=<sip:%s;lr>\n" % self.way
        self.write(".local/share/linphone/.here", "")
        self.write("linphonerc", """[sip]
sip_port=%(port)d
default_proxy=0
register_only_when_network_is_up=0
use_ipv6=0
[rtp]
audio_rtp_port=%(media)d
[sound]
playback_dev_id=ANULL: Null
[auth_info_0]
username=%(user)s
passwd=%(password)s
domain=%(domain)s
[proxy_0]
reg_proxy=<sip:%(proxy)s>
%(route)sreg_identity="Phone" <sip:%(user)s@%(domain)s>
reg_expires=60
reg_sendregister=1
publish=0
""" % {"user": self.user, "password": PASSWORD, "domain": DOMAIN, "proxy": proxy, "route": route,
       "port": self.port, "media": self.media})
        self.run("linphonec", "-c", os.path.join(self.home, "linphonerc"))

    def dial(self):
        self.say("call " + CALLEE)

    def hang_up(self):
        self.say("terminate")


class Twinkle(Phone):
    program = "twinkle-console"

    def start(self):
        proxy = "" if self.is_alone else "outbound_proxy=%s\n" % self.way
        self.write(".asoundrc", "pcm.!default { type null }\nctl.!default { type null }\n")
        self.write(".twinkle/phone.cfg", """user_name=%s
user_domain=%s
auth_name=%s
auth_pass=%s
%sall_requests_to_proxy=%s
registration_time=60
register_at_startup=yes
codecs=g711u,g711a
sip_transport=udp
""" % (self.user, DOMAIN, self.user, PASSWORD, proxy, "no" if self.is_alone else "yes"))
        self.write(".twinkle/twinkle.sys", """dev_ringtone=alsa:default
dev_speaker=alsa:default
dev_mic=alsa:default
validate_audio_dev=no
play_ringtone=no
play_ringback=no
sip_port=%d
rtp_port=%d
start_user_profile=phone
""" % (self.port, self.media))
        self.run("twinkle-console", "phone.cfg")

    def dial(self):
        self.say("call " + CALLEE)

    def hang_up(self):
        self.say("bye")


PHONES = {"baresip": Baresip, "linphonec": Linphonec, "twinkle": Twinkle}
