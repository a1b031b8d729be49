/* SPDX-License-Identifier: MIT */
/* job.h - a request that waits until its password has been compared. */
#ifndef WEB_JOB_H
#define WEB_JOB_H

#include "server.h"

enum web_job_kind { JOB_LOGIN, JOB_BASIC };

struct web_job {
	TAILQ_ENTRY(web_job) entries;
	enum web_job_kind kind;
	uint64_t number;     /* of the comparison */
	uint64_t sender;     /* whose try it is */
	uint64_t session_id; /* that the browser had; a new one takes its place */
	struct web_call call;
};

/* The request is answered later, or refused now. */
void web_job_start(struct web_call *call, enum web_job_kind kind, const char *password);
/* This request's name and password are right: for a while they need no comparison. */
void web_basic_keep(const struct web_call *call);

#endif
