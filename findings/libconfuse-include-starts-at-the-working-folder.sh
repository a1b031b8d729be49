#!/bin/sh
# libconfuse looks for an included file in the working folder, not beside the file that includes it.
#
# Version:     libconfuse 3.3 (Debian 12), its own cfg_include().
# Guess:       include("more.conf") in etc/main.conf means etc/more.conf, as in most formats.
# Behaviour:   the name is opened as it stands, from the working folder of the process. A search path
#              (cfg_add_searchpath) helps, and then the main file is looked for there as well, and no
#              longer in the working folder.
# Consequence: started by hand in /etc/product the daemon reads its files. Started by init, or
#              reloaded after daemon() has changed to "/", the same configuration is refused; or a
#              file of the same name in the current folder is read in its stead.
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
	(void)cfg;
	vprintf(format, arguments);
	printf("; ");
}

int main(int count, char **arguments)
{
	cfg_opt_t options[] = {CFG_STR("value", "none", CFGF_NONE), CFG_FUNC("include", cfg_include), CFG_END()};
	cfg_t *cfg = cfg_init(options, CFGF_NONE);
	int result;

	cfg_set_error_function(cfg, complaint);
	if (count > 2)
		cfg_add_searchpath(cfg, arguments[2]);
	result = cfg_parse(cfg, arguments[1]);
	printf("%s\n", result == CFG_SUCCESS ? cfg_getstr(cfg, "value") : "refused");
	cfg_free(cfg);
	return 0;
}
E
gcc -I"$T/root/usr/include" probe.c -o probe -L"$L" -Wl,-rpath,"$L" -lconfuse || exit 2
mkdir etc
echo 'include("more.conf")' >etc/main.conf
echo 'value = "of etc"' >etc/more.conf
{
	echo "in etc, main.conf: $(cd etc && timeout 60 ../probe main.conf)"
	echo "above it, etc/main.conf: $(timeout 60 ./probe etc/main.conf)"
	echo "above it, search path etc, etc/main.conf: $(timeout 60 ./probe etc/main.conf etc)"
	echo "above it, search path etc, main.conf: $(timeout 60 ./probe main.conf etc)"
	echo 'value = "of the working folder"' >more.conf
	echo "the same name in both, etc/main.conf: $(timeout 60 ./probe etc/main.conf)"
} >seen 2>&1
cat seen
cat >known <<'E'
in etc, main.conf: of etc
above it, etc/main.conf: more.conf: No such file or directory; refused
above it, search path etc, etc/main.conf: refused
above it, search path etc, main.conf: of etc
the same name in both, etc/main.conf: of the working folder
E
cmp -s seen known || exit 1
