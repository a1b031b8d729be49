/* SPDX-License-Identifier: GPL-2.0-or-later */
/* probe.c - what this plugin uses of PJSIP. configure compiles and links it, never runs it, and
 * leaves the plugin out where that fails. */
#include <pjlib.h>
#include <pjsip.h>

/* In no header of it. */
void init_sip_parser(void);
void deinit_sip_parser(void);

static int read_message(pj_pool_t *pool)
{
	pjsip_msg *message = pjsip_parse_msg(pool, "", 0, NULL);
	const pjsip_sip_uri *uri = pjsip_uri_get_uri(message->line.req.uri);

	return message->type == PJSIP_REQUEST_MSG &&
	       PJSIP_URI_SCHEME_IS_SIP(PJSIP_MSG_TO_HDR(message)->uri) &&
	       pjsip_uri_get_scheme(message->line.req.uri)->slen && uri->user.ptr &&
	       pj_list_empty(&uri->header_param);
}

static void write_log(int level, const char *text, int length)
{
	(void)level, (void)text, (void)length;
}

static void take_log(void)
{
	int level = pj_log_get_level();

	if (pj_log_get_log_func() == pj_log_write)
		pj_log_set_log_func(write_log);
	pj_log_set_level(level);
}

int main(void)
{
	static pj_thread_desc desc;
	pj_thread_t *thread;
	pj_caching_pool pools;
	pj_pool_t *pool;
	int error = pj_init() != PJ_SUCCESS;

	take_log();
	if (!pj_thread_is_registered())
		error |= pj_thread_register("", desc, &thread);
	pj_caching_pool_init(&pools, NULL, 1);
	pool = pj_pool_create(&pools.factory, "", 1, 1, NULL);
	init_sip_parser();
	error |= !read_message(pool);
	deinit_sip_parser();
	pj_pool_reset(pool);
	pj_pool_release(pool);
	pj_caching_pool_destroy(&pools);
	pj_shutdown();
	return error;
}
