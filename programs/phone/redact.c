/* SPDX-License-Identifier: MIT */
/* redact.c - masks secrets in a message, line by line, whatever it is. */
#include "redact.h"

#include <string.h>
#include <strings.h>

#define MASK 'x'

struct text {
	char *at, *end;
};

static int is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static int is_line_end(char c)
{
	return c == '\r' || c == '\n';
}

/* All but line ends, and the blanks in front. Returns 1 if there was something. */
static unsigned mask(struct text secret)
{
	unsigned found = 0;

	while (secret.at < secret.end && is_blank(*secret.at))
		secret.at++;
	for (; secret.at < secret.end; secret.at++) {
		if (is_line_end(*secret.at))
			continue;
		*secret.at = MASK;
		found = 1;
	}
	return found;
}

static int begins_with(struct text text, const char *word)
{
	size_t length = strlen(word);

	return (size_t)(text.end - text.at) >= length && !strncasecmp(text.at, word, length);
}

/* The next line, without its end; what is left of the message begins behind that. */
static struct text line_next(struct text *message)
{
	struct text line = { message->at, message->at };

	while (line.end < message->end && !is_line_end(*line.end))
		line.end++;
	message->at = line.end;
	if (message->at < message->end && *message->at++ == '\r' && message->at < message->end &&
	    *message->at == '\n')
		message->at++;
	return line;
}

/* ---- headers ------------------------------------------------------------------------------ */

/* The value of a header with this name in this line, or at = NULL. */
static struct text value_of(struct text line, const char *name)
{
	struct text value = { NULL, line.end };

	if (!begins_with(line, name))
		return value;
	line.at += strlen(name);
	while (line.at < line.end && is_blank(*line.at))
		line.at++;
	if (line.at < line.end && *line.at == ':')
		value.at = line.at + 1;
	return value;
}

static struct text credentials_in(struct text line)
{
	static const char *const names[] = {
		"Authorization",
		"Proxy-Authorization",
		"Authentication-Info",
		"Proxy-Authentication-Info",
	};
	struct text value = { NULL, NULL };

	for (size_t i = 0; !value.at && i < sizeof(names) / sizeof(names[0]); i++)
		value = value_of(line, names[i]);
	return value;
}

/* The scheme may be read: without one, dissectors call the header malformed. */
static struct text without_scheme(struct text value)
{
	static const char *const schemes[] = { "Digest ", "Basic ", "Bearer " };

	while (value.at < value.end && is_blank(*value.at))
		value.at++;
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (begins_with(value, schemes[i]))
			value.at += strlen(schemes[i]);
	return value;
}

/* ---- the rest ----------------------------------------------------------------------------- */

/* "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:KEY", "k=clear:KEY" (RFC 4568, RFC 4566 5.12) */
static unsigned mask_media_keys(struct text line)
{
	unsigned found = 0;

	if (begins_with(line, "k="))
		return mask((struct text){ line.at + 2, line.end });
	if (!begins_with(line, "a=crypto:"))
		return 0;
	for (; line.at < line.end; line.at++)
		if (begins_with(line, "inline:")) {
			struct text key = { line.at + strlen("inline:"), NULL };

			key.end = key.at;
			while (key.end < line.end && !is_blank(*key.end) && *key.end != '|')
				key.end++;
			found += mask(key);
		}
	return found;
}

/* "sip:alice:secret@example.net" (RFC 3261 19.1.1), behind the scheme. Returns where it has looked
 * up to. */
static char *mask_password(struct text uri, unsigned *found)
{
	char *secret = NULL;

	for (; uri.at < uri.end && !is_blank(*uri.at) && !strchr("<>\"", *uri.at); uri.at++) {
		if (*uri.at == ':' && !secret)
			secret = uri.at + 1;
		if (*uri.at != '@')
			continue;
		if (secret)
			*found += mask((struct text){ secret, uri.at });
		break;
	}
	return uri.at;
}

static unsigned mask_passwords(struct text line)
{
	unsigned found = 0;

	while (line.at < line.end) {
		if (begins_with(line, "sip:"))
			line.at = mask_password((struct text){ line.at + 4, line.end }, &found);
		else if (begins_with(line, "sips:"))
			line.at = mask_password((struct text){ line.at + 5, line.end }, &found);
		else
			line.at++;
	}
	return found;
}

/* ------------------------------------------------------------------------------------------- */

unsigned redact(char *message, size_t count)
{
	struct text left = { message, message + count };
	int goes_on = 0; /* a folded header is secret */
	unsigned found = 0;

	while (left.at < left.end) {
		struct text line = line_next(&left), value;

		if (goes_on && line.at < line.end && is_blank(*line.at)) {
			found += mask(line);
			continue;
		}
		value = credentials_in(line);
		goes_on = value.at != NULL;
		if (value.at)
			found += mask(without_scheme(value));
		else
			found += mask_media_keys(line) + mask_passwords(line);
	}
	return found;
}
