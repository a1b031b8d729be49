# SPDX-License-Identifier: MIT
"""block.py - a block of loopback addresses of its own for each script, so that scripts can run in
parallel. The kernel keeps the lock: a bound socket, which goes when the process ends."""

import os
import socket

LOCK_PORT = 5999


class Block:
    """127.X.Y.0/24"""

    def __init__(self):
        start = os.getpid()
        for n in range(start, start + 500):
            self.prefix = "127.%d.%d." % (16 + n // 250 % 200, 1 + n % 250)
            self._lock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            try:
                self._lock.bind((self.prefix + "254", LOCK_PORT))
                return
            except OSError:
                self._lock.close()
        raise RuntimeError("no free block of loopback addresses")

    def address(self, host):
        return self.prefix + str(host)
