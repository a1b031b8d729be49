/* SPDX-License-Identifier: MIT */
/* thread_scene.h - an open stack, and every kind of call that can be made on it. */
#ifndef THREAD_SCENE_H
#define THREAD_SCENE_H

#include "bench.h"

struct scene {
	struct bench *bench;
	struct failover_stack *stack;
	const struct failover_host *host;     /* NULL when the plugin is closed */
	void (*in_send)(struct scene *scene); /* what the hook does, or NULL */
	uint64_t attempt;		      /* the last one sent */
	int dispatched;			      /* by the last call_dispatch() */
};

typedef void scene_call(struct scene *scene);

/* A stack of one line whose REGISTER waits to be dispatched. */
void scene_begin(struct scene *scene);
void scene_end(struct scene *scene);
/* Call it on a thread of its own and wait for its end. */
void scene_elsewhere(struct scene *scene, scene_call *call);

void call_dispatch(struct scene *scene);
void call_poll(struct scene *scene);
void call_close(struct scene *scene);
void call_engine_free(struct scene *scene);
void call_submit(struct scene *scene);
void call_timeout(struct scene *scene);
void call_deadline(struct scene *scene);
void call_sent(struct scene *scene);
void call_response(struct scene *scene);
void call_unreachable(struct scene *scene);
void call_heard(struct scene *scene);
void call_log(struct scene *scene);
void call_random(struct scene *scene);
void call_now(struct scene *scene);
void call_extension(struct scene *scene);
void call_instance(struct scene *scene);

#endif
