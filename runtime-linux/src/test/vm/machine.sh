# shellcheck shell=bash
# A virtual machine whose kernel has every controller on cgroup version 2, as most servers do and as this machine may not. To be
# sourced by a script that sets: work, a directory of its own.
#
# Needs the Debian packages qemu-system-x86, busybox-static, e2fsprogs and dpkg; the kernel (linux-image-cloud-amd64) is
# fetched by apt-get download into ${XDG_CACHE_HOME:-$HOME/.cache}/berth-vm and never installed. x86-64 only. The machine
# is emulated (tcg), has no network, sees no file of ours but a copy, and is ended after LIMIT seconds at the latest.

LIMIT=${LIMIT:-180}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/berth-vm

fail() { echo "$(basename "$0"): $*" >&2; exit 1; }

for tool in qemu-system-x86_64 busybox mke2fs dpkg-deb; do
	command -v "$tool" >/dev/null || fail "no $tool: apt-get install qemu-system-x86 busybox-static e2fsprogs dpkg"
done

# The kernel and the modules of its disk.
find_kernel() {
	local package
	package=$(apt-cache depends linux-image-cloud-amd64 2>/dev/null | awk '/Depends:/ { print $2; exit }')
	kernel=$(ls "$cache"/*/boot/vmlinuz-* 2>/dev/null | tail -1) || true
	if [ -n "$package" ] && [ ! -d "$cache/$package" ]; then
		mkdir -p "$cache/$package.new"
		if (cd "$work" && apt-get download -qq "$package" >/dev/null 2>&1) && dpkg-deb -x "$work/$package"_*.deb "$cache/$package.new"; then
			rm -f "$work"/*.deb
			mv "$cache/$package.new" "$cache/$package"
		fi
		rm -rf "$cache/$package.new"
	fi
	[ ! -d "$cache/$package/boot" ] || kernel=$(ls "$cache/$package"/boot/vmlinuz-*)
	[ -n "$kernel" ] || fail "no kernel: apt-get download linux-image-cloud-amd64 found none; is the network there, apt-get update done?"
	modules=$(echo "$(dirname "$kernel")"/../lib/modules/*/kernel/drivers "$(dirname "$kernel")"/../usr/lib/modules/*/kernel/drivers)
}

find_jdk() {
	jdk=
	for candidate in ${JAVA_HOME:+"$JAVA_HOME"} /usr/lib/jvm/*; do
		if [ -x "$candidate/bin/javac" ] && grep -q '^JAVA_VERSION="\(2[5-9]\|[3-9][0-9]\)' "$candidate/release" 2>/dev/null; then
			jdk=$candidate
			break
		fi
	done
	[ -n "$jdk" ] || fail "no JDK 25 in JAVA_HOME or /usr/lib/jvm"
}

# What a program and its libraries load, by their paths here.
libraries() { ldd "$@" 2>/dev/null | grep -o '/[^ ]*\.so[^ ]*' | sort -u; }

# make_root PROGRAM...: a root file system in $work/root with busybox, the JDK in /jdk, and these programs with their libraries.
make_root() {
	local root=$work/root program file
	mkdir -p "$root"/{bin,dev,proc,sys,tmp,etc,run,var/lib,jdk,test}
	cp "$(command -v busybox)" "$root/bin/busybox"
	for program in "$@"; do
		cp -L "$(command -v "$program")" "$root/bin/$(basename "$program")"
	done
	(cd "$jdk" && cp -a bin conf release lib "$root/jdk/" && rm -rf "$root"/jdk/lib/{src.zip,ct.sym})
	for file in $(libraries "$root"/bin/* "$root/jdk/bin/java" "$root"/jdk/lib/*.so "$root"/jdk/lib/server/*.so); do
		case "$file" in "$root"/*) continue ;; esac
		mkdir -p "$root$(dirname "$file")" && cp -L "$file" "$root$file"
	done
	echo 'root:x:0:0:root:/:/bin/sh' >"$root/etc/passwd"
}

# All modules of the kernel too, for modprobe.
add_modules() {
	local release
	release=$(basename "$(dirname "$(dirname "${modules%% *}")")")
	mkdir -p "$work/root/lib/modules"
	cp -r "$(dirname "$(dirname "${modules%% *}")")" "$work/root/lib/modules/$release"
	busybox depmod -b "$work/root" "$release"
}

make_disk() { # MEGABYTES
	mke2fs -q -t ext4 -O ^has_journal -d "$work/root" "$work/disk" "$1M" >/dev/null
}

make_initrd() {
	local initrd=$work/initrd module
	mkdir -p "$initrd"/{bin,modules,mnt,dev}
	cp "$(command -v busybox)" "$initrd/bin/busybox"
	for module in virtio/virtio virtio/virtio_ring virtio/virtio_pci_modern_dev virtio/virtio_pci_legacy_dev virtio/virtio_pci block/virtio_blk ../fs/overlayfs/overlay; do
		# shellcheck disable=SC2086
		cp $(ls $(printf "%s/$module.ko* " $modules) 2>/dev/null) "$initrd/modules/"
	done
	cat >"$initrd/init" <<-'INIT'
		#!/bin/busybox sh
		b=/bin/busybox
		$b mount -t devtmpfs devtmpfs /dev
		for m in virtio_ring virtio virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci virtio_blk overlay; do
			for f in /modules/$m.ko*; do
				case $f in *.xz) $b unxz "$f"; f=${f%.xz} ;; esac
				$b insmod "$f" 2>/dev/null
			done
		done
		until [ -b /dev/vda ]; do $b sleep 0.1; done
		$b mount -t ext4 /dev/vda /mnt
		$b mount -t devtmpfs devtmpfs /mnt/dev
		exec $b switch_root /mnt /test/run
	INIT
	chmod +x "$initrd/init"
	(cd "$initrd" && find . | busybox cpio -o -H newc 2>/dev/null) >"$work/initrd.cpio"
}

# Runs /test/run of the root file system, which ends with "berth-vm: exit CODE" and a poweroff. Prints what it prints between
# "berth-vm: begin" and that; fails unless the code is 0.
boot() {
	make_initrd
	timeout "$LIMIT" qemu-system-x86_64 -accel tcg,thread=multi -cpu max -smp 2 -m 2048 -nodefaults -no-reboot -display none \
		-serial "file:$work/console" -kernel "$kernel" -initrd "$work/initrd.cpio" \
		-append 'console=ttyS0 quiet loglevel=1 panic=-1' -drive "file=$work/disk,if=virtio,format=raw" </dev/null ||
		{ tail -20 "$work/console" >&2 2>/dev/null; fail "the machine did not end by itself within $LIMIT seconds"; }

	tr -d '\r' <"$work/console" | sed -n '/^berth-vm: begin/,/^berth-vm: exit/p' | grep -v '^berth-vm: '
	grep -q '^berth-vm: exit 0' "$work/console" || fail "it failed, or never ran"
}
