#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""linphonec behind failover-edge."""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from client import main

main("linphonec")
