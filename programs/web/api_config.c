/* SPDX-License-Identifier: MIT */
/* api_config.c - the configuration: what there is to set, what is set, changes. */
#include "server.h"

void web_options_get(struct web_call *call)
{
	json_t *form = web_form();

	if (form)
		web_send_json(call, 200, form);
	else
		web_send_error(call, WEB_NOT_HERE);
}

void web_config_get(struct web_call *call)
{
	json_t *config = call->web->host.config(call->web->host.user);

	if (config)
		web_send_json(call, 200, config);
	else
		web_send_error(call, WEB_NO_MEMORY);
}

void web_config_patch(struct web_call *call)
{
	json_t *patch = web_body_json(call);
	struct web_reply reply;

	if (!patch)
		return;
	if (!json_is_string(json_object_get(patch, "revision")) ||
	    !json_is_array(json_object_get(patch, "changes"))) {
		json_decref(patch);
		web_send_error(call, WEB_BAD_JSON);
		return;
	}
	reply = call->web->host.apply(call->web->host.user, patch);
	json_decref(patch);
	web_send_json(call, reply.status, reply.body);
}
