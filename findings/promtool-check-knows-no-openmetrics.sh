#!/bin/sh
# "promtool check metrics" finds fault with every counter of a correct OpenMetrics text.
#
# Version:     Prometheus 2.42.0 (Debian 12, package prometheus).
# Guess:       Prometheus prefers OpenMetrics when it scrapes, so its own checker understands it: a text
#              like the specification's examples passes.
# Behaviour:   promtool reads its input as the older text format, whatever it is. There the family
#              "calls" and the sample "calls_total" are two metrics: it says "calls_total no help text"
#              and exits with 3. "# EOF" passes as a comment. With "_total" in HELP and TYPE, which
#              OpenMetrics forbids, it is content.
# Consequence: an exporter that sends OpenMetrics only, and is correct, fails the check of its build. One
#              that pleases promtool is refused by a strict OpenMetrics parser. Both formats are needed,
#              by the Accept header; and the check must not ask for the newer one.
set -u
T=$(mktemp -d) && cd "$T" || exit 2
trap 'rm -rf "$T"' EXIT
trap 'exit 2' INT TERM
apt-get -qq download prometheus >/dev/null 2>&1 || { echo "the package cannot be had"; exit 2; }
dpkg -x prometheus_*.deb root || exit 2
P=$T/root/usr/bin/promtool
"$P" --version 2>&1 | head -n 1

cat >openmetrics <<'E2'
# HELP calls Calls that were made.
# TYPE calls counter
calls_total{line="1"} 3
# EOF
E2
sed 's/^\(# [A-Z]* calls\) /\1_total /; /EOF/d' openmetrics >older

"$P" check metrics <openmetrics >seen 2>&1
echo "OpenMetrics: status $?, $(cat seen)"
grep -q 'calls_total no help text' seen || exit 1
"$P" check metrics <older >seen 2>&1
status=$?
echo "older format: status $status, $(cat seen)"
[ $status = 0 ] && ! [ -s seen ] || exit 1
