#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# A registrar and proxy of Net::SIP with what it does by itself: 423 without Min-Expires, at most 300 s,
# users looked up by the text of the Request-URI. usage: netsip-server.pl ADDRESS
use strict;
use warnings;
use Net::SIP;

my ($address) = @ARGV;
my $ua = Net::SIP::Simple->new(legs => ["sip:$address:5060"], domain => $address);
my $registrar = $ua->create_registrar(domain => $address);
my $proxy = $ua->create_stateless_proxy;
$ua->create_chain([$registrar, $proxy]);
print STDERR "listening\n";
$ua->loop;
