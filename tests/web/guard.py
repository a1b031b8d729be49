#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Who may: passwords, sessions, tokens, foreign names and foreign sites; and that no answer holds a
SIP password."""

import base64
import hashlib
import os
import ssl
import subprocess
import sys
import warnings

sys.dont_write_bytecode = True

from bench import PASSWORD, SECRET, Bench, Stream, process, wait_until
from harness.tap import check, equal, run

bench = Bench()
SESSION = "/api/v1/session"
STATUS = "/api/v1/status"
REGISTER = "/api/v1/lines/1/register"


def setup():
    bench.start_servers()
    bench.start()


def needs_a_session():
    browser = bench.browser()
    for path in STATUS, "/api/v1/lines/1", "/api/v1/lines/1/plan", "/api/v1/decisions", \
            "/api/v1/events", "/api/v1/options", "/api/v1/config", "/metrics", SESSION:
        answer = browser.get(path)
        equal((answer.status, answer.code()), (401, "no-session"), path)
        check(answer.headers["WWW-Authenticate"].startswith("Session "), "no browser's own dialog")
    equal(browser.post(REGISTER, {}).status, 401, "a command")
    equal(browser.ask("PATCH", "/api/v1/config", {}).status, 401, "a change")
    equal(browser.ask("DELETE", SESSION).status, 401, "log out")
    for path in "/", "/style.css", "/script.js", "/api/v1/openapi.json":
        equal(browser.get(path).status, 200, path)


def the_password_opens_a_session_and_logging_out_ends_it():
    browser = bench.browser()
    equal(browser.log_in("wrong-horse").code(), "wrong-password", "a wrong one")
    answer = browser.log_in()
    equal(answer.status, 200, "the right one")
    check(0 < answer.json()["expires_in"] <= 1800, "it has an end")
    for cookie in answer.headers.get_all("Set-Cookie"):
        for word in "HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=":
            check(word in cookie, "%s of %s" % (word, cookie.split("=")[0]))
        check(str(bench.port) in cookie.split("=")[0], "its name has the port")
    equal(browser.get(STATUS).status, 200, "status")
    equal(browser.get(SESSION).json()["csrf"], browser.csrf, "the same token")
    equal(browser.ask("DELETE", SESSION).status, 204, "log out")
    browser.cookies = {key: value for key, value in browser.cookies.items() if value}
    equal(browser.get(STATUS).status, 401, "afterwards")


def a_logged_out_cookie_opens_nothing():
    browser = bench.browser().logged_in()
    kept = dict(browser.cookies)
    browser.ask("DELETE", SESSION)
    browser.cookies = kept
    equal(browser.get(STATUS).status, 401, "the old cookie")


def logging_in_anew_ends_the_old_session_and_its_stream():
    browser = bench.browser().logged_in()
    old = dict(browser.cookies)
    stream = Stream(browser)
    stream.next("hello")
    browser.logged_in()
    equal(browser.get(STATUS).status, 200, "the new one")
    browser.cookies = old
    equal(browser.get(STATUS).status, 401, "the old one")
    try:
        while stream.response.readline():
            pass
    except OSError:
        pass


def cheap_hash(password):
    """For tests that log in often."""
    salt = os.urandom(16)
    made = hashlib.scrypt(password.encode(), salt=salt, n=1024, r=8, p=1, dklen=32)
    return "$scrypt$ln=10,r=8,p=1$%s$%s" % tuple(
        base64.b64encode(data).decode().rstrip("=") for data in (salt, made))


def a_session_that_makes_room_ends_with_its_stream():
    """There are 32: the one that was pushed out may not watch for ever."""
    many = Bench()
    with open(many.password_file, "w") as out:
        out.write(cheap_hash(PASSWORD) + "\n")
    many.start()
    browser = many.browser().logged_in()
    stream = Stream(browser)
    stream.next("hello")
    for _ in range(32):
        many.browser().logged_in()
    equal(browser.get(STATUS).status, 401, "it has ended")
    stream.connection.sock.settimeout(40)  # a stream that goes on has two beats by then
    try:
        while stream.response.readline():
            pass
    except ConnectionError:
        pass
    many.phone.stop()


def a_change_needs_the_token():
    browser = bench.browser().logged_in()
    for token in None, "", "0" * 64, browser.csrf[:-1], browser.csrf + "0":
        answer = browser.post(REGISTER, {}, headers={"X-CSRF-Token": token}, csrf=False)
        equal((answer.status, answer.code()), (403, "bad-csrf"), "token %r" % token)
        answer = browser.ask("PATCH", "/api/v1/config", {}, headers={"X-CSRF-Token": token},
                             csrf=False)
        equal(answer.status, 403, "PATCH with %r" % token)
        answer = browser.ask("DELETE", SESSION, headers={"X-CSRF-Token": token}, csrf=False)
        equal(answer.status, 403, "DELETE with %r" % token)
    other = bench.browser().logged_in()
    answer = browser.post(REGISTER, {}, headers={"X-CSRF-Token": other.csrf}, csrf=False)
    equal(answer.status, 403, "another session's token")
    equal(browser.post(REGISTER, {}).status, 202, "its own")


def foreign_sites_are_refused():
    browser = bench.browser().logged_in()
    here = "127.0.0.1:%d" % bench.port
    for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"},
                    {"Origin": "http://127.0.0.1:1"}, {"Sec-Fetch-Site": "cross-site"},
                    {"Sec-Fetch-Site": "same-site"}):
        answer = browser.post(REGISTER, {}, headers=headers)
        equal((answer.status, answer.code()), (403, "bad-origin"), str(headers))
        answer = bench.browser().ask("POST", SESSION, {"password": PASSWORD}, headers=headers)
        equal(answer.status, 403, "log in from %s" % headers)
    for headers in ({"Origin": "http://" + here}, {"Sec-Fetch-Site": "same-origin"},
                    {"Origin": "https://" + here}):
        equal(browser.post(REGISTER, {}, headers=headers).status, 202, str(headers))


def a_form_of_another_site_cannot_log_in():
    for kind in "text/plain", "application/x-www-form-urlencoded", "multipart/form-data":
        answer = bench.browser().post(SESSION, '{"password":"%s"}' % PASSWORD,
                                      headers={"Content-Type": kind})
        equal((answer.status, answer.code()), (415, "bad-type"), kind)


def foreign_names_are_refused():
    """DNS rebinding: a name of the attacker's that leads here."""
    browser = bench.browser().logged_in()
    for host in ("evil.example", "evil.example:%d" % bench.port, "127.0.0.1.evil.example",
                 "localhost.evil.example", "[evil]", "", "127.0.0.1:x", "a" * 300):
        answer = browser.get(STATUS, headers={"Host": host})
        check(answer.status in (400, 421), "Host %r: %d" % (host, answer.status))
        equal(browser.get("/", headers={"Host": host}).status, answer.status, "the page too")
    for host in ("127.0.0.1", "localhost", "localhost:%d" % bench.port, "[::1]:1", "192.0.2.7",
                 os.uname().nodename):
        equal(browser.get(STATUS, headers={"Host": host}).status, 200, "Host " + host)


def the_headers_that_browsers_obey():
    browser = bench.browser().logged_in()
    for path in "/", STATUS, "/no/such/path", "/api/v1/lines/99", "/metrics":
        headers = browser.get(path).headers
        policy = headers["Content-Security-Policy"]
        check("default-src 'none'" in policy and "unsafe" not in policy and
              "frame-ancestors 'none'" in policy, policy)
        equal(headers["X-Content-Type-Options"], "nosniff", path)
        equal(headers["Referrer-Policy"], "no-referrer", path)
        equal(headers["Cache-Control"], "no-store", path)
        equal(headers["X-Frame-Options"], "DENY", path)
        equal(headers["Strict-Transport-Security"], None, "not without TLS")


def programs_give_name_and_password_each_time():
    def basic(text):
        return {"Authorization": "Basic " + base64.b64encode(text.encode()).decode()}

    browser = bench.browser()
    equal(browser.get(STATUS, headers=basic("admin:" + PASSWORD)).status, 200, "right")
    equal(browser.get("/metrics", headers=basic("admin:" + PASSWORD)).status, 200, "kept")
    equal(browser.post(REGISTER, {}, headers=basic("admin:" + PASSWORD)).status, 202, "no token")
    equal(browser.get(STATUS, headers=basic("root:" + PASSWORD)).status, 401, "another name")
    equal(browser.get(STATUS, headers={"Authorization": "Basic !"}).status, 401, "no base64")


def no_answer_holds_a_sip_password():
    browser = bench.browser().logged_in()
    wait_until(lambda: browser.get("/api/v1/lines/1").json()["state"] == "registered", 20,
               "the line is registered")
    bench.command("call callee 1")
    for path in STATUS, "/api/v1/lines/1", "/api/v1/lines/1/plan", "/api/v1/config", \
            "/api/v1/decisions", "/api/v1/options", "/metrics":
        body = browser.get(path).body
        check(SECRET.encode() not in body and PASSWORD.encode() not in body, path)
    for file in bench.events, bench.phone.log_path:
        with open(file) as text:
            text = text.read()
            check(SECRET not in text and PASSWORD not in text, file)


def ten_thousand_wrong_passwords_lock_nobody_out():
    """From one address. FAILOVER_WEB_TRIES says how many."""
    owner = bench.browser().logged_in()
    other = bench.browser()
    other.cookies = {key: value for key, value in owner.cookies.items() if "device" in key}
    statuses = {}
    attacker = bench.connection()
    for number in range(int(os.environ.get("FAILOVER_WEB_TRIES", "300"))):
        attacker.request("POST", SESSION, '{"password":"guess-%d-guess"}' % number,
                         {"Content-Type": "application/json"})
        answer = attacker.getresponse()
        answer.read()
        statuses[answer.status] = statuses.get(answer.status, 0) + 1
        if answer.status == 429:
            check(1 <= int(answer.headers["Retry-After"]) <= 30, "Retry-After is bounded")
    check(set(statuses) <= {401, 429} and statuses[429] > statuses[401], str(statuses))
    equal(bench.browser().log_in().status, 429, "a stranger of this address waits")
    equal(owner.get(STATUS).status, 200, "the session goes on")
    equal(other.log_in().status, 200, "a browser that was here before logs in")


def without_a_certificate_others_are_refused():
    stranger = Bench()
    stranger.listen = "0.0.0.0"
    stranger.start(ready=False)
    equal(stranger.phone.child.wait(30), 1, "exit status")
    check("needs TLS" in stranger.log() and "--web-plain" in stranger.log(), stranger.log())


def with_web_plain_others_are_let_in():
    plain = Bench(options=["--web-plain"])
    plain.listen = "0.0.0.0"
    plain.start()
    equal(plain.browser().log_in().status, 200, "log in")
    plain.phone.stop()


def with_a_certificate_the_page_speaks_TLS():
    folder = os.path.join(process.workdir(), "tls")
    os.makedirs(folder, exist_ok=True)
    key, cert = os.path.join(folder, "key.pem"), os.path.join(folder, "cert.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", cert, "-days",
                    "2", "-subj", "/CN=phone", "-addext",
                    "subjectAltName=DNS:phone.example.net,IP:127.0.0.1"],
                   check=True, stderr=subprocess.DEVNULL)
    secure = Bench()
    with open(secure.config, "a") as out:
        out.write('tls_cert_file = "%s"\ntls_key_file = "%s"\n' % (cert, key))
    secure.listen = "0.0.0.0"
    secure.start()
    secure.tls = ssl.create_default_context(cafile=cert)
    browser = secure.browser()
    equal(browser.post(SESSION, b" " * 65536, headers={"Content-Type": "text/none"}).status, 415,
          "the largest body")
    answer = browser.log_in()
    equal(answer.status, 200, "log in")
    for cookie in answer.headers.get_all("Set-Cookie"):
        check("; Secure" in cookie and cookie.startswith("__Host-"), cookie)
    check(browser.get(STATUS).headers["Strict-Transport-Security"], "HSTS")
    equal(browser.get(STATUS, headers={"Host": "phone.example.net"}).status, 200, "its name")
    equal(browser.get(STATUS, headers={"Host": "other.example.net"}).status, 421, "another")
    stream = Stream(browser)
    equal(stream.next()[0], "hello", "events")
    stream.close()
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    warnings.simplefilter("ignore", DeprecationWarning)
    old.maximum_version = ssl.TLSVersion.TLSv1_1
    try:
        old.wrap_socket(secure.socket())
        check(False, "TLS 1.1 was taken")
    except ssl.SSLError:
        pass
    stream = Stream(browser)
    stream.next("hello")
    secure.command("quit")
    equal(secure.phone.child.wait(30), 0, "exit status, with a browser that watches")


def the_first_password_is_printed_once():
    first = Bench()
    os.unlink(first.password_file)
    first.start()
    words = "the page's password is "
    wait_until(lambda: words in first.log(), 20, "the password is printed")
    password = first.log().split(words)[1].split()[0]
    equal(first.browser().log_in(password).status, 200, "it is right")
    equal(os.stat(first.password_file).st_mode & 0o777, 0o600, "the file is the owner's")
    first.phone.stop()
    os.unlink(first.phone.log_path)
    first.start()
    check("the page's password" not in first.log(), "it is not printed again")
    equal(first.browser().log_in(password).status, 200, "it is still right")
    first.phone.stop()


def off_it_costs_nothing():
    phone = subprocess.run([process.build_path("libtool"), "--mode=execute", "ldd",
                            process.build_path("failover-phone")], capture_output=True, text=True)
    check("libevent_core" in phone.stdout, "ldd says what it links")
    for name in "libevent_extra", "libevent_openssl", "libcrypto", "libssl":
        check(name not in phone.stdout, "failover-phone links " + name)


run([value for value in list(globals().values())
     if callable(value) and getattr(value, "__module__", "") == "__main__" and
     value.__name__ not in ("setup", "cheap_hash")], setup)
