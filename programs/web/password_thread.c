/* SPDX-License-Identifier: MIT */
/* password_thread.c - one thread that compares passwords; a pipe tells the loop. */
#define _GNU_SOURCE /* pipe2() */
#include "password.h"

#include <event2/event.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WAITING 8u /* of each kind */

enum ask_state { ASK_FREE, ASK_WAITS, ASK_RUNS, ASK_DONE };

struct ask {
	enum ask_state state;
	uint64_t number;
	int right;
	char password[WEB_PASSWORD_MOST + 1];
};

struct web_passwords {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wanted;
	struct web_hash hash;
	struct ask known[WAITING], others[WAITING];
	uint64_t last_number;
	int ends;
	int pipe[2];
	struct event *event;
	web_passwords_done *done;
	void *user;
};

/* The one that has waited longest. */
static struct ask *ask_next(struct ask *asks)
{
	struct ask *first = NULL;

	for (size_t i = 0; i < WAITING; i++) {
		if (asks[i].state == ASK_WAITS && (!first || asks[i].number < first->number))
			first = &asks[i];
	}
	return first;
}

static struct ask *ask_wait(struct web_passwords *passwords)
{
	struct ask *ask = NULL;

	while (!passwords->ends) {
		ask = ask_next(passwords->known);
		if (!ask)
			ask = ask_next(passwords->others);
		if (ask)
			return ask;
		pthread_cond_wait(&passwords->wanted, &passwords->lock);
	}
	return NULL;
}

static void *thread_run(void *arg)
{
	struct web_passwords *passwords = arg;
	struct ask *ask;
	int right;

	pthread_mutex_lock(&passwords->lock);
	while ((ask = ask_wait(passwords))) {
		ask->state = ASK_RUNS;
		pthread_mutex_unlock(&passwords->lock);
		right = web_hash_is(&passwords->hash, ask->password);
		pthread_mutex_lock(&passwords->lock);
		OPENSSL_cleanse(ask->password, sizeof(ask->password));
		ask->right = right;
		ask->state = ASK_DONE;
		(void)!write(passwords->pipe[1], "", 1); /* full is as good */
	}
	pthread_mutex_unlock(&passwords->lock);
	return NULL;
}

static void on_pipe(evutil_socket_t fd, short what, void *arg)
{
	struct web_passwords *passwords = arg;
	char bytes[64];

	(void)what;
	while (read(fd, bytes, sizeof(bytes)) > 0)
		;
	passwords->done(passwords->user);
}

/* Signals are the loop's business. */
static int thread_start(struct web_passwords *passwords)
{
	sigset_t all, old;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	error = pthread_create(&passwords->thread, NULL, thread_run, passwords);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return error;
}

static void passwords_drop(struct web_passwords *passwords)
{
	if (passwords->event)
		event_free(passwords->event);
	if (passwords->pipe[0] >= 0)
		close(passwords->pipe[0]);
	if (passwords->pipe[1] >= 0)
		close(passwords->pipe[1]);
	pthread_cond_destroy(&passwords->wanted);
	pthread_mutex_destroy(&passwords->lock);
	OPENSSL_cleanse(passwords, sizeof(*passwords));
	free(passwords);
}

struct web_passwords *web_passwords_new(struct event_base *base, const struct web_hash *hash,
					web_passwords_done *done, void *user)
{
	struct web_passwords *passwords = calloc(1, sizeof(*passwords));

	if (!passwords)
		return NULL;
	passwords->hash = *hash;
	passwords->done = done;
	passwords->user = user;
	passwords->pipe[0] = passwords->pipe[1] = -1;
	pthread_mutex_init(&passwords->lock, NULL);
	pthread_cond_init(&passwords->wanted, NULL);
	if (pipe2(passwords->pipe, O_CLOEXEC | O_NONBLOCK) != 0)
		goto fail;
	passwords->event =
		event_new(base, passwords->pipe[0], EV_READ | EV_PERSIST, on_pipe, passwords);
	if (!passwords->event || event_add(passwords->event, NULL) != 0)
		goto fail;
	if (thread_start(passwords) == 0)
		return passwords;
fail:
	passwords_drop(passwords);
	return NULL;
}

void web_passwords_free(struct web_passwords *passwords)
{
	if (!passwords)
		return;
	pthread_mutex_lock(&passwords->lock);
	passwords->ends = 1;
	pthread_cond_signal(&passwords->wanted);
	pthread_mutex_unlock(&passwords->lock);
	pthread_join(passwords->thread, NULL);
	passwords_drop(passwords);
}

static struct ask *ask_in(struct ask *asks, enum ask_state state)
{
	for (size_t i = 0; i < WAITING; i++) {
		if (asks[i].state == state)
			return &asks[i];
	}
	return NULL;
}

uint64_t web_passwords_ask(struct web_passwords *passwords, const char *password, int known)
{
	struct ask *ask;
	uint64_t number = 0;

	if (strlen(password) > WEB_PASSWORD_MOST)
		return 0;
	pthread_mutex_lock(&passwords->lock);
	ask = ask_in(known ? passwords->known : passwords->others, ASK_FREE);
	if (ask) {
		number = ask->number = ++passwords->last_number;
		strcpy(ask->password, password);
		ask->state = ASK_WAITS;
		pthread_cond_signal(&passwords->wanted);
	}
	pthread_mutex_unlock(&passwords->lock);
	return number;
}

uint64_t web_passwords_take(struct web_passwords *passwords, int *right)
{
	struct ask *ask;
	uint64_t number = 0;

	pthread_mutex_lock(&passwords->lock);
	ask = ask_in(passwords->known, ASK_DONE);
	if (!ask)
		ask = ask_in(passwords->others, ASK_DONE);
	if (ask) {
		number = ask->number;
		*right = ask->right;
		ask->state = ASK_FREE;
	}
	pthread_mutex_unlock(&passwords->lock);
	return number;
}
