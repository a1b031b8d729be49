#!/bin/sh
# libconfuse reads "number = +15550100" as 15550100 and "code = *21" as 21.
#
# Version:     libconfuse 3.3 (Debian 12).
# Guess:       a word without quotes is taken as it stands, or refused with an error.
# Behaviour:   "+" and "*" at the beginning of a word, and "#" with all that follows it anywhere in
#              a word, are left out. The file is accepted, no error function is called. The lexer
#              knows "+=" and comments, and drops what remains of them.
# Consequence: E.164 numbers and feature codes are what telephone settings are made of. The user
#              +15550100 registers as 15550100, which is unknown there (403 or 404); the code *21#
#              becomes a call to extension 21; a password is cut at its "#". Inside a word "*"
#              and "+" are an error, so a short test with "1+2" suggests that all is well.
set -u
T=$(mktemp -d) && cd "$T" || exit 2
trap 'rm -rf "$T"' EXIT
trap 'exit 2' INT TERM
apt-get -qq download libconfuse2=3.3-3 libconfuse-dev=3.3-3 >/dev/null 2>&1 ||
	{ echo "the packages cannot be had"; exit 2; }
for f in *.deb; do dpkg -x "$f" root || exit 2; done
L=$T/root/usr/lib/$(gcc -print-multiarch)
cat >probe.c <<'E'
#include <confuse.h>
#include <stdio.h>

static void complaint(cfg_t *cfg, const char *format, va_list arguments)
{
	(void)cfg, (void)format, (void)arguments;
	printf("error: ");
}

static void item(const char *line)
{
	cfg_opt_t options[] = {CFG_STR("value", "none", CFGF_NONE), CFG_END()};
	cfg_t *cfg = cfg_init(options, CFGF_NONE);
	int result;

	cfg_set_error_function(cfg, complaint);
	result = cfg_parse_buf(cfg, line);
	if (result)
		printf("%s\n", line);
	else
		printf("%s -> <%s>\n", line, cfg_getstr(cfg, "value"));
	cfg_free(cfg);
}

int main(void)
{
	item("value = +15550100");
	item("value = \"+15550100\"");
	item("value = *21");
	item("value = *21#");
	item("value = ab#cd");
	item("value = !x");
	item("value = 1+2");
	return 0;
}
E
gcc -I"$T/root/usr/include" probe.c -o probe -L"$L" -Wl,-rpath,"$L" -lconfuse || exit 2
timeout 60 ./probe >seen 2>&1
cat seen
cat >known <<'E'
value = +15550100 -> <15550100>
value = "+15550100" -> <+15550100>
value = *21 -> <21>
value = *21# -> <21>
value = ab#cd -> <ab>
value = !x -> <!x>
error: value = 1+2
E
cmp -s seen known || exit 1
