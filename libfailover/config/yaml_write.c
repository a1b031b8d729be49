/* SPDX-License-Identifier: MIT */
/* Writing a YAML file, with libyaml's emitter. */
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "write.h"

struct yaml {
	struct fo_writer writer; /* first: the walk knows only this */
	yaml_emitter_t emitter;
};

/* `made` says whether the event could be initialised; emitting takes it over. */
static int emit(struct fo_writer *writer, yaml_event_t *event, int made)
{
	yaml_emitter_t *emitter = &((struct yaml *)writer)->emitter;

	if (!made)
		return FAILOVER_ERR_MEMORY;
	if (yaml_emitter_emit(emitter, event))
		return FAILOVER_OK;
	return emitter->error == YAML_MEMORY_ERROR ? FAILOVER_ERR_MEMORY : FAILOVER_ERR_IO;
}

static int emit_scalar(struct fo_writer *writer, const char *text, yaml_scalar_style_t style)
{
	yaml_event_t event;

	return emit(writer, &event,
		    yaml_scalar_event_initialize(&event, NULL, NULL, (const yaml_char_t *)text,
						 (int)strlen(text), 1, 1, style));
}

static int mapping_start(struct fo_writer *writer)
{
	yaml_event_t event;

	return emit(writer, &event,
		    yaml_mapping_start_event_initialize(&event, NULL, NULL, 1,
							YAML_BLOCK_MAPPING_STYLE));
}

static int mapping_end(struct fo_writer *writer)
{
	yaml_event_t event;

	return emit(writer, &event, yaml_mapping_end_event_initialize(&event));
}

static int document_start(struct fo_writer *writer)
{
	yaml_event_t event;
	int error = emit(writer, &event,
			 yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING));

	if (!error)
		error = emit(writer, &event,
			     yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1));
	return error;
}

static int start(struct fo_writer *writer)
{
	int error = document_start(writer);

	return error ? error : mapping_start(writer);
}

static int document_end(struct fo_writer *writer)
{
	yaml_event_t event;
	int error = emit(writer, &event, yaml_document_end_event_initialize(&event, 1));

	if (!error)
		error = emit(writer, &event, yaml_stream_end_event_initialize(&event));
	return error;
}

static int end(struct fo_writer *writer)
{
	int error = mapping_end(writer);

	return error ? error : document_end(writer);
}

static int group(struct fo_writer *writer, const char *keyword)
{
	int error = emit_scalar(writer, keyword, YAML_PLAIN_SCALAR_STYLE);

	return error ? error : mapping_start(writer);
}

static int section(struct fo_writer *writer, const char *keyword, const char *name)
{
	(void)keyword;
	return group(writer, name);
}

static int list(struct fo_writer *writer, const struct fo_option *option, const char *joined)
{
	const char separator[2] = { fo_option_separator(option), '\0' };
	bool plain = option->type == FO_TYPE_METHODS || option->type == FO_TYPE_CODES;
	yaml_event_t event;
	int error = emit(writer, &event,
			 yaml_sequence_start_event_initialize(&event, NULL, NULL, 1,
							      YAML_FLOW_SEQUENCE_STYLE));

	while (*joined && !error) {
		size_t length = strcspn(joined, separator);
		char word[FO_TEXT_MOST + 1];

		snprintf(word, sizeof(word), "%.*s", (int)length, joined);
		error = emit_scalar(writer, word,
				    plain ? YAML_PLAIN_SCALAR_STYLE
					  : YAML_DOUBLE_QUOTED_SCALAR_STYLE);
		joined += length + (joined[length] != '\0');
	}
	return error ? error : emit(writer, &event, yaml_sequence_end_event_initialize(&event));
}

static int value(struct fo_writer *writer, const struct fo_option *option, const char *text)
{
	if (fo_option_is_list(option))
		return list(writer, option, text);
	return emit_scalar(writer, text,
			   fo_option_is_text(option) ? YAML_DOUBLE_QUOTED_SCALAR_STYLE
						     : YAML_PLAIN_SCALAR_STYLE);
}

static int item(struct fo_writer *writer, const struct fo_option *option, const char *text)
{
	int error = emit_scalar(writer, option->key, YAML_PLAIN_SCALAR_STYLE);

	return error ? error : value(writer, option, text);
}

static void emitter_set(yaml_emitter_t *emitter, FILE *stream)
{
	yaml_emitter_set_output_file(emitter, stream);
	yaml_emitter_set_unicode(emitter, 1);
	yaml_emitter_set_width(emitter, -1);
}

/* The value as a document of its own, without the end of its line. */
int fo_yaml_value(FILE *out, const struct fo_option *option, const char *text)
{
	struct yaml yaml = { .writer = { .start = NULL } };
	struct fo_writer *writer = &yaml.writer;
	char *document = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&document, &size);
	int error, closed;

	if (!stream || !yaml_emitter_initialize(&yaml.emitter)) {
		if (stream)
			fclose(stream);
		free(document);
		return FAILOVER_ERR_MEMORY;
	}
	emitter_set(&yaml.emitter, stream);
	error = document_start(writer);
	if (!error)
		error = value(writer, option, text);
	if (!error)
		error = document_end(writer);
	yaml_emitter_delete(&yaml.emitter);
	closed = fclose(stream) ? FAILOVER_ERR_MEMORY : FAILOVER_OK;
	error = error ? error : closed;
	if (!error)
		fwrite(document, 1, strcspn(document, "\n"), out);
	if (document)
		explicit_bzero(document, size);
	free(document);
	return error;
}

int fo_yaml_write(const struct failover_config *config, FILE *stream)
{
	struct yaml yaml = {
		.writer = { .start = start,
			    .group = group,
			    .section = section,
			    .item = item,
			    .section_end = mapping_end,
			    .group_end = mapping_end,
			    .end = end },
	};
	int error;

	if (!yaml_emitter_initialize(&yaml.emitter))
		return FAILOVER_ERR_MEMORY;
	emitter_set(&yaml.emitter, stream);
	error = fo_write_walk(config, &yaml.writer);
	yaml_emitter_delete(&yaml.emitter);
	return error;
}
