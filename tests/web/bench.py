# SPDX-License-Identifier: MIT
"""bench.py - a phone with its page, two SIP servers, and browsers that say what they like."""

import http.client
import json
import os
import shutil
import socket
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))

from harness import process  # noqa: E402
from harness.process import wait_until  # noqa: E402
from harness.tap import Skip, check  # noqa: E402

PASSWORD = "correct-horse-9"
SECRET = "sip-secret-that-nobody-sees"


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET, kind) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Answer:
    """Status, headers and body of one answer."""

    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    def json(self):
        return json.loads(self.body)

    def code(self):
        """Of an error."""
        return self.json()["error"]["code"]


class Browser:
    """Keeps cookies and the CSRF token, as a browser and its page do."""

    def __init__(self, bench, host="127.0.0.1"):
        self.bench = bench
        self.host = host
        self.cookies = {}
        self.csrf = None
        self.connection = None

    def ask(self, method, path, body=None, headers=None, csrf=True):
        sent = dict(headers or {})
        if self.cookies:
            sent.setdefault("Cookie", "; ".join("%s=%s" % item for item in self.cookies.items()))
        if csrf and self.csrf and method != "GET":
            sent.setdefault("X-CSRF-Token", self.csrf)
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
            sent.setdefault("Content-Type", "application/json")
        connection = self.bench.connection(self.host)
        connection.request(method, path, body, {k: v for k, v in sent.items() if v is not None})
        answer = Answer(connection.getresponse())
        connection.close()
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, value = line.split(";")[0].split("=", 1)
            self.cookies[name] = value
        return answer

    def get(self, path, **options):
        return self.ask("GET", path, **options)

    def post(self, path, body=None, **options):
        return self.ask("POST", path, body, **options)

    def log_in(self, password=PASSWORD):
        answer = self.post("/api/v1/session", {"password": password})
        if answer.status == 200:
            self.csrf = answer.json()["csrf"]
        return answer

    def logged_in(self):
        answer = self.log_in()
        check(answer.status == 200, "log in: %d %r" % (answer.status, answer.body))
        return self


class Stream:
    """Server-sent events; read as they come."""

    def __init__(self, browser, path="/api/v1/events", headers=None):
        sent = {"Cookie": "; ".join("%s=%s" % item for item in browser.cookies.items())}
        sent.update(headers or {})
        self.connection = browser.bench.connection()
        self.connection.request("GET", path, headers=sent)
        self.response = self.connection.getresponse()
        self.status = self.response.status

    def next(self, name=None):
        """The next event (of this name) as (name, id, data)."""
        event = {}
        while True:
            line = self.response.readline().decode().rstrip("\n")
            if not line and "event" in event:
                if name in (None, event["event"]):
                    return event["event"], event.get("id"), json.loads(event["data"])
                event = {}
            elif not line and self.response.closed:
                raise AssertionError("the stream has ended")
            elif line and not line.startswith(":"):
                key, value = line.split(": ", 1)
                event[key] = value

    def close(self):
        self.connection.close()


class Bench:
    """The phone, its servers and its files."""

    def __init__(self, suffix="conf", lines=1, options=(), config=None, plugin="osip2"):
        self.work = process.workdir()
        self.config = os.path.join(self.work, "phone-%d.%s" % (id(self), suffix))
        self.password_file = os.path.join(self.work, "password-%d" % id(self))
        self.events = os.path.join(self.work, "events-%d" % id(self))
        self.port = free_port()
        self.servers = [free_port(socket.SOCK_DGRAM) for _ in range(2)]
        self.lines = lines
        self.options = list(options)
        self.plugin = plugin
        self.tls = None
        self.start_in = []
        self.argv_page = None
        self.listen = "127.0.0.1"
        self.phone = None
        self.server = {}
        with open(self.config, "w") as out:
            out.write(config or self.config_text())
        with open(self.password_file, "w") as out:
            out.write(PASSWORD + "\n")
        os.chmod(self.password_file, 0o600)

    def config_text(self):
        text = "# A comment that stays.\n"
        for number in range(1, self.lines + 1):
            text += ('line %d {\n  user = "%d"  # its number\n  auth_password = "%s"\n'
                     '  server primary { address = "127.0.0.1" port = %d }\n'
                     '  server backup { address = "127.0.0.1" port = %d }\n}\n'
                     % (number, 1000 + number, SECRET, *self.servers))
        text += ('line %d {\n  user = "off"\n  enable = false\n'
                 '  server primary { address = "127.0.0.1" port = %d }\n}\n'
                 % (self.lines + 1, self.servers[0]))
        return text

    def start_servers(self):
        for name, port in zip(("primary", "backup"), self.servers):
            self.server[name] = process.Process(
                "server-" + name, [process.build_path("failover-server"), "--listen",
                                   "127.0.0.1:%d" % port], stdin=subprocess.PIPE)

    def tell(self, server, command):
        self.server[server].child.stdin.write((command + "\n").encode())
        self.server[server].child.stdin.flush()

    def silence(self, server):
        """Returns when it answers nobody any more."""
        self.tell(server, "silent")
        port = self.servers[("primary", "backup").index(server)]
        wait_until(lambda: not self.answers_options(port), 30, server + " is silent")

    @staticmethod
    def answers_options(port):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
            one.settimeout(0.5)
            one.connect(("127.0.0.1", port))
            name = "127.0.0.1:%d" % one.getsockname()[1]
            one.send(("OPTIONS sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bK-%s\r\n"
                      "From: <sip:x@y>;tag=1\r\nTo: <sip:x@y>\r\nCall-ID: %s\r\nCSeq: 1 OPTIONS\r\n"
                      "Max-Forwards: 1\r\nContent-Length: 0\r\n\r\n"
                      % (name, name, name)).encode())
            try:
                return bool(one.recv(4096))
            except OSError:
                return False

    def argv(self):
        if self.argv_page is None:
            self.argv_page = ["--web", "%s:%d" % (self.listen, self.port),
                              "--web-password-file", self.password_file]
        start_in = self.start_in[:]
        if start_in:  # in a place that has a copy of the configuration
            start_in.append(self.config)
        return (start_in + [process.build_path("failover-phone"), "--plugin-dir",
                 process.build_path(".libs"), "--stack", self.plugin, "--listen", "127.0.0.1:0",
                 "--events", self.events] + self.argv_page + self.options +
                ["/mnt/phone.conf" if self.start_in else self.config])

    def start(self, ready=True):
        for name in "failover-phone", ".libs/failover-web.so", ".libs/osip2.so":
            if not os.path.exists(process.build_path(name)):
                raise Skip("there is no " + name)
        self.phone = process.Process("phone", self.argv(), stdin=subprocess.PIPE)
        if ready:
            wait_until(self.is_up, 30, "the page is there")
        return self

    @staticmethod
    def can_mount():
        return bool(shutil.which("unshare")) and subprocess.run(
            ["unshare", "-rm", "mount", "-t", "tmpfs", "none", "/mnt"],
            capture_output=True).returncode == 0

    def on_a_full_disk(self):
        """Another phone, whose configuration is where nothing more can be written; or None."""
        if not self.can_mount():
            return None
        full = Bench()
        full.servers = self.servers
        full.start_in = ["unshare", "-rm", "sh", "-c",
                         'mount -t tmpfs -o size=8k none /mnt && cp "$0" /mnt/phone.conf && '
                         'head -c 4096 /dev/zero > /mnt/fill && exec "$@"']
        return full.start()

    def is_up(self):
        check(self.phone.child.poll() is None, "the phone has ended: " + self.log())
        try:
            with socket.create_connection((self.listen, self.port), 5):
                return True
        except OSError:
            return False

    def log(self):
        with open(self.phone.log_path, errors="replace") as log:
            return log.read()

    def command(self, text):
        self.phone.child.stdin.write((text + "\n").encode())
        self.phone.child.stdin.flush()

    def connection(self, host="127.0.0.1"):
        if self.tls:
            return http.client.HTTPSConnection(host, self.port, timeout=60, context=self.tls)
        return http.client.HTTPConnection(host, self.port, timeout=60)

    def socket(self):
        return socket.create_connection((self.listen, self.port), 60)

    def browser(self, host="127.0.0.1"):
        return Browser(self, host)

    def descriptors(self):
        """How many the phone has open."""
        return len(os.listdir("/proc/%d/fd" % self.phone.child.pid))

    def memory(self):
        """Its resident memory in KiB."""
        with open("/proc/%d/status" % self.phone.child.pid) as status:
            for line in status:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1])
        return 0

    def raw(self, data, until_end=True):
        """Send bytes on a connection of its own; what came back until its end."""
        with self.socket() as one:
            try:
                one.sendall(data)
                if until_end:
                    one.shutdown(socket.SHUT_WR)
                got = b""
                while True:
                    more = one.recv(65536)
                    if not more:
                        return got
                    got += more
            except OSError:  # it was reset
                return b""
