/* SPDX-License-Identifier: MIT */
/* probe.c - what libfailover-dns uses of c-ares. configure compiles and links it, never runs it,
 * and leaves libfailover-dns out where that fails. */
#define CARES_NO_DEPRECATED /* as resolver.c has it */
#include <ares.h>
#include <netdb.h>
#include <stddef.h>
#include <stdint.h>

#ifdef ARES_HAS_RECORDS
static void on_answer(void *arg, ares_status_t status, size_t timeouts,
		      const ares_dns_record_t *record)
{
	const ares_dns_rr_t *rr = ares_dns_record_rr_get_const(record, ARES_SECTION_ANSWER, 0);

	*(uint32_t *)arg = ares_dns_rr_get_u32(rr, ARES_RR_SOA_MINIMUM) + (uint32_t)status +
			   (uint32_t)timeouts;
}
#else
static void on_answer(void *arg, int status, int timeouts, unsigned char *bytes, int length)
{
	*(uint32_t *)arg = bytes[length] + (uint32_t)status + (uint32_t)timeouts;
}
#endif

int main(void)
{
	struct ares_options options = { .flags = ARES_FLAG_EDNS, .ednspsz = 1232 };
	struct ares_addr_port_node *servers = NULL;
	struct hostent *entry = NULL;
	ares_channel channel;
	uint32_t sum = 0;
	int error = ares_library_init(ARES_LIB_INIT_ALL);

	error |= ares_init_options(&channel, &options, ARES_OPT_FLAGS | ARES_OPT_EDNSPSZ);
	error |= ares_set_servers_ports_csv(channel, "");
	error |= ares_get_servers_ports(channel, &servers);
	error |= ares_set_servers_ports(channel, servers);
	ares_free_data(servers);
#ifdef ARES_HAS_RECORDS
	error |= (int)ares_query_dnsrec(channel, "", ARES_CLASS_IN, ARES_REC_TYPE_SRV, on_answer,
					&sum, NULL);
#else
	ares_query(channel, "", 1, 33, on_answer, &sum);
#endif
	error |= ares_gethostbyname_file(channel, "", 2, &entry);
	ares_free_hostent(entry);
	ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	ares_destroy(channel);
	return error + (int)sum;
}
