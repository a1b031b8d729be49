/* SPDX-License-Identifier: MIT */
/* child.c - starts programs on a socket pair, and ends each by its own process id. */
#include "child.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* A longer line than this is none of our programs'. */
#define LINE_MOST 16384u

static void child_reap(struct child *child)
{
	int status = 0;

	if (child->pid > 0 && waitpid(child->pid, &status, 0) == child->pid)
		child->exit_status =
			WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	child->pid = 0;
	if (child->stream)
		bufferevent_free(child->stream);
	child->stream = NULL;
}

static void on_read(struct bufferevent *stream, void *arg)
{
	struct child *child = arg;
	struct evbuffer *input = bufferevent_get_input(stream);
	char *text;

	/* What a line leads to may be the end of the child. */
	while (child->stream == stream && (text = evbuffer_readln(input, NULL, EVBUFFER_EOL_LF))) {
		child->line(child->user, child, text);
		free(text);
	}
	if (child->stream == stream && evbuffer_get_length(input) > LINE_MOST)
		evbuffer_drain(input, evbuffer_get_length(input));
}

static void on_end(struct bufferevent *stream, short what, void *arg)
{
	struct child *child = arg;

	(void)stream;
	if (!(what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)))
		return;
	child_reap(child);
	child->ended(child->user, child);
}

/* In the new process: no way back from here. It dies with us, however we die. */
static void child_become(char *const argv[], int stream, const char *error_file, pid_t parent)
{
	int errors = open(error_file, O_WRONLY | O_CREAT | O_APPEND, 0600);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() == parent && errors >= 0 && dup2(stream, STDIN_FILENO) >= 0 &&
	    dup2(stream, STDOUT_FILENO) >= 0 && dup2(errors, STDERR_FILENO) >= 0)
		execv(argv[0], argv);
	_exit(127);
}

int child_start(struct child *child, struct event_base *base, char *const argv[],
		const char *error_file)
{
	pid_t parent = getpid();
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return -1;
	child->pid = fork();
	if (child->pid == 0)
		child_become(argv, pair[1], error_file, parent);
	close(pair[1]);
	evutil_make_socket_nonblocking(pair[0]);
	if (child->pid > 0)
		child->stream = bufferevent_socket_new(base, pair[0], BEV_OPT_CLOSE_ON_FREE);
	if (!child->stream) {
		close(pair[0]);
		child_kill(child);
		return -1;
	}
	bufferevent_setcb(child->stream, on_read, NULL, on_end, child);
	return bufferevent_enable(child->stream, EV_READ | EV_WRITE);
}

void child_tell(struct child *child, const char *command)
{
	if (child->stream)
		evbuffer_add_printf(bufferevent_get_output(child->stream), "%s\n", command);
}

void child_kill(struct child *child)
{
	if (child->pid > 0)
		kill(child->pid, SIGKILL);
	child_reap(child);
}
