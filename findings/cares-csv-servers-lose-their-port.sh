#!/bin/sh
# c-ares' ares_set_servers_csv() accepts "127.0.0.1:5353" and asks port 53.
#
# Version:     c-ares 1.18.1 (Debian 12).
# Guess:       the port in the list is used, since the function takes it without an error.
# Behaviour:   it is read and thrown away; ares_set_servers_ports_csv() is the one that uses it. Both
#              return ARES_SUCCESS for the same text.
# Consequence: a test with its own name server on a free port asks the machine's real resolver
#              instead, if one listens on port 53 there: with a name that exists in both it even
#              passes. On a machine without one each name takes "connection refused".
set -u
T=$(mktemp -d) && cd "$T" || exit 2
trap 'rm -rf "$T"' EXIT
trap 'exit 2' INT TERM
apt-get -qq download libc-ares2=1.18.1-3 libc-ares-dev=1.18.1-3 >/dev/null 2>&1 ||
	{ echo "the packages cannot be had"; exit 2; }
for f in *.deb; do dpkg -x "$f" root || exit 2; done
L=$T/root/usr/lib/$(gcc -print-multiarch)
cat >probe.c <<'E'
#include <ares.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <sys/select.h>
#include <unistd.h>

static void answer(void *arg, int status, int timeouts, unsigned char *data, int size)
{
	(void)arg, (void)status, (void)timeouts, (void)data, (void)size;
}

static void try(const char *name, int (*set)(ares_channel, const char *))
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct ares_options options = {.timeout = 1000, .tries = 1};
	struct timeval wait = {1, 0};
	int fd = socket(AF_INET, SOCK_DGRAM, 0), result;
	socklen_t size = sizeof a;
	ares_channel channel;
	char list[32];
	fd_set in;

	bind(fd, (struct sockaddr *)&a, size);
	getsockname(fd, (struct sockaddr *)&a, &size);
	snprintf(list, sizeof list, "127.0.0.1:%u", ntohs(a.sin_port));
	ares_init_options(&channel, &options, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES);
	result = set(channel, list);
	ares_query(channel, "pbx.example.net", 1, 1, answer, NULL);
	FD_ZERO(&in);
	FD_SET(fd, &in);
	printf("%s: %s, question at the port: %s\n", name, ares_strerror(result),
	       select(fd + 1, &in, NULL, NULL, &wait) > 0 ? "yes" : "no");
	ares_destroy(channel);
	close(fd);
}

int main(void)
{
	ares_library_init(ARES_LIB_INIT_ALL);
	try("ares_set_servers_ports_csv", ares_set_servers_ports_csv);
	try("ares_set_servers_csv", ares_set_servers_csv);
	return 0;
}
E
gcc -I"$T/root/usr/include" probe.c -o probe -L"$L" -Wl,-rpath,"$L" -lcares || exit 2
timeout 60 ./probe >seen 2>&1
cat seen
cat >known <<'E'
ares_set_servers_ports_csv: Successful completion, question at the port: yes
ares_set_servers_csv: Successful completion, question at the port: no
E
cmp -s seen known || exit 1
