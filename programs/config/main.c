/* SPDX-License-Identifier: MIT */
/* failover-config: check configuration files, convert one into another format, also phones' own. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "translate.h"

#include "explain.h"

#define VENDOR_SUFFIX ".vendor"

/* Fixed: other people's scripts rely on them. */
enum status { STATUS_GOOD = 0, STATUS_ELSE = 1, STATUS_BAD = 2 };

static const char usage_text[] = "Usage: failover-config check FILE...\n"
				 "       failover-config convert IN OUT\n"
				 "       failover-config explain FILE [--json]\n"
				 "       failover-config import VENDOR-FILE OUT\n"
				 "       failover-config export IN VENDOR-FILE\n"
				 "       failover-config translate --from VENDOR IN OUT\n"
				 "       failover-config --help | --version\n";

static void print_error(void *user, const struct failover_config_error *error)
{
	(void)user;
	fputs(error->file, stderr);
	if (error->line)
		fprintf(stderr, ":%u", error->line);
	if (error->column)
		fprintf(stderr, ":%u", error->column);
	fprintf(stderr, ": %s\n", error->text);
}

/* Errors that were not reported yet get a line of their own. */
static enum status status_of(const char *path, int error)
{
	if (error == FAILOVER_OK)
		return STATUS_GOOD;
	if (error == FAILOVER_ERR_ARGUMENT)
		return STATUS_BAD;
	if (error != FAILOVER_ERR_IO)
		fprintf(stderr, "%s: %s\n", path, failover_strerror(error));
	return STATUS_ELSE;
}

static enum status check_file(const char *path)
{
	struct failover_config *config;
	enum status status =
		status_of(path, failover_config_read(path, print_error, NULL, &config));

	if (status == STATUS_GOOD) {
		int warnings = failover_config_warn(config, path, print_error, NULL);

		status = status_of(path, warnings < 0 ? warnings : FAILOVER_OK);
		printf("%s: ok, %u line%s\n", path, config->lines_count,
		       config->lines_count == 1 ? "" : "s");
	}
	failover_config_free(config);
	return status;
}

/* All files are checked; the status is that of the worst: a bad file before an unreadable one. */
static enum status check(int count, char **paths)
{
	enum status worst = STATUS_GOOD;

	for (int i = 0; i < count; i++) {
		enum status status = check_file(paths[i]);

		if (status > worst)
			worst = status;
	}
	return worst;
}

static enum status explain(const char *path, bool json)
{
	struct failover_config *config;
	enum status status =
		status_of(path, failover_config_read(path, print_error, NULL, &config));

	if (status == STATUS_GOOD && json)
		explain_json(config, path);
	else if (status == STATUS_GOOD)
		explain_text(config, path);
	failover_config_free(config);
	return status;
}

static enum status convert(const char *in, const char *base, const char *out)
{
	struct failover_config *config;
	enum status status = status_of(in, failover_config_read(in, print_error, NULL, &config));

	if (status == STATUS_GOOD)
		status = status_of(
			out, failover_config_write_onto(config, base, out, print_error, NULL));
	failover_config_free(config);
	return status;
}

static bool has_suffix(const char *path, const char *suffix)
{
	const char *dot = strrchr(path, '.');

	return dot && strcmp(dot, suffix) == 0;
}

static bool is_vendor(const char *path)
{
	return has_suffix(path, ".txt") || has_suffix(path, ".xml") ||
	       has_suffix(path, VENDOR_SUFFIX);
}

/* "OUT.vendor" or "OUT.vendor.xml", where the phone's own file is kept for an export. NULL and a
 * message: no memory. */
static char *kept_name(const char *path, const char *vendor_path)
{
	const char *more = has_suffix(vendor_path, ".xml") ? ".xml" : "";
	size_t size = strlen(path) + sizeof(VENDOR_SUFFIX) + strlen(more);
	char *name = malloc(size);

	if (name)
		snprintf(name, size, "%s" VENDOR_SUFFIX "%s", path, more);
	else
		fprintf(stderr, "%s: %s\n", path, failover_strerror(FAILOVER_ERR_MEMORY));
	return name;
}

static enum status import(const char *in, const char *out)
{
	char *kept = kept_name(out, in);
	enum status status = STATUS_BAD;

	if (!kept)
		return STATUS_ELSE;
	if (!is_vendor(in) || is_vendor(out))
		fprintf(stderr, "%s: import reads a .txt or .xml and writes a .conf or .yaml\n",
			in);
	else
		status = convert(in, NULL, out);
	if (status == STATUS_GOOD)
		status = convert(in, in, kept);
	free(kept);
	return status;
}

/* Onto the phone's own file, as far as there is one: what we know nothing of stays. */
static enum status export(const char *in, const char *out) {
	char *kept = kept_name(in, out); const char *base = access(out, F_OK) == 0 ? out : NULL;
	enum status status = STATUS_BAD;

	if (!kept) return STATUS_ELSE;
	if (!base && access(kept, F_OK) == 0) base = kept;
	if (is_vendor(in) || !is_vendor(out))
		fprintf(stderr, "%s: export reads a .conf or .yaml and writes a .txt or .xml\n",
			in);
	else status = convert(in, base, out);
	free(kept);
	return status;
}

static enum status help(void)
{
	fputs(usage_text, stdout);
	fputs("\n"
	      "check    read the files and say what is wrong in them, if anything; warn of what "
	      "is\n"
	      "         hardly meant, such as a backup that is the primary server\n"
	      "explain  what each line does, and when, while its servers are silent: the worst\n"
	      "         case, for people or as JSON\n"
	      "convert  read IN and write the same configuration to OUT; mode 0600\n"
	      "import   the same from a phone's own file, which is kept as OUT.vendor\n"
	      "export   into a phone's own file: what is there already, else IN.vendor, else a\n"
	      "         new one; all that the configuration does not say stays as it is\n"
	      "translate  read a file of another vendor's phone (yealink, poly, cisco,\n"
	      "         grandstream), write what it says of lines and servers to OUT, and say of\n"
	      "         each key whether it was taken as is, as the nearest, or not, and why\n"
	      "\n"
	      "The suffix says the format: .conf (libconfuse), .yaml or .yml (YAML), .txt (a\n"
	      "phone's text that begins with <<VOIP CONFIG FILE>>), .xml (its XML, <sysConf>).\n"
	      "Exit status: 0 good, 2 bad usage or configuration, 1 anything else.\n"
	      "\n"
	      "Items of a configuration\n"
	      "\n",
	      stdout);
	return failover_config_help(stdout) ? STATUS_ELSE : STATUS_GOOD;
}

static enum status run(int argc, char **argv)
{
	const char *command = argc > 1 ? argv[1] : "";

	if (strcmp(command, "--help") == 0 || strcmp(command, "-h") == 0)
		return help();
	if (strcmp(command, "--version") == 0) {
		printf("failover-config %s\n", failover_version());
		return STATUS_GOOD;
	}
	if (strcmp(command, "check") == 0 && argc > 2)
		return check(argc - 2, argv + 2);
	if (strcmp(command, "explain") == 0 && argc == 3)
		return explain(argv[2], false);
	if (strcmp(command, "explain") == 0 && argc == 4 && strcmp(argv[3], "--json") == 0)
		return explain(argv[2], true);
	if (strcmp(command, "convert") == 0 && argc == 4)
		return convert(argv[2], is_vendor(argv[2]) ? argv[2] : NULL, argv[3]);
	if (strcmp(command, "import") == 0 && argc == 4)
		return import(argv[2], argv[3]);
	if (strcmp(command, "export") == 0 && argc == 4)
		return export(argv[2], argv[3]);
	if (strcmp(command, "translate") == 0 && argc == 6 && strcmp(argv[2], "--from") == 0)
		return status_of(argv[4], translate(argv[3], argv[4], argv[5], print_error));
	fputs(usage_text, stderr);
	return STATUS_BAD;
}

int main(int argc, char **argv)
{
	enum status status = run(argc, argv);

	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "failover-config: %s\n", strerror(errno));
		return STATUS_ELSE;
	}
	return status;
}
