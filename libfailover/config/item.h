/* SPDX-License-Identifier: MIT */
/* The groups of a form. */
#ifndef FO_CONFIG_ITEM_H
#define FO_CONFIG_ITEM_H

#include "value.h"

/* "basic", "server.backup"; NULL = there is none of that name. */
const struct failover_config_group *fo_group_find(const char *id);

#endif
