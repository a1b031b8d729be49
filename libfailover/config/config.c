/* SPDX-License-Identifier: MIT */
/* struct failover_config: making it with its defaults, freeing it. */
#include <stdlib.h>
#include <string.h>

#include "build.h"

int fo_config_initial(enum fo_scope scope, void *object)
{
	for (size_t i = 0; i < fo_options_count; i++) {
		const struct fo_option *option = &fo_options[i];

		if (fo_option_in(option, scope) &&
		    fo_value_set_initial(option, fo_option_field(option, scope, object)))
			return FAILOVER_ERR_MEMORY;
	}
	return FAILOVER_OK;
}

static void texts_free(enum fo_scope scope, void *object)
{
	for (size_t i = 0; i < fo_options_count; i++) {
		const struct fo_option *option = &fo_options[i];

		if (fo_option_in(option, scope))
			fo_value_free(option, fo_option_field(option, scope, object));
	}
}

struct failover_config *fo_config_new(void)
{
	struct failover_config *config = calloc(1, sizeof(*config));

	if (config && fo_config_initial(FO_GLOBAL, config)) {
		failover_config_free(config);
		config = NULL;
	}
	return config;
}

void fo_config_line_free(struct failover_config_line *line)
{
	for (uint32_t i = 0; i < line->servers_count; i++)
		fo_config_server_clear(&line->servers[i]);
	for (uint32_t i = 0; i < line->proxies_count; i++)
		fo_config_proxy_clear(&line->proxies[i]);
	texts_free(FO_LINE, line);
	free(line);
}

struct failover_config_line *fo_config_line_new(uint32_t number)
{
	struct failover_config_line *line = calloc(1, sizeof(*line));

	if (!line)
		return NULL;
	line->number = number;
	line->settings.size = sizeof(line->settings);
	if (fo_config_initial(FO_LINE, line)) {
		fo_config_line_free(line);
		return NULL;
	}
	return line;
}

void fo_config_server_clear(struct failover_config_server *server)
{
	texts_free(FO_SERVER, server);
	free(server->name);
	memset(server, 0, sizeof(*server));
}

void fo_config_proxy_clear(struct failover_config_proxy *proxy)
{
	texts_free(FO_PROXY, proxy);
	free(proxy->name);
	memset(proxy, 0, sizeof(*proxy));
}

void failover_config_free(struct failover_config *config)
{
	if (!config)
		return;
	for (uint32_t i = 0; i < config->lines_count; i++)
		fo_config_line_free(config->lines[i]);
	free(config->lines);
	for (uint32_t i = 0; i < config->empty.count; i++)
		free(config->empty.text[i]);
	free(config->empty.text);
	texts_free(FO_GLOBAL, config);
	free(config);
}
