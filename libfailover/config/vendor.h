/* SPDX-License-Identifier: MIT */
/*
 * The vendor's configuration text: "<<VOIP CONFIG FILE>>", modules, "KEY   :VALUE" lines. Phones
 * write hundreds of keys of which we know some tens, so a document is kept as the bytes that it
 * came in, with what is changed beside them: what is not changed is written as it was.
 */
#ifndef FO_CONFIG_VENDOR_H
#define FO_CONFIG_VENDOR_H

#include <stdio.h>

#include "build.h"

/* One KEY:VALUE of the SIP module; places are in the text. */
struct fo_vendor_item {
	uint32_t sip_line;  /* n of "SIPn KEY"; 0 = of the whole device */
	uint32_t file_line; /* from 1 */
	size_t name;	    /* of the key, without "SIPn " */
	size_t name_length; /* without the blanks that pad it */
	size_t column;	    /* where the colon stands in its line */
	size_t value, value_length;
	char *changed;	   /* what is to be written instead, or NULL */
	bool is_empty_tag; /* XML: <X/>; the value is its "/>" */
	bool is_end; /* XML: no item, but where further ones belong; name is the indentation */
};

struct fo_vendor {
	char *text;
	size_t length;
	struct fo_vendor_item *items; /* in file order */
	size_t count, room;
	size_t end;	 /* where a further item of the SIP module belongs */
	size_t end_mark; /* where the file ends by its own word, or really */
	const char *eol; /* "\n" or "\r\n", as the file has it */
	bool has_module; /* there is a SIP module */
	bool is_xml;
};

#define FO_VENDOR_ITEMS_MOST 4000000u
#define FO_VENDOR_MODULE "<SIP CONFIG MODULE>"

/* Take a text apart, which it keeps and does not free. ERR_MEMORY, or ERR_ARGUMENT and a fault. */
int fo_vendor_parse(struct fo_vendor *vendor, struct fo_build *build, char *text, size_t length);
int fo_vendor_parse_xml(struct fo_vendor *vendor, struct fo_build *build, char *text,
			size_t length);
/* One of the two; ERR_UNSUPPORTED and a fault for XML where that is left out of the build. */
int fo_vendor_parse_as(struct fo_vendor *vendor, struct fo_build *build, char *text, size_t length,
		       bool is_xml);
/* For both. */
void fo_vendor_begin(struct fo_vendor *vendor, char *text, size_t length);
int fo_vendor_add(struct fo_vendor *vendor, const struct fo_vendor_item *item);
/* XML: put characters in the place of references, in a value that the parser has accepted. */
void fo_vendor_decode(char *value);
/* The other way round; to be freed. NULL = no memory. */
char *fo_vendor_encode(const char *value);
void fo_vendor_clear(struct fo_vendor *vendor);
/* Does this item's key mean that name? Old phones cut keys at their column. */
bool fo_vendor_is(const struct fo_vendor *vendor, const struct fo_vendor_item *item,
		  const char *name);
/* The row that this item is of, and whether of a backup. False when we have no such item. */
bool fo_vendor_match(const struct fo_vendor *vendor, const struct fo_vendor_item *item,
		     const struct fo_option **option, int *backup);
/* The number that the vendor writes for a value, or NULL when it has none. */
const char *fo_vendor_number(const struct fo_option *option, uint32_t value);

/* ---- vendor_read.c, vendor_write.c ---- */

/* Like the other readers; what is not understood and matters is reported as "note: ...". */
struct fo_vendor_source {
	const char *file;
	bool is_xml;
	failover_config_report *report;
	void *user;
};
void fo_vendor_read(struct fo_build *build, char *text, size_t length,
		    const struct fo_vendor_source *source);
/* Into the document `base`, or a new one (NULL). 0, ERR_MEMORY, or ERR_ARGUMENT and a fault. */
struct fo_vendor_base {
	char *text;
	size_t length;
	bool is_xml;
};
int fo_vendor_write(const struct failover_config *config, struct fo_build *build,
		    const struct fo_vendor_base *base, FILE *stream);
/* What the vendor has no word for, as "note: line 1: ...". */
void fo_vendor_notes(const struct failover_config *config, const char *file,
		     failover_config_report *report, void *user);

#endif
