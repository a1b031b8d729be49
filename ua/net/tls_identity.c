/* SPDX-License-Identifier: MIT */
/* tls_identity.c - RFC 5922 7.1: the SIP URIs of the certificate say for which domains it stands;
 * only without any, its DNS names do. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>
#include <openssl/x509v3.h>
#include "tls_identity.h"

int ua_tls_is_numeric(const char *name)
{
	unsigned char bytes[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, name, bytes) == 1 || inet_pton(AF_INET6, name, bytes) == 1;
}

/* The host of a "sip:host" without user part, or NULL: sips and users name no domain. */
static const char *domain_of(const GENERAL_NAME *entry, size_t *length)
{
	const char *uri, *host;
	int count;

	if (entry->type != GEN_URI)
		return NULL;
	uri = (const char *)ASN1_STRING_get0_data(entry->d.uniformResourceIdentifier);
	count = ASN1_STRING_length(entry->d.uniformResourceIdentifier);
	if (count < 5 || strncasecmp(uri, "sip:", 4) != 0 || memchr(uri, '@', (size_t)count) ||
	    memchr(uri, '\0', (size_t)count))
		return NULL;
	host = uri + 4;
	*length = (size_t)count - 4;
	return host;
}

/* 1 = it is this domain; 0 = others only; -1 = it has no SIP domain. */
static int match_uris(X509 *certificate, const char *name)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
	int i, found = -1;

	for (i = 0; names && found < 1 && i < sk_GENERAL_NAME_num(names); i++) {
		size_t length = 0;
		const char *host = domain_of(sk_GENERAL_NAME_value(names, i), &length);

		if (host)
			found = strlen(name) == length && !strncasecmp(host, name, length);
	}
	GENERAL_NAMES_free(names);
	return found;
}

int ua_tls_identity(X509 *certificate, const char *name)
{
	int found;

	if (!certificate || !name[0])
		return 0;
	if (ua_tls_is_numeric(name))
		return X509_check_ip_asc(certificate, name, 0) == 1;
	found = match_uris(certificate, name);
	if (found >= 0)
		return found;
	return X509_check_host(certificate, name, 0, X509_CHECK_FLAG_NO_WILDCARDS, NULL) == 1;
}
