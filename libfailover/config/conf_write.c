/* SPDX-License-Identifier: MIT */
/* Writing a libconfuse file. */
#include <string.h>

#include "write.h"

struct conf {
	struct fo_writer writer; /* first: the walk knows only this */
	FILE *out;
	int depth;
};

static FILE *begin(struct fo_writer *writer)
{
	struct conf *conf = (struct conf *)writer;

	for (int i = 0; i < conf->depth; i++)
		fputc('\t', conf->out);
	return conf->out;
}

static int nothing(struct fo_writer *writer)
{
	(void)writer;
	return FAILOVER_OK;
}

static int group(struct fo_writer *writer, const char *keyword)
{
	(void)writer;
	(void)keyword;
	return FAILOVER_OK;
}

static int section(struct fo_writer *writer, const char *keyword, const char *name)
{
	fprintf(begin(writer), "%s %s {\n", keyword, name);
	((struct conf *)writer)->depth++;
	return FAILOVER_OK;
}

static int section_end(struct fo_writer *writer)
{
	((struct conf *)writer)->depth--;
	fputs("}\n", begin(writer));
	return FAILOVER_OK;
}

/* libconfuse replaces ${NAME} in double quotes, not in single ones. */
static void quoted(FILE *out, const char *text)
{
	char quote = strstr(text, "${") ? '\'' : '"';

	fputc(quote, out);
	for (; *text; text++) {
		if (*text == quote || *text == '\\')
			fputc('\\', out);
		fputc(*text, out);
	}
	fputc(quote, out);
}

/* Words of a known kind as they are, texts in quotes. */
static void list(FILE *out, const struct fo_option *option, const char *joined)
{
	const char separator[2] = { fo_option_separator(option), '\0' };
	const char *between = " ";

	fputs("{", out);
	while (*joined) {
		size_t length = strcspn(joined, separator);
		char word[FO_TEXT_MOST + 1];

		snprintf(word, sizeof(word), "%.*s", (int)length, joined);
		fputs(between, out);
		if (option->type == FO_TYPE_METHODS || option->type == FO_TYPE_CODES)
			fputs(word, out);
		else
			quoted(out, word);
		joined += length + (joined[length] != '\0');
		between = ", ";
	}
	fputs(" }", out);
}

void fo_conf_value(FILE *out, const struct fo_option *option, const char *text)
{
	if (fo_option_is_list(option))
		list(out, option, text);
	else if (fo_option_is_text(option))
		quoted(out, text);
	else
		fputs(text, out);
}

static int item(struct fo_writer *writer, const struct fo_option *option, const char *text)
{
	FILE *out = begin(writer);

	fprintf(out, "%s = ", option->key);
	fo_conf_value(out, option, text);
	fputc('\n', out);
	return ferror(out) ? FAILOVER_ERR_IO : FAILOVER_OK;
}

int fo_conf_write(const struct failover_config *config, FILE *stream)
{
	struct conf conf = {
		.writer = { .start = nothing,
			    .group = group,
			    .section = section,
			    .item = item,
			    .section_end = section_end,
			    .group_end = nothing,
			    .end = nothing },
		.out = stream,
	};

	return fo_write_walk(config, &conf.writer);
}
