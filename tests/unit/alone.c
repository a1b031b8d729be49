/* SPDX-License-Identifier: MIT */
/* alone.c - namespaces of a test's own, and TAP with the tests that were skipped. */
#define _GNU_SOURCE /* unshare */
#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "alone.h"

static int write_to(const char *name, const char *text)
{
	int fd = open(name, O_WRONLY | O_CLOEXEC);
	ssize_t count = fd < 0 ? -1 : write(fd, text, strlen(text));

	if (fd >= 0)
		close(fd);
	return count == (ssize_t)strlen(text) ? 0 : -1;
}

/* With the user as its root: programs that are started keep what they may do. */
static int enter_as_user(int flags)
{
	char uid[32], gid[32];

	snprintf(uid, sizeof(uid), "0 %u 1", (unsigned)geteuid());
	snprintf(gid, sizeof(gid), "0 %u 1", (unsigned)getegid());
	return unshare(CLONE_NEWUSER | flags) || write_to("/proc/self/setgroups", "deny") ||
	       write_to("/proc/self/uid_map", uid) || write_to("/proc/self/gid_map", gid);
}

static int raise_loopback(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int error = fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request);

	if (fd >= 0)
		close(fd);
	return error;
}

int alone_enter(enum alone what)
{
	int flags = 0;

	switch (what) {
	case ALONE_NETWORK:
		flags = CLONE_NEWNET;
		break;
	case ALONE_MOUNTS:
		flags = CLONE_NEWNS;
		break;
	case ALONE_TIME:
		flags = CLONE_NEWTIME;
		break;
	}
	if (unshare(flags) && enter_as_user(flags))
		return -1;
	if (what == ALONE_NETWORK && raise_loopback())
		return -1;
	if (what == ALONE_MOUNTS && mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL))
		return -1;
	return 0;
}

const char *alone_refused(enum alone what)
{
	int status = 1;
	pid_t child = fork();

	if (!child)
		_exit(alone_enter(what) ? 1 : 0);
	if (child > 0 && waitpid(child, &status, 0) == child && !status)
		return NULL;
	switch (what) {
	case ALONE_NETWORK:
		return "network namespaces are not permitted";
	case ALONE_MOUNTS:
		return "mount namespaces are not permitted";
	case ALONE_TIME:
		break;
	}
	return "time namespaces are not permitted";
}

const char *ipv6_refused(void)
{
	struct sockaddr_in6 address = { .sin6_family = AF_INET6,
					.sin6_addr = IN6ADDR_LOOPBACK_INIT };
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int error = fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address));

	if (fd >= 0)
		close(fd);
	return error ? "there is no IPv6" : NULL;
}

/* libcheck's own lines without its plan; returns how many results there are. */
static unsigned copy_results(const char *path)
{
	char line[4096];
	unsigned results = 0;
	FILE *from = fopen(path, "r");

	if (!from)
		return 0;
	while (fgets(line, sizeof(line), from)) {
		if (!strncmp(line, "1..", 3))
			continue;
		fputs(line, stdout);
		results += !strncmp(line, "ok ", 3) || !strncmp(line, "not ok ", 7);
	}
	fclose(from);
	return results;
}

int run_with_skips(Suite *suite, const struct skipped_test *skipped, size_t count)
{
	char path[] = "/tmp/tests-XXXXXX";
	int failed, fd = mkstemp(path);
	SRunner *runner;
	unsigned results;
	size_t i;

	if (fd < 0)
		return EXIT_FAILURE;
	close(fd);
	runner = srunner_create(suite);
	srunner_set_tap(runner, path);
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	results = copy_results(path);
	for (i = 0; i < count; i++)
		printf("ok %u - %s # SKIP %s\n", ++results, skipped[i].test->name, skipped[i].why);
	printf("1..%u\n", results);
	unlink(path);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
