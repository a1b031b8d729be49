#!/bin/sh
# libre's configuration file takes "on" and "enabled" as no, without an error.
#
# Version:     libre 1.1.0 (Debian 12); baresip reads its "config" with it.
# Guess:       conf_get_bool() knows the usual words, and returns an error for one that it does
#              not know, as it does for an item that is missing.
# Behaviour:   "1", "true", "yes" (any case) are true; everything else is false with result 0:
#              "on", "enabled", and the "=" of somebody who writes "key = yes".
# Consequence: "rtp_stats on" or "rtp_stats = yes" looks right, loads without a word in the log,
#              and means no. A program on top of libre has to compare the text
#              itself if it wants to tell its user.
set -u
T=$(mktemp -d) && cd "$T" || exit 2
trap 'rm -rf "$T"' EXIT
trap 'exit 2' INT TERM
apt-get -qq download libre0=1.1.0-1+b2 libre-dev=1.1.0-1+b2 >/dev/null 2>&1 ||
	{ echo "the packages cannot be had"; exit 2; }
for f in *.deb; do dpkg -x "$f" root || exit 2; done
L=$T/root/usr/lib/$(gcc -print-multiarch)
cat >probe.c <<'E'
#include <stdio.h>
#include <string.h>
#include <re.h>

static void item(const char *line)
{
	struct conf *conf = NULL;
	bool value = true;
	int err;

	conf_alloc_buf(&conf, (const uint8_t *)line, strlen(line));
	err = conf_get_bool(conf, "failover", &value);
	printf("%.*s -> error %d, %s\n", (int)strcspn(line, "\n"), line, err,
	       value ? "true" : "false");
	mem_deref(conf);
}

int main(void)
{
	item("failover yes\n");
	item("failover on\n");
	item("failover enabled\n");
	item("failover = yes\n");
	item("failover maybe\n");
	item("other yes\n");
	return 0;
}
E
gcc -DHAVE_INTTYPES_H -DHAVE_STDBOOL_H -DHAVE_INET6 -I"$T/root/usr/include/re" probe.c -o probe \
	-L"$L" -Wl,-rpath,"$L" -lre || exit 2
timeout 60 ./probe >seen 2>&1
cat seen
cat >known <<'E'
failover yes -> error 0, true
failover on -> error 0, false
failover enabled -> error 0, false
failover = yes -> error 0, false
failover maybe -> error 0, false
other yes -> error 2, true
E
cmp -s seen known || exit 1
