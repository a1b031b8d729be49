#!/bin/sh
# libre gives an SRV target of weight 0 half of the clients, beside one of weight 100.
#
# Version:     libre 1.1.0 (Debian 12), the SIP stack of baresip.
# Guess:       dns_rrlist_sort() with a random key draws targets of one priority by their weights
#              (RFC 2782); a weight of 0 has "a very small chance of being selected".
# Behaviour:   the weight is added to twelve random-looking bits made of the target's name and the
#              key, so weights up to some hundreds hardly count: 0 and 100, like 10 and 90, come out
#              half and half. 0 and 65535 is "never". Two ports of one host have the same bits:
#              there the higher weight always wins. Priorities are kept.
# Consequence: an operator who drains a server by setting its weight to 0, or lets a new one take a
#              tenth of the phones, finds half of them there. Weights of tens of thousands, another
#              priority, or taking the record out moves phones made with libre.
set -u
T=$(mktemp -d) && cd "$T" || exit 2
trap 'rm -rf "$T"' EXIT
trap 'exit 2' INT TERM
apt-get -qq download libre0=1.1.0-1+b2 libre-dev=1.1.0-1+b2 >/dev/null 2>&1 ||
	{ echo "the packages cannot be had"; exit 2; }
for f in *.deb; do dpkg -x "$f" root || exit 2; done
L=$T/root/usr/lib/$(gcc -print-multiarch)
cat >probe.c <<'E'
#include <stdio.h>
#include <re.h>

static struct dnsrr *target(struct list *list, const char *name, uint16_t priority,
			    uint16_t weight)
{
	struct dnsrr *rr = dns_rr_alloc();

	rr->type = DNS_TYPE_SRV;
	rr->rdata.srv.pri = priority;
	rr->rdata.srv.weight = weight;
	str_dup(&rr->rdata.srv.target, name);
	list_append(list, &rr->le, rr);
	return rr;
}

static void draw(uint16_t p1, uint16_t w1, uint16_t p2, uint16_t w2)
{
	unsigned first = 0;

	for (int i = 0; i < 2000; i++) {
		struct list list = LIST_INIT;
		struct dnsrr *one = target(&list, "pbx1.example.com", p1, w1);

		target(&list, "pbx2.example.com", p2, w2);
		dns_rrlist_sort(&list, DNS_TYPE_SRV, rand_u32());
		first += list_ledata(list_head(&list)) == one;
		list_flush(&list);
	}
	printf("priority %u weight %u before priority %u weight %u: %s\n", p1, w1, p2, w2,
	       first == 2000                 ? "always" :
	       first > 800 && first < 1200 ? "every other time" :
	       first < 100                 ? "hardly ever" :
					     "in its share");
}

int main(void)
{
	libre_init();
	draw(10, 100, 20, 100);
	draw(10, 10, 10, 90);
	draw(10, 0, 10, 100);
	draw(10, 0, 10, 65535);
	libre_close();
	return 0;
}
E
gcc -DHAVE_INTTYPES_H -DHAVE_STDBOOL_H -DHAVE_INET6 -I"$T/root/usr/include/re" probe.c -o probe \
	-L"$L" -Wl,-rpath,"$L" -lre || exit 2
timeout 60 ./probe >seen 2>&1
cat seen
cat >known <<'E'
priority 10 weight 100 before priority 20 weight 100: always
priority 10 weight 10 before priority 10 weight 90: every other time
priority 10 weight 0 before priority 10 weight 100: every other time
priority 10 weight 0 before priority 10 weight 65535: hardly ever
E
cmp -s seen known || exit 1
