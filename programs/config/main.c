/* SPDX-License-Identifier: MIT */
/* failover-config: check configuration files, convert one into another format. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <failover/config.h>

/* Fixed: other people's scripts rely on them. */
enum status { STATUS_GOOD = 0, STATUS_ELSE = 1, STATUS_BAD = 2 };

static const char usage_text[] = "Usage: failover-config check FILE...\n"
				 "       failover-config convert IN OUT\n"
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

static enum status convert(const char *in, const char *out)
{
	struct failover_config *config;
	enum status status = status_of(in, failover_config_read(in, print_error, NULL, &config));

	if (status == STATUS_GOOD)
		status = status_of(out, failover_config_write(config, out, print_error, NULL));
	failover_config_free(config);
	return status;
}

static enum status help(void)
{
	fputs(usage_text, stdout);
	fputs("\n"
	      "check    read the files and say what is wrong in them, if anything; warn of what "
	      "is\n"
	      "         hardly meant, such as a backup that is the primary server\n"
	      "convert  read IN and write the same configuration to OUT; mode 0600\n"
	      "\n"
	      "The suffix says the format: .conf (libconfuse), .yaml or .yml (YAML).\n"
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
	if (strcmp(command, "convert") == 0 && argc == 4)
		return convert(argv[2], argv[3]);
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
