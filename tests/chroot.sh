# shellcheck shell=bash
# chroot.sh - sourced by scripts: a small Debian in a folder, of the mirror that this system uses itself.
#
#   . tests/chroot.sh
#   chroot_missing && exit          # says why there can be none
#   chroot_new trixie DIR           # DIR must not exist; as root
#   chroot_run DIR command...       # with /proc and /dev/null, and of the network the loopback alone
#   chroot_online DIR command...    # with the network
#   chroot_user_new DIR             # once: a user who has sudo
#   chroot_as_user DIR command...   # as that user, with the network; namespaces can be made in there
#   chroot_end DIR

# Says what is missing and returns 0, or returns 1.
chroot_missing() {
	if [ "$(id -u)" != 0 ]; then
		echo "a chroot needs root"
	elif ! command -v debootstrap > /dev/null; then
		echo "debootstrap is not installed"
	elif [ -z "$(chroot_mirror)" ]; then
		echo "this system's package sources name no Debian mirror"
	elif ! unshare -m true 2> /dev/null; then
		echo "mount namespaces are not allowed here"
	else
		return 1
	fi
}

chroot_mirror() {
	apt-get indextargets --format '$(REPO_URI) $(ORIGIN)' 'Created-By: Packages' 2> /dev/null |
		awk '$2 == "Debian" && $1 !~ /security/ { print $1; exit }'
}

chroot_new() { # suite, directory
	local mirror
	mirror=$(chroot_mirror)
	# What apt is told of proxies and keys is told inside too; of the host's own packages nothing is.
	unshare -m debootstrap --variant=minbase "$1" "$2" "$mirror" &&
		printf 'deb %s %s main\n' "$mirror" "$1" > "$2/etc/apt/sources.list" &&
		# A mirror may have stood still for weeks: what it has is signed all the same.
		printf 'APT::Install-Recommends "false";\nAcquire::Languages "none";\nAcquire::Check-Valid-Until "false";\n' \
			> "$2/etc/apt/apt.conf.d/90chroot" &&
		echo force-unsafe-io > "$2/etc/dpkg/dpkg.cfg.d/90chroot" && # what a power cut takes is made anew
		cp /etc/resolv.conf /etc/hosts "$2/etc/" &&
		printf '#!/bin/sh\nexit 101\n' > "$2/usr/sbin/policy-rc.d" && # nothing is started in there
		chmod +x "$2/usr/sbin/policy-rc.d" &&
		chroot_online "$2" apt-get -q update
}

chroot_in() { # unshare's options, directory, command...
	local options=$1 dir=$2
	shift 2
	# shellcheck disable=SC2086,SC2016 # a list of options; the inner shell's variables
	unshare -m --pid --fork --kill-child $options bash -c '
		dir=$1; shift
		mount -t proc proc "$dir/proc" && { ip link set lo up 2> /dev/null || :; } &&
			exec chroot "$dir" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
				LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"' - "$dir" "$@"
}

chroot_run() {
	chroot_in --net "$@"
}

chroot_online() {
	chroot_in "" "$@"
}

chroot_end() { # directory; its mounts have ended with their namespaces
	rm -rf --one-file-system "$1"
}

# A system as an ordinary user has it: its root is a root, so that namespaces may be made in it, with /dev, /sys
# and the network of this one; "user" may use sudo.
chroot_user_new() { # directory
	chroot_online "$1" apt-get -q -y install sudo ca-certificates &&
		{ cp /usr/local/share/ca-certificates/*.crt "$1/usr/local/share/ca-certificates/" 2> /dev/null || :; } &&
		chroot_run "$1" update-ca-certificates && # where the way to the network is by somebody in between
		chroot_run "$1" useradd --create-home --shell /bin/bash user &&
		printf 'user ALL=(ALL) NOPASSWD: ALL\n' > "$1/etc/sudoers.d/user" && chmod 440 "$1/etc/sudoers.d/user"
}

chroot_as_user() { # directory, command...
	local dir=$1
	shift
	# shellcheck disable=SC2016 # the inner shell's variables
	unshare -m --pid --fork --kill-child bash -c '
		root=$1; shift
		mount --bind "$root" "$root" && cd "$root" && mount -t proc proc proc && mount --rbind /sys sys &&
			mount -t tmpfs -o mode=755 dev dev || exit 125
		for device in null zero full random urandom tty; do
			: > dev/$device && mount --bind /dev/$device dev/$device || exit 125
		done
		mkdir dev/pts dev/shm && mount -t tmpfs -o mode=1777 shm dev/shm &&
			mount -t devpts -o newinstance,ptmxmode=666,mode=620 devpts dev/pts && ln -s pts/ptmx dev/ptmx &&
			ln -s /proc/self/fd dev/fd && mkdir -p .outside && pivot_root . .outside && cd / &&
			umount -l /.outside && rmdir /.outside || exit 125
		# Not exec: the first process of all gathers those whose parents have gone.
		cd /home/user
		setpriv --reuid user --regid user --init-groups env -i PATH=/usr/local/bin:/usr/bin:/bin \
			HOME=/home/user USER=user LOGNAME=user LANG=C.UTF-8 TERM=dumb "$@"
		exit' - "$dir" "$@"
}
