/* SPDX-License-Identifier: GPL-3.0-or-later */
/* probe.c - what this plugin uses of belle-sip. configure compiles and links it, never runs it, and
 * leaves the plugin out where that fails. */
#include <belle-sip/belle-sip.h>

static const char *users(const belle_sip_request_t *request)
{
	const belle_sip_uri_t *uri = belle_sip_request_get_uri(request);
	belle_sip_header_to_t *to =
		belle_sip_message_get_header_by_type(request, belle_sip_header_to_t);

	return belle_sip_uri_get_header_names(uri)
		       ? belle_sip_uri_get_user(uri)
		       : belle_sip_uri_get_user(
				 belle_sip_header_address_get_uri(BELLE_SIP_HEADER_ADDRESS(to)));
}

int main(void)
{
	belle_sip_object_pool_t *pool = belle_sip_object_pool_push();
	size_t done = 0;
	belle_sip_message_t *message = belle_sip_message_parse_raw("", 0, &done);
	int found = belle_sip_message_is_request(message) && users(BELLE_SIP_REQUEST(message));

	if (bctbx_get_log_level_mask(BELLE_SIP_LOG_DOMAIN) != BCTBX_LOG_WARNING)
		bctbx_set_log_level(BELLE_SIP_LOG_DOMAIN, BCTBX_LOG_FATAL);
	belle_sip_object_unref(pool);
	return found;
}
