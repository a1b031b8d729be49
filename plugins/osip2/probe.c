/* SPDX-License-Identifier: MIT */
/* probe.c - what this plugin uses of libosip2. configure compiles and links it, never runs it, and
 * leaves the plugin out where that fails. */
#include <stdlib.h>
#include <string.h> /* its macros call strcmp() */
#include <sys/time.h>
#include <osip2/osip.h>

static int on_send(osip_transaction_t *fsm, osip_message_t *message, char *host, int port, int out)
{
	return osip_transaction_get_your_instance(fsm) && MSG_IS_ACK(message) ? *host : port + out;
}

static void on_kill(int type, osip_transaction_t *fsm)
{
	(void)type, (void)fsm;
}

static void on_message(int type, osip_transaction_t *fsm, osip_message_t *message)
{
	(void)type, (void)fsm, (void)message;
}

static void on_failure(int type, osip_transaction_t *fsm, int error)
{
	(void)type, (void)fsm, (void)error;
}

static int machine(osip_t *stack, osip_message_t *message)
{
	osip_event_t *event = osip_malloc(sizeof(*event));
	osip_transaction_t *fsm = NULL;
	int error = osip_transaction_init(&fsm, ICT, stack, message);

	*event = (osip_event_t){ .type = RCV_STATUS_3456XX, .sip = message };
	osip_transaction_set_your_instance(fsm, message);
	error |= osip_remove_transaction(stack, fsm) | osip_transaction_execute(fsm, event);
	return error | osip_transaction_free2(fsm);
}

static int head(osip_message_t *message)
{
	osip_uri_t *uri = NULL;
	osip_via_t *via = NULL;
	int error = osip_uri_init(&uri) | osip_via_init(&via);

	osip_via_set_version(via, osip_strdup(""));
	osip_via_set_protocol(via, osip_strdup(""));
	osip_via_set_host(via, osip_strdup(""));
	if (osip_list_add(&message->vias, via, -1) <= 0)
		osip_via_free(via);
	error |= osip_cseq_init(&message->cseq) | osip_call_id_init(&message->call_id);
	osip_cseq_set_number(message->cseq, osip_strdup(""));
	osip_cseq_set_method(message->cseq, osip_strdup(""));
	osip_call_id_set_number(message->call_id, osip_strdup(""));
	error |= osip_from_init(&message->from) | osip_to_init(&message->to);
	osip_uri_set_scheme(uri, osip_strdup(""));
	osip_uri_set_host(uri, osip_strdup(""));
	osip_message_set_uri(message, uri);
	osip_message_set_version(message, osip_strdup(""));
	osip_message_set_method(message, osip_strdup(""));
	osip_message_set_status_code(message, 200);
	return error;
}

int main(void)
{
	osip_message_t *message = NULL;
	osip_t *stack = NULL;
	int error = osip_init(&stack) | osip_message_init(&message);

	if (!osip_is_trace_level_activate(TRACE_LEVEL0))
		osip_trace_initialize(TRACE_LEVEL0, NULL);
	osip_trace_disable_level(TRACE_LEVEL0);
	osip_set_cb_send_message(stack, on_send);
	error |= osip_set_kill_transaction_callback(stack, OSIP_ICT_KILL_TRANSACTION, on_kill);
	error |= osip_set_message_callback(stack, OSIP_ICT_STATUS_1XX_RECEIVED, on_message);
	error |= osip_set_transport_error_callback(stack, OSIP_ICT_TRANSPORT_ERROR, on_failure);
	error |= osip_message_parse(message, "", 0);
	if (message->req_uri->username && message->req_uri->scheme && message->to->url->username)
		error |= osip_list_size(&message->req_uri->url_headers);
	error |= head(message) | machine(stack, message);
	osip_message_free(message);
	osip_release(stack);
	return error;
}
