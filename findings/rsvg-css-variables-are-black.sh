#!/bin/sh
# rsvg-convert draws what is coloured by a CSS variable in black.
#
# Version:     librsvg2-bin 2.54.7 (Debian 12).
# Guess:       an SVG with a style sheet is drawn as in a browser, or a warning says that a
#              property is not known.
# Behaviour:   fill:var(--paper) is ignored as if the rule were not there, so the shape has the
#              initial colour, black; nothing is said and the exit status is 0. The same colour
#              written out is right. A fallback, var(--paper,#fff), is ignored as well.
# Consequence: a picture that changes with light and dark, the usual use of variables, is black
#              on black in every document that is made with librsvg, and right in each browser that its
#              author looks at. Colours are to be written out, once more for dark.
set -u
T=$(mktemp -d) && cd "$T" || exit 2
trap 'rm -rf "$T"' EXIT
trap 'exit 2' INT TERM
v=2.54.7+dfsg-1~deb12u1
apt-get -qq download librsvg2-bin=$v librsvg2-2=$v libcairo2 libcairo-gobject2 libgdk-pixbuf-2.0-0 \
	libpango-1.0-0 libpangocairo-1.0-0 libpangoft2-1.0-0 libglib2.0-0 libxml2 libpng16-16 \
	libfreetype6 libfontconfig1 libharfbuzz0b libfribidi0 libthai0 libdatrie1 libgraphite2-3 \
	libpixman-1-0 libxcb1 libxcb-render0 libxcb-shm0 libxrender1 libx11-6 libxext6 libxau6 \
	libxdmcp6 libbsd0 libmd0 libpcre2-8-0 libicu72 libjpeg62-turbo libtiff6 libffi8 libmount1 \
	libblkid1 libselinux1 libexpat1 libbrotli1 >/dev/null 2>&1 ||
	{ echo "the packages cannot be had"; exit 2; }
for f in *.deb; do dpkg -x "$f" root || exit 2; done
L="$T/root/usr/lib/$(gcc -print-multiarch):$T/root/lib/$(gcc -print-multiarch)"
cat >pixel.pl <<'E'
use strict;
use Compress::Zlib;
local $/;
my $data = <STDIN>;
die "no picture\n" unless substr($data, 1, 3) eq 'PNG';
my ($packed, $at) = ('', 8);
while ($at < length $data) {
	my ($size, $type) = unpack 'Na4', substr $data, $at, 8;
	$packed .= substr $data, $at + 8, $size if $type eq 'IDAT';
	$at += 12 + $size;
}
printf "%s #%s\n", $ARGV[0], unpack 'H6', substr uncompress($packed), 1;
E
pixel() { # title, colour
	printf '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><style>svg{--paper:#fff}' >in.svg
	printf 'rect{fill:%s}</style><rect width="8" height="8"/></svg>' "$2" >>in.svg
	LD_LIBRARY_PATH=$L HOME=$T timeout 60 root/usr/bin/rsvg-convert in.svg -o out.png 2>>log
	echo "$1: exit status $?" && perl pixel.pl "$1" <out.png
}
{
	pixel written '#fff'
	pixel variable 'var(--paper)'
	pixel fallback 'var(--paper,#fff)'
} >seen 2>&1
cat seen log
grep -q '^written #ffffff' seen || exit 2
grep -q '^variable #000000' seen && grep -q '^fallback #000000' seen && [ ! -s log ] || exit 1
