/* SPDX-License-Identifier: MIT */
/* The option table: every item of a configuration, once. */
#ifndef FO_CONFIG_OPTIONS_H
#define FO_CONFIG_OPTIONS_H

#include <stdbool.h>
#include <failover/config.h>

/* The kinds of section; the file itself is one. */
enum fo_scope { FO_GLOBAL, FO_LINE, FO_SERVER, FO_PROXY };
#define FO_SCOPES 4
#define FO_IN(scope) (1u << (scope))

enum fo_type {
	FO_TYPE_BOOL,
	FO_TYPE_NUMBER,
	FO_TYPE_CHOICE,
	FO_TYPE_PROFILE, /* a choice that depends on the build */
	FO_TYPE_TEXT,
	FO_TYPE_SECRET,	 /* text that no message, log line or help ever shows */
	FO_TYPE_HOST,	 /* numeric address or domain name */
	FO_TYPE_METHODS, /* set of FAILOVER_METHOD_BIT */
	FO_TYPE_CODES,	 /* set of status codes: failover_codes_add() */
	FO_TYPE_SOURCES, /* struct failover_config_sources */
	FO_TYPE_TEXTS,	 /* struct failover_config_texts */
};

/* A name and its value; the first name of a value is the one that is written and listed. */
struct fo_choice {
	const char *name; /* NULL ends the list; names that start with a digit are not listed */
	uint32_t value;
};

struct fo_option {
	const char *key;
	/* What the vendor calls it, NULL = it has no such item. A server or proxy has two names:
	 * of the primary and of the backup. */
	const char *vendor_text[2];
	const char *vendor_xml[2];
	const char *vendor_initial; /* its default where that is another, as written here */
	enum fo_type type;
	uint32_t scopes;     /* FO_IN bits: the sections that take it */
	bool is_hosts;	     /* a list of "NAME=ADDRESS" */
	bool of_file;	     /* where lines stand, not what they are: only a person writes it */
	size_t offset;	     /* in the struct of its first scope */
	size_t line_offset;  /* in the line, of a global option that a line may override */
	size_t set_offset;   /* of the uint32_t that says "given"; 0 = none */
	const char *initial; /* default, as written in a file; "" = not set */
	const char *unset;   /* what not set means, NULL where `initial` says all */
	uint32_t minimum;
	uint32_t maximum; /* of a number; bytes of a text; items of a list */
	const struct fo_choice *choices;
	const char *unit;
	const char *label; /* on a form */
	const char *help;
	const char *label_zh, *help_zh, *unset_zh; /* the same in Chinese */
	const char *label_backup[2]; /* of the backup server or proxy, where a form calls it
				      * otherwise: English, Chinese */
	const char *group;	     /* of a form: item.c */
};

/* The languages of forms and of messages about values. */
enum fo_language { FO_ENGLISH, FO_CHINESE };
#define FO_LANGUAGES 2

#define FO_TEXT_MOST 255u /* bytes; fits every header that carries it */

#define FO_OPTIONS_LIMIT 128
extern const struct fo_option fo_options[];
extern const size_t fo_options_count;

/* The row of this key in this kind of section, or NULL. */
const struct fo_option *fo_option_find(enum fo_scope scope, const char *key);
/* Its number, less than FO_OPTIONS_LIMIT. */
size_t fo_option_index(const struct fo_option *option);

/* A set of options. */
struct fo_option_set {
	uint32_t bits[FO_OPTIONS_LIMIT / 32];
};
void fo_option_set_add(struct fo_option_set *set, const struct fo_option *option);
void fo_option_set_remove(struct fo_option_set *set, const struct fo_option *option);
bool fo_option_set_has(const struct fo_option_set *set, const struct fo_option *option);

bool fo_option_in(const struct fo_option *option, enum fo_scope scope);
bool fo_option_is_text(const struct fo_option *option);
bool fo_option_is_list(const struct fo_option *option);
/* What stands between the items of a list in fo_value_text(). */
char fo_option_separator(const struct fo_option *option);
/* Is it set, also if it has no value that says "not set"? */
bool fo_option_is_given(const struct fo_option *option, const void *object);
/* A member of struct failover_line_settings, which the core reads. */
bool fo_option_is_setting(const struct fo_option *option);
/* Where that one lives. */
void *fo_option_setting(const struct fo_option *option, struct failover_line_settings *settings);
/* Where the option lives in the struct of that kind of section. */
void *fo_option_field(const struct fo_option *option, enum fo_scope scope, void *object);
const void *fo_option_value(const struct fo_option *option, enum fo_scope scope,
			    const void *object);

/* On a form; of the backup's item where it has a name of its own. */
const char *fo_option_label(const struct fo_option *option, bool backup, enum fo_language language);
/* "s", "毫秒"; NULL = it has none. */
const char *fo_option_unit(const struct fo_option *option, enum fo_language language);

/* Keyword of a section: "line", "server", "proxy"; "" for the file itself. */
const char *fo_scope_name(enum fo_scope scope);
/* The section that this keyword opens inside `outer`: true and *inner. */
bool fo_scope_find(enum fo_scope outer, const char *keyword, enum fo_scope *inner);

#endif
