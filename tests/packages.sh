# shellcheck shell=sh
# packages.sh - sourced by scripts: installs what they need, on Debian and its kin.
#
#   . tests/packages.sh
#   need_packages build programs
#
# Returns 0 when everything is there that this system has. A package that it has not is named, and
# whatever needs it says so itself. Where nothing can be installed (no apt, no root, no sudo) it says
# what is missing and returns 1.

# Where npm came from elsewhere, Debian's would be in its way.
packages_of_npm() {
	command -v npm >/dev/null 2>&1 || echo "nodejs npm"
}

# a|b: the first of them that this system has.
packages_of() {
	case $1 in
	build) echo "build-essential autoconf automake libtool pkg-config libosip2-dev" \
		"libconfuse-dev libyaml-dev libexpat1-dev libssl-dev libc-ares-dev" ;;
	programs) echo "libevent-dev libjansson-dev" ;;
	stacks) echo "libsofia-sip-ua-dev libre-dev libbellesip-dev" ;;
	unit) echo "check openssl universal-ctags abigail-tools groff" ;;
	sample) echo "check openssl iproute2 procps python3 util-linux" ;;
	tests) echo "clang libclang-rt-dev|libclang-rt-14-dev valgrind" ;;
	e2e) echo "sip-tester kamailio kamailio-tls-modules knot knot-dnsutils dnsmasq-base openssl nftables" \
		"tshark iproute2 procps prometheus baresip-core linphone-cli twinkle-console util-linux python3 perl libnet-sip-perl libio-socket-ssl-perl libxml2-utils" \
		"$(packages_of_npm)" ;;
	packages) echo "devscripts debhelper lintian debootstrap cmake systemd" ;;
	machines) echo "qemu-user musl-tools gcc-arm-linux-gnueabihf libc6-dev-armhf-cross" \
		"gcc-mips-linux-gnu libc6-dev-mips-cross gcc-s390x-linux-gnu libc6-dev-s390x-cross" ;;
	browser) echo "chromium $(packages_of_npm)" ;;
	*)
		echo "packages.sh: no group $1; there are build, programs, stacks, unit, sample, tests, e2e, packages," \
			"browser and machines" >&2
		return 1
		;;
	esac
}

package_is_installed() {
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# Does apt know it?
package_exists() {
	LC_ALL=C apt-cache policy "$1" 2>/dev/null | grep -q 'Candidate: [^(]'
}

# Those of the given packages of which neither one nor another is installed, blank-separated.
packages_missing() {
	for package; do
		found=
		for name in $(echo "$package" | tr '|' ' '); do
			! package_is_installed "$name" || found=yes
		done
		[ -n "$found" ] || printf '%s ' "$package"
	done
}

# The first of each that exists; the others are named on standard error.
packages_that_exist() {
	for package; do
		found=
		for name in $(echo "$package" | tr '|' ' '); do
			[ -n "$found" ] || ! package_exists "$name" || found=$name
		done
		if [ -n "$found" ]; then
			printf '%s ' "$found"
		else
			echo "This system has no package $package; what needs it will be left out." >&2
		fi
	done
}

# Would apt install them all together?
packages_fit() {
	apt-get install -s -q -y --no-install-recommends "$@" >/dev/null 2>&1
}

# Those that fit with the ones before; the others are named on standard error. In a system that
# changes daily one of them may not be installable for some days, and would sink the rest.
packages_that_fit() {
	fitting=
	for package; do
		# shellcheck disable=SC2086 # a list of words
		if packages_fit $fitting "$package"; then
			fitting="$fitting $package"
		else
			echo "This system cannot install $package today; what needs it will be left out." >&2
		fi
	done
	echo "$fitting"
}

packages_install() {
	as_root=
	if [ "$(id -u)" != 0 ]; then
		command -v sudo >/dev/null 2>&1 || return 1
		as_root=sudo
	fi
	$as_root apt-get update -q || return 1
	chosen=$(packages_that_exist "$@")
	# shellcheck disable=SC2086 # a list of words
	packages_fit $chosen || chosen=$(packages_that_fit $chosen)
	[ -n "$chosen" ] || return 0
	# shellcheck disable=SC2086
	$as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get install -q -y --no-install-recommends $chosen
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
			modules="libevent_core libevent_extra libevent_openssl jansson"
			;;
		stacks)
			programs=
			modules="sofia-sip-ua libre belle-sip"
			;;
		unit | sample)
			programs="openssl python3"
			modules=check
			;;
		tests)
			programs="clang valgrind"
			modules=
			;;
		e2e)
			programs="sipp kamailio knotd kdig dnsmasq openssl nft promtool tshark ip python3 perl npm"
			modules=
			;;
		browser)
			programs="chromium node npm"
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
