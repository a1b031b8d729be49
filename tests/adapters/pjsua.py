#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A PJSUA program with adapters/pjsua."""

import sys

sys.dont_write_bytecode = True

from story import main

main("tests/adapters/pjsua_phone")
