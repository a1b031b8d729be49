/* SPDX-License-Identifier: MIT */
/* api_metrics.c - what Prometheus reads. */
#include "server.h"

#include <string.h>

void web_metrics_get(struct web_call *call)
{
	struct web *web = call->web;
	json_t *status = web->host.status(web->host.user);
	const char *accept =
		evhttp_find_header(evhttp_request_get_input_headers(call->request), "Accept");
	const struct web_metrics_scrape scrape = {
		.status = status,
		.program = web->host.program,
		.version = web->host.version,
		.browsers = web->streams_count,
		.connections = web->peers_count,
		.users = web->params.metrics_users != 0,
		.openmetrics = accept && strstr(accept, "application/openmetrics-text"),
	};
	const char *type = scrape.openmetrics
				   ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
				   : "text/plain; version=0.0.4; charset=utf-8";

	web_send_own_text(call, 200, type, web_metrics_text(web->metrics, &scrape));
	json_decref(status);
}
