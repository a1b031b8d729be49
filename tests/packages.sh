# shellcheck shell=sh
# packages.sh - sourced by scripts: installs what they need, on Debian and its kin.
#
#   . tests/packages.sh
#   need_packages build programs
#
# Returns 0 when everything is there. Where it cannot install (no apt, no root, no sudo) it says
# what is missing and returns 1.

# Where npm came from elsewhere, Debian's would be in its way.
packages_of_npm() {
	command -v npm >/dev/null 2>&1 || echo "nodejs npm"
}

packages_of() {
	case $1 in
	build) echo "build-essential autoconf automake libtool pkg-config libosip2-dev" \
		"libconfuse-dev libyaml-dev libexpat1-dev libssl-dev libc-ares-dev" ;;
	programs) echo "libevent-dev libjansson-dev" ;;
	stacks) echo "libsofia-sip-ua-dev libre-dev libbellesip-dev" ;;
	tests) echo "check openssl clang libclang-rt-14-dev valgrind universal-ctags" \
		"abigail-tools" ;;
	e2e) echo "sip-tester kamailio kamailio-tls-modules knot knot-dnsutils openssl nftables tshark" \
		"iproute2 procps util-linux python3 perl libnet-sip-perl libio-socket-ssl-perl" \
		"$(packages_of_npm)" ;;
	machines) echo "qemu-user musl-tools gcc-arm-linux-gnueabihf libc6-dev-armhf-cross" \
		"gcc-mips-linux-gnu libc6-dev-mips-cross gcc-s390x-linux-gnu libc6-dev-s390x-cross" ;;
	*)
		echo "packages.sh: no group $1; there are build, programs, stacks, tests, e2e and machines" >&2
		return 1
		;;
	esac
}

# Those of the given packages that are not installed, blank-separated.
packages_missing() {
	for package; do
		status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || status=
		[ "$status" = installed ] || printf '%s ' "$package"
	done
}

packages_install() {
	as_root=
	if [ "$(id -u)" != 0 ]; then
		command -v sudo >/dev/null 2>&1 || return 1
		as_root=sudo
	fi
	$as_root apt-get update -q &&
		$as_root env DEBIAN_FRONTEND=noninteractive \
			apt-get install -q -y --no-install-recommends "$@"
}

need_packages() {
	wanted=
	for group; do
		packages=$(packages_of "$group") || return 1
		wanted="$wanted $packages"
	done
	if ! command -v dpkg-query >/dev/null 2>&1 || ! command -v apt-get >/dev/null 2>&1; then
		need_packages_elsewhere "$@"
		return
	fi
	# shellcheck disable=SC2086 # a list of words
	missing=$(packages_missing $wanted)
	[ -n "$missing" ] || return 0
	echo "installing: $missing"
	# shellcheck disable=SC2086
	if packages_install $missing; then
		return 0
	fi
	echo "These Debian packages are missing and could not be installed: $missing" >&2
	return 1
}

# Prints the program if there is none of that name.
program_missing() {
	command -v "$1" >/dev/null 2>&1 || printf '%s ' "$1"
}

module_missing() {
	pkg-config --exists "$1" 2>/dev/null || printf '%s ' "$1"
}

# Not Debian: look for the things themselves and name what is not there.
need_packages_elsewhere() {
	lacking=
	for group; do
		case $group in
		build)
			programs="cc make autoconf automake libtoolize pkg-config"
			modules="libosip2 libconfuse yaml-0.1 libssl libcrypto libcares"
			;;
		programs)
			programs=
			modules="libevent_core jansson"
			;;
		stacks)
			programs=
			modules="sofia-sip-ua libre belle-sip"
			;;
		tests)
			programs="clang openssl valgrind ctags abidiff"
			modules=check
			;;
		e2e)
			programs="sipp kamailio knotd kdig openssl nft tshark ip python3 perl npm"
			modules=
			;;
		machines)
			programs="musl-gcc arm-linux-gnueabihf-gcc mips-linux-gnu-gcc s390x-linux-gnu-gcc"
			programs="$programs qemu-arm qemu-mips qemu-s390x"
			modules=
			;;
		esac
		for name in $programs; do
			lacking="$lacking$(program_missing "$name")"
		done
		for name in $modules; do
			lacking="$lacking$(module_missing "$name")"
		done
	done
	[ -n "$lacking" ] || return 0
	echo "Not found (programs, and libraries by their pkg-config name): $lacking" >&2
	echo "On Debian 12 they would be installed by themselves; here please install them." >&2
	return 1
}
