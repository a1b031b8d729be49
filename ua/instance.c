/* SPDX-License-Identifier: MIT */
/* instance.c - "+sip.instance": a UUID out of names (RFC 4122 4.3), so that nothing need be kept.
 */
#include <stdio.h>
#include <string.h>
#include <openssl/evp.h>
#include "instance.h"
#include "writer.h"

#define UUID_BYTES 16u

int ua_instance_machine(char *out, int size)
{
	static const char *const paths[] = { "/etc/machine-id", "/var/lib/dbus/machine-id" };
	size_t i;
	FILE *file;
	int good = 0;

	for (i = 0; !good && i < sizeof(paths) / sizeof(paths[0]); i++) {
		file = fopen(paths[i], "re");
		if (!file)
			continue;
		good = fgets(out, size, file) != NULL && strcspn(out, "\r\n") > 0;
		fclose(file);
	}
	return good;
}

/* SHA-1 as version 5 wants it; no secret is in it, and the machine's id cannot be read out of it.
 */
static int hash(const struct ua *ua, const char *user, unsigned char out[EVP_MAX_MD_SIZE])
{
	/* A namespace of our own. */
	static const unsigned char space[UUID_BYTES] = { 0x5f, 0x1c, 0x0e, 0x2a, 0x91, 0x7d,
							 0x4c, 0x3b, 0xa4, 0x6e, 0x0d, 0x58,
							 0x33, 0xc7, 0xe2, 0x19 };
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int good = ctx && EVP_DigestInit_ex(ctx, EVP_sha1(), NULL) &&
		   EVP_DigestUpdate(ctx, space, sizeof(space)) &&
		   EVP_DigestUpdate(ctx, ua->device, strlen(ua->device) + 1) &&
		   EVP_DigestUpdate(ctx, user, strlen(user)) && EVP_DigestFinal_ex(ctx, out, NULL);

	EVP_MD_CTX_free(ctx);
	return good ? FAILOVER_OK : FAILOVER_ERR_UNSUPPORTED;
}

int ua_instance_init(struct ua *ua, const char *device)
{
	char machine[sizeof(ua->device)];

	if (device && strlen(device) >= sizeof(ua->device))
		return FAILOVER_ERR_ARGUMENT;
	if (!device && !ua_instance_machine(machine, (int)sizeof(machine)))
		return ua_token(ua, ua->device); /* until the end of this instance */
	snprintf(ua->device, sizeof(ua->device), "%s", device ? device : machine);
	ua->device[strcspn(ua->device, "\r\n")] = '\0';
	return FAILOVER_OK;
}

int ua_instance_text(const struct ua *ua, const char *user, char out[UA_INSTANCE])
{
	static const uint8_t parts[] = { 4, 2, 2, 2, 6 };
	unsigned char bytes[EVP_MAX_MD_SIZE], *at;
	int error = hash(ua, user, bytes);
	struct ua_writer writer;
	size_t i;

	if (error)
		return error;
	bytes[6] = (unsigned char)((bytes[6] & 0x0f) | 0x50); /* version 5 */
	bytes[8] = (unsigned char)((bytes[8] & 0x3f) | 0x80); /* the variant of RFC 4122 */
	ua_writer_init(&writer, out, UA_INSTANCE);
	ua_writer_add(&writer, "urn:uuid:");
	for (at = bytes, i = 0; i < sizeof(parts); at += parts[i++]) {
		ua_writer_add(&writer, i ? "-" : "");
		ua_writer_add_hex(&writer, at, parts[i]);
	}
	return ua_writer_error(&writer);
}
