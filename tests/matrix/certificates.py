# SPDX-License-Identifier: MIT
"""certificates.py - the certificates of the TLS cells, made afresh with the openssl program."""

import os
import shutil
import subprocess

from harness.knot import ZONE

KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]


class Certificates:
    """good, other-name, other-ca and expired; each is (certificate file, key file)."""

    def __init__(self, directory, addresses):
        self.directory = directory
        self.lacking = None if shutil.which("openssl") else "openssl is not installed"
        self.ca_file = self._path("ca.pem")
        if not self.lacking and addresses:
            self._make(",".join(["DNS:" + ZONE] + ["IP:" + address for address in addresses]))

    def _make(self, names):
        self._authority("ca")
        self._authority("unknown")
        self._issue("good", "ca", names)
        self._issue("other-name", "ca", "DNS:other.example,IP:192.0.2.1")
        self._issue("other-ca", "unknown", names)
        self._issue("expired", "ca", names, days=0)  # ends as it begins; OpenSSL 3.5 takes no less

    def get(self, kind):
        return self._path(kind + ".pem"), self._path(kind + ".key")

    def _path(self, name):
        return os.path.join(self.directory, name)

    @staticmethod
    def _openssl(*arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, timeout=30)

    def _authority(self, name):
        self._openssl("req", "-x509", *KEY, "-keyout", self._path(name + ".key"), "-out",
                      self._path(name + ".pem"), "-days", "2", "-subj", "/CN=" + name)

    def _issue(self, kind, authority, names, days=2):
        certificate, key = self.get(kind)
        request, extensions = self._path(kind + ".csr"), self._path(kind + ".ext")
        with open(extensions, "w", encoding="utf-8") as out:
            out.write("subjectAltName=%s\n" % names)
        self._openssl("req", *KEY, "-keyout", key, "-out", request, "-subj", "/CN=" + kind)
        self._openssl("x509", "-req", "-in", request, "-CA", self._path(authority + ".pem"),
                      "-CAkey", self._path(authority + ".key"), "-CAcreateserial",
                      "-extfile", extensions, "-days", str(days), "-out", certificate)
