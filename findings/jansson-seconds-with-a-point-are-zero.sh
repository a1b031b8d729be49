#!/bin/sh
# jansson's json_integer_value() of 3600.0 is 0.
#
# Version:     jansson 2.14 (Debian 12).
# Guess:       JSON has one kind of number; 3600.0 and 3.6e3 are the integer 3600 for whoever asks
#              for an integer, or the getter shows that something is wrong.
# Behaviour:   a number written with a point or an exponent is of another type, and the getter
#              answers 0, as it does for text. json_unpack() with "i" fails, with "I" too.
# Consequence: settings made by a program whose numbers are all floats carry {"expires": 3600.0}.
#              Read with the getter, the phone asks for Expires 0: it removes its binding instead
#              of renewing it. json_number_value() takes both kinds.
set -u
T=$(mktemp -d) && cd "$T" || exit 2
trap 'rm -rf "$T"' EXIT
trap 'exit 2' INT TERM
apt-get -qq download libjansson4=2.14-2 libjansson-dev=2.14-2 >/dev/null 2>&1 ||
	{ echo "the packages cannot be had"; exit 2; }
for f in *.deb; do dpkg -x "$f" root || exit 2; done
L=$T/root/usr/lib/$(gcc -print-multiarch)
cat >probe.c <<'E'
#include <jansson.h>
#include <stdio.h>

static void number(const char *text)
{
	json_t *root = json_loads(text, 0, NULL);
	json_t *expires = json_object_get(root, "expires");
	json_int_t unpacked = -1;
	int result = json_unpack(root, "{s:I}", "expires", &unpacked);

	printf("%s -> getter %lld, unpack %s, number %g\n", text,
	       (long long)json_integer_value(expires), result ? "fails" : "ok",
	       json_number_value(expires));
	json_decref(root);
}

int main(void)
{
	number("{\"expires\": 3600}");
	number("{\"expires\": 3600.0}");
	number("{\"expires\": 3.6e3}");
	return 0;
}
E
gcc -I"$T/root/usr/include" -I"$T/root/usr/include/$(gcc -print-multiarch)" probe.c -o probe \
	-L"$L" -Wl,-rpath,"$L" -ljansson || exit 2
timeout 60 ./probe >seen 2>&1
cat seen
cat >known <<'E'
{"expires": 3600} -> getter 3600, unpack ok, number 3600
{"expires": 3600.0} -> getter 0, unpack fails, number 3600
{"expires": 3.6e3} -> getter 0, unpack fails, number 3600
E
cmp -s seen known || exit 1
