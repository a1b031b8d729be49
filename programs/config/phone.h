/* SPDX-License-Identifier: MIT */
/*
 * phone.h - files of other vendors' phones: what is in them, and what of it has a counterpart here.
 * Every vendor is a table; nothing else knows its words.
 */
#ifndef PHONE_H
#define PHONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <failover/config.h>

/* ---- what is in a file: phone_text.c, phone_xml.c ---- */

#define PHONE_ENTRIES_MOST 20000u /* several times what any phone has */
#define PHONE_LINES_MOST 64u
#define PHONE_SERVERS_MOST 8u
#define PHONE_KEY_MOST 127u
#define PHONE_VALUE_MOST 1023u

struct phone_entry {
	char *key, *value;
	unsigned line; /* of the file, from 1 */
};

struct phone_file {
	const char *path;
	struct phone_entry *entries; /* in the order of the file */
	size_t count, room;
};

/* What is wrong with a file: one sentence, and its place; line 0 = the whole. */
struct phone_fault {
	unsigned line, column;
	char text[160];
};

/* Each: 0; ERR_ARGUMENT and a fault; ERR_MEMORY. A key or value that is too long is a fault, other
 * lines than "KEY = VALUE" are skipped. */
int phone_read_text(struct phone_file *file, const char *text, size_t length,
		    struct phone_fault *fault);
/* Elements that hold text, by their names; and attributes, by theirs. ERR_UNSUPPORTED without
 * expat. */
int phone_read_xml(struct phone_file *file, const char *text, size_t length,
		   struct phone_fault *fault);
int phone_add(struct phone_file *file, const struct phone_entry *entry, struct phone_fault *fault);
void phone_file_clear(struct phone_file *file);
/* The last value of this key, or NULL. */
const char *phone_value(const struct phone_file *file, const char *key);

/* ---- what has a counterpart: phone_rows.c ---- */

enum phone_how {
	PHONE_TEXT,    /* as it is */
	PHONE_HOST,    /* "sip:host:port": the host, and the port if there is one */
	PHONE_USER,    /* "user@host": the user, and the domain if there is one */
	PHONE_NUMBER,  /* times `factor`; into our range */
	PHONE_SWITCH,  /* 0, 1, no, yes, disabled, enabled */
	PHONE_NAMES,   /* a value of `names` */
	PHONE_CODES,   /* "5??, 6??" */
	PHONE_NOTHING, /* there is no counterpart, which `note` explains */
};

/* What one value of theirs is here. */
struct phone_name {
	const char *value; /* NULL ends the list */
	const char
		*ours; /* the value; without a path "key=value ..." of the line; NULL = nothing */
	const char *note; /* why it is not the same; NULL = it is */
};

struct phone_row {
	const char *key;  /* '#' is the number of the line, '*' that of the server */
	const char *ours; /* path of ours with the same marks, '%' = each server; NULL = none */
	unsigned line;	  /* that it is about, where neither says so */
	enum phone_how how;
	double factor;
	const char *initial; /* the phone's own default, where it says something */
	const struct phone_name *names;
	const char *only_with; /* a key that must be switched on, else this one does nothing */
	const char *note;      /* why it is the nearest only, or has no counterpart */
	bool is_secret;
};

struct phone_vendor {
	const char *name;
	const struct phone_row *rows;
	size_t count;
	bool has_text, has_xml; /* the forms of its files */
};

extern const struct phone_vendor phone_vendors[];
extern const size_t phone_vendors_count;
const struct phone_vendor *phone_vendor_find(const char *name);

/* ---- phone_translate.c ---- */

/* The file as a configuration, and a line of `out` for each key of it that has to do with servers:
 * taken as is, as the nearest, or without a counterpart and why. No line holds a secret. 0;
 * ERR_ARGUMENT, reported; ERR_MEMORY. */
struct phone_job {
	const struct phone_vendor *vendor;
	const struct phone_file *file;
	FILE *out;
	failover_config_report *report;
	void *user;
};
int phone_translate(const struct phone_job *job, struct failover_config **config);

#endif
