# SPDX-License-Identifier: MIT
"""What the end-to-end tests share: TAP, processes, the wire, Kamailio, SIPp and the phone."""
