/* SPDX-License-Identifier: MIT */
/*
 * registrar.c - a registrar that answers as fast as a socket can, for measurements of a phone with
 * very many lines. It knows no user, and parses only what an answer has to repeat.
 *   registrar PORT [EXPIRES]      127.0.0.1, UDP
 * Commands on standard input: up, silent, status CODE, quit. On standard output a line for each
 * second in which something came: when it ended, REGISTERs in it, most of them in a tenth of it,
 * other requests.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MESSAGE 4096
#define QUEUE (32 << 20) /* bytes of the socket's queues: ten thousand lines may come at once */

static const char *const repeated[] = { "via:", "from:", "to:", "call-id:", "cseq:", "contact:" };

struct registrar {
	int fd;
	unsigned status, expires;	     /* status 0 = silent */
	unsigned long registers[10], others; /* of this second */
	long second;
};

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int is_repeated(const char *line)
{
	for (size_t i = 0; i < sizeof(repeated) / sizeof(repeated[0]); i++) {
		if (strncasecmp(line, repeated[i], strlen(repeated[i])) == 0)
			return 1;
	}
	return 0;
}

/* The answer to a request that ends with a zero byte; its length. */
static size_t answer(const struct registrar *registrar, char *request, char *out)
{
	size_t used = (size_t)snprintf(out, MESSAGE, "SIP/2.0 %u Measured\r\n", registrar->status);
	char *line = strstr(request, "\r\n");

	while (line && line[2] != '\r' && used < MESSAGE / 2) {
		char *end = strstr(line += 2, "\r\n");

		if (!end)
			break;
		if (is_repeated(line))
			used += (size_t)snprintf(out + used, MESSAGE - used, "%.*s%s\r\n",
						 (int)(end - line), line,
						 strncasecmp(line, "to:", 3) == 0 ? ";tag=1" : "");
		line = end;
	}
	used += (size_t)snprintf(out + used, MESSAGE - used,
				 "Expires: %u\r\nContent-Length: 0\r\n\r\n", registrar->expires);
	return used;
}

static void tell(struct registrar *registrar, long second)
{
	unsigned long all = 0, most = 0;

	for (int i = 0; i < 10; i++) {
		all += registrar->registers[i];
		most = registrar->registers[i] > most ? registrar->registers[i] : most;
	}
	if (all || registrar->others) {
		printf("%ld %lu %lu %lu\n", registrar->second + 1, all, most, registrar->others);
		fflush(stdout);
	}
	memset(registrar->registers, 0, sizeof(registrar->registers));
	registrar->others = 0;
	registrar->second = second;
}

static void serve(struct registrar *registrar)
{
	static char request[MESSAGE + 1], out[MESSAGE];
	struct sockaddr_in from;
	socklen_t size = sizeof(from);
	double now = now_s();
	ssize_t count = recvfrom(registrar->fd, request, MESSAGE, MSG_DONTWAIT,
				 (struct sockaddr *)&from, &size);

	if (count <= 0)
		return;
	request[count] = '\0';
	if ((long)now != registrar->second)
		tell(registrar, (long)now);
	if (strncmp(request, "REGISTER ", 9) == 0)
		registrar->registers[(int)((now - (double)(long)now) * 10) % 10]++;
	else
		registrar->others++;
	if (registrar->status && strncmp(request, "ACK ", 4) != 0)
		(void)sendto(registrar->fd, out, answer(registrar, request, out), 0,
			     (struct sockaddr *)&from, size);
}

static int obey(struct registrar *registrar)
{
	char command[64];

	if (!fgets(command, sizeof(command), stdin) || strncmp(command, "quit", 4) == 0)
		return 0;
	if (strncmp(command, "up", 2) == 0)
		registrar->status = 200;
	else if (strncmp(command, "silent", 6) == 0)
		registrar->status = 0;
	else if (strncmp(command, "status ", 7) == 0)
		registrar->status = (unsigned)atoi(command + 7);
	return 1;
}

int main(int argc, char **argv)
{
	struct registrar registrar = { .status = 200, .expires = 3600 };
	struct sockaddr_in at = { .sin_family = AF_INET };
	int queue = QUEUE;
	struct pollfd fds[2];

	if (argc < 2)
		return 2;
	at.sin_port = htons((uint16_t)atoi(argv[1]));
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (argc > 2)
		registrar.expires = (unsigned)atoi(argv[2]);
	setvbuf(stdin, NULL, _IONBF, 0);
	registrar.fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (registrar.fd < 0 || bind(registrar.fd, (struct sockaddr *)&at, sizeof(at)) != 0)
		return 1;
	/* Beyond the system's limit only root may; else it is what the system allows. */
	if (setsockopt(registrar.fd, SOL_SOCKET, SO_RCVBUFFORCE, &queue, sizeof(queue)) != 0)
		(void)setsockopt(registrar.fd, SOL_SOCKET, SO_RCVBUF, &queue, sizeof(queue));
	fds[0] = (struct pollfd){ .fd = registrar.fd, .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = STDIN_FILENO, .events = POLLIN };
	while (poll(fds, 2, 1000) >= 0) {
		if (fds[1].revents && !obey(&registrar))
			break;
		for (int i = 0; fds[0].revents && i < 64; i++)
			serve(&registrar);
		if ((long)now_s() != registrar.second)
			tell(&registrar, (long)now_s());
	}
	tell(&registrar, 0);
	close(registrar.fd);
	return 0;
}
