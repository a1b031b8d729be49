#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A NUA program of Sofia-SIP, with a door of libfailover as its outbound proxy."""

import sys

sys.dont_write_bytecode = True

from story import main

main("tests/adapters/sofia_phone")
