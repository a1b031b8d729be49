/* SPDX-License-Identifier: MIT */
/* loader.c - finds a plugin, reads its descriptor before any of its code runs, and says why not. */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <failover/failover.h>
#include "../core/sized.h"
#include "config.h"
#ifdef HAVE_DLOPEN
#include <dlfcn.h>
#endif

static int refuse(const char *name, const char *reason, char *why, size_t why_size)
{
	if (why)
		snprintf(why, why_size, "plugin %s: %s", name, reason);
	return FAILOVER_ERR_PLUGIN;
}

static int refuse_number(const char *name, const char *what, unsigned has, unsigned wants,
			 char *why, size_t why_size)
{
	char reason[128];

	snprintf(reason, sizeof(reason), "its %s is %u, this library needs %u", what, has, wants);
	return refuse(name, reason, why, why_size);
}

int failover_plugin_check(const struct failover_plugin *plugin, const char *name, char *why,
			  size_t why_size)
{
	const uint32_t least = FO_SIZE_WITH(struct failover_plugin, get_extension);
	const char *missing = NULL;

	if (plugin->abi != FAILOVER_PLUGIN_ABI)
		return refuse_number(name, "abi", plugin->abi, FAILOVER_PLUGIN_ABI, why, why_size);
	if (plugin->size < least)
		return refuse_number(name, "descriptor's size", plugin->size, least, why, why_size);
	if (!plugin->id || !plugin->id[0] || !plugin->version || !plugin->stack || !plugin->license)
		return refuse(name, "id, version, stack or license is missing", why, why_size);
	if (!plugin->open)
		missing = "the hook open is missing";
	else if (!plugin->close)
		missing = "the hook close is missing";
	else if (!plugin->send)
		missing = "the hook send is missing";
	else if (!plugin->timeout)
		missing = "the hook timeout is missing";
	else if (!plugin->response)
		missing = "the hook response is missing";
	return missing ? refuse(name, missing, why, why_size) : FAILOVER_OK;
}

#ifdef HAVE_DLOPEN
int failover_plugin_load(const char *name, const char *directory,
			 const struct failover_plugin **plugin, void **handle, char *why,
			 size_t why_size)
{
	char path[PATH_MAX];
	int length, error;

	if (strchr(name, '/'))
		length = snprintf(path, sizeof(path), "%s", name);
	else
		length =
			snprintf(path, sizeof(path), "%s/%s.so", directory ? directory : ".", name);
	if (length < 0 || (size_t)length >= sizeof(path))
		return refuse(name, "its path is too long", why, why_size);
	*handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!*handle)
		return refuse(name, dlerror(), why, why_size);
	*plugin = dlsym(*handle, FAILOVER_PLUGIN_SYMBOL);
	if (*plugin)
		error = failover_plugin_check(*plugin, name, why, why_size);
	else
		error = refuse(name, "it exports no " FAILOVER_PLUGIN_SYMBOL, why, why_size);
	if (error) {
		dlclose(*handle);
		*handle = NULL;
	}
	return error;
}

void failover_plugin_unload(void *handle)
{
	if (handle)
		dlclose(handle);
}
#else
int failover_plugin_load(const char *name, const char *directory,
			 const struct failover_plugin **plugin, void **handle, char *why,
			 size_t why_size)
{
	(void)directory;
	(void)plugin;
	*handle = NULL;
	refuse(name, "this build cannot load plugins, link it in", why, why_size);
	return FAILOVER_ERR_UNSUPPORTED;
}

void failover_plugin_unload(void *handle)
{
	(void)handle;
}
#endif
