# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# The kernels that scripts/vm boots: which ones Debian serves, fetching one, unpacking it; and a qemu that is new
# enough. Sourced, never run; needs scripts/lib.sh.
#
# Everything lies in BONGSU_VM_CACHE, about 100 MiB a kernel. apt runs with sources and lists of its own there: the
# system's apt is read for the address of its mirror and otherwise left alone.

VM_CACHE=${BONGSU_VM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/bongsu/vm}
# Debian's kernels for virtual machines: small, with BTF and virtiofs.
VM_FLAVOUR=cloud-amd64
VM_SUITES=(bullseye bookworm bookworm-backports trixie trixie-backports sid experimental)
VM_SECURITY_SUITES=(bullseye-security bookworm-security trixie-security)
VM_LISTS_MAX_AGE_MINUTES=1440
# What the memory file system has to load before the host's root can be mounted.
VM_MODULES=(virtio_pci virtio_console virtiofs overlay)
# Before 8.1 a second processor can run a stale translation of code that the kernel has just patched, as attaching a
# BPF program does: about one start in thirty died of it.
VM_QEMU_OLDEST=8.1

# _apt PROGRAM ARGUMENT...: apt-get or apt-cache on our own sources and lists.
_apt() {
  local program=$1
  shift
  "$program" -o "Dir::Etc::sourcelist=$VM_CACHE/apt/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o "Dir::State::lists=$VM_CACHE/apt/lists" -o "Dir::Cache=$VM_CACHE/apt/cache" -o APT::Get::List-Cleanup=0 \
    -o Acquire::Languages=none -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false \
    -o APT::Sandbox::User=root -o APT::Architecture=amd64 "$@"
}

_write_sources() {
  local addresses mirror security suite trusted='' keys=/usr/share/keyrings/debian-archive-keyring.gpg
  # shellcheck disable=SC2016  # apt's variable, not the shell's
  addresses=$(apt-get indextargets --no-release-info --format '$(REPO_URI)' 'Created-By: Packages' | sort -u)
  mirror=${BONGSU_VM_MIRROR:-$(grep -m 1 -E '/debian/?$' <<<"$addresses" || true)}
  security=$(grep -m 1 -E '/debian-security/?$' <<<"$addresses" || true)
  [[ -n $mirror ]] || die "this machine's apt knows no Debian mirror: name one in BONGSU_VM_MIRROR"
  [[ ! -f $keys ]] || trusted="[signed-by=$keys] "
  for suite in "${VM_SUITES[@]}"; do
    printf 'deb %s%s %s main\n' "$trusted" "$mirror" "$suite"
  done
  for suite in "${VM_SECURITY_SUITES[@]}"; do
    [[ -z $security ]] || printf 'deb %s%s %s main\n' "$trusted" "$security" "$suite"
  done
}

# One line a kernel that can be had whole: RELEASE VERSION MIB PACKAGE... Up to 6.18 one package holds all of it; later
# ones come as linux-binary and linux-modules (and linux-base with modules.builtin), and a mirror may have but one.
_write_index() {
  _apt apt-cache dumpavail | awk -v flavour="$VM_FLAVOUR" '
    /^Package: / { package = $2 }
    /^Version: / { version = $2 }
    /^Size: / { bytes = $2 }
    /^$/ {
      if (package ~ "^linux-(image|base|binary|modules)-[0-9].*-" flavour "$") {
        split(package, part, "-")
        release = substr(package, length("linux-" part[2] "-") + 1)
        has[part[2], release] = version
        size[part[2], release] = bytes
        if (part[2] == "image" || part[2] == "binary") releases[release] = 1
      }
      package = ""
    }
    END {
      for (release in releases) {
        if (size["image", release] > 5000000)   # the later ones are empty and name the others
          print release, has["image", release], int(size["image", release] / 1048576), "linux-image-" release
        else if (has["binary", release] != "" && has["binary", release] == has["modules", release])
          print release, has["binary", release], int((size["binary", release] + size["modules", release]) / 1048576),
            "linux-binary-" release, "linux-modules-" release,
            has["base", release] == has["binary", release] ? "linux-base-" release : ""
      }
    }' | grep -v '0[.]deb' | sort -V >"$VM_CACHE/apt/index.new" && mv "$VM_CACHE/apt/index.new" "$VM_CACHE/apt/index"
}

_update_lists() {
  mkdir -p "$VM_CACHE/apt/lists/partial" "$VM_CACHE/apt/cache/archives/partial"
  _write_sources >"$VM_CACHE/apt/sources.list"
  # A suite that has left the mirror is no failure: the index shows what is there.
  _apt apt-get -q update || true
  _write_index && [[ -s $VM_CACHE/apt/index ]]
}

# update_index: makes sure that $VM_CACHE/apt/index is there and not older than a day.
update_index() {
  local index=$VM_CACHE/apt/index
  [[ -n $(find "$index" -size +0 -mmin "-$VM_LISTS_MAX_AGE_MINUTES" 2>/dev/null) ]] ||
    step "fetching Debian's package lists" vm-lists _update_lists
}

series_of() { sed -E 's/^([0-9]+\.[0-9]+).*/\1/' <<<"$1"; }

# newest_of VERSION: of the releases on stdin the newest that VERSION means: newest, a series (6.12) or a whole release.
newest_of() {
  if [[ $1 == newest ]]; then
    sort -V | tail -n 1
  else
    local version=${1//./[.]}
    grep -E "^${version//+/[+]}([^0-9]|\$)" | sort -V | tail -n 1
  fi
}

unpacked_kernels() { find "$VM_CACHE/kernels" -mindepth 2 -maxdepth 2 -name complete -printf '%P\n' 2>/dev/null | sed 's,/.*,,'; }

# _unpack_vmlinux BZIMAGE OUT: the ELF file inside, which qemu starts at once, while unpacking itself takes the
# emulated processor seconds. Offsets: Documentation/arch/x86/boot.rst (setup_sects, payload_offset, payload_length).
_unpack_vmlinux() {
  local sectors offset length start unpack
  sectors=$(od -An -tu1 -j 497 -N 1 "$1" | tr -d ' ')
  offset=$(od -An -tu4 -j 584 -N 4 "$1")
  length=$(od -An -tu4 -j 588 -N 4 "$1")
  start=$(((${sectors/#0/4} + 1) * 512 + offset))
  case $(od -An -tx1 -j "$start" -N 4 "$1" | tr -d ' ') in
    28b52ffd) unpack=(zstd -qdc) ;;
    fd377a58) unpack=(xz -dc --single-stream) ;;
    1f8b*) unpack=(gzip -dc) ;;
    02214c18) unpack=(lz4 -dc) ;;
    *) return 1 ;;
  esac
  # The last four bytes of the payload are its size when unpacked.
  { tail -c "+$((start + 1))" "$1" || true; } | head -c "$((length - 4))" | "${unpack[@]}" >"$2" 2>/dev/null || true
  [[ $(head -c 4 "$2" | tail -c 3) == ELF ]]
}

# _make_initramfs FOLDER RELEASE: busybox and the modules, in the order in which they are to be loaded; scripts/vm
# appends its own scripts when it starts a VM.
_make_initramfs() {
  local folder=$1 release=$2 tree=$1/initramfs module file name
  mkdir -p "$tree"/{bin,dev,proc,sys,host,changes,newroot,modules} && cp "$(command -v busybox)" "$tree/bin/" || return
  : >"$tree/modules/order"
  for module in "${VM_MODULES[@]}"; do
    while read -r _ file _; do
      name=$(basename "$file" | sed -E 's/\.(xz|zst)$//')
      ! grep -qx "$name" "$tree/modules/order" || continue
      case $file in
        *.xz) xz -dc "$file" >"$tree/modules/$name" ;;
        *.zst) zstd -qdc "$file" >"$tree/modules/$name" ;;
        *) cp "$file" "$tree/modules/$name" ;;
      esac
      printf '%s\n' "$name" >>"$tree/modules/order"
    done < <(modprobe -d "$folder" -S "$release" --show-depends "$module" 2>/dev/null | grep ^insmod)
  done
  (cd "$tree" && find . | cpio -o -H newc --quiet) >"$folder/initramfs.img" && rm -rf "$tree"
}

# _fetch_kernel RELEASE FOLDER PACKAGE...; a subshell, for it changes the folder.
_fetch_kernel() (
  local release=$1 folder=$2 new=$2.new modules image package
  shift 2
  rm -rf "$new" "$folder"
  mkdir -p "$new/lib/modules" && cd "$new" && _apt apt-get -q download "$@" || return
  for package in ./*.deb; do
    dpkg -x "$package" files && rm "$package" || return
  done
  for modules in files{,/usr}/lib/modules/"$release"; do
    [[ ! -d $modules ]] || break
  done
  for image in "files/boot/vmlinuz-$release" "$modules/vmlinuz"; do
    [[ ! -f $image ]] || break
  done
  cp "$image" vmlinuz && { cp "files/boot/config-$release" config || cp "$modules/config" config; } &&
    mv "$modules" lib/modules/ && rm -rf files || return
  _unpack_vmlinux vmlinuz vmlinux || rm -f vmlinux # then the compressed one is started
  depmod -b . "$release" && _make_initramfs . "$release" && touch complete && cd .. && mv "$new" "$folder"
)

# fetch_kernel VERSION: sets `release` and `kernel` (its folder); fetches it when it is not there.
fetch_kernel() {
  local row
  release=$(unpacked_kernels | newest_of "$1") || release=
  if [[ -z $release || $1 == newest ]]; then
    update_index
    release=$(cut -d ' ' -f 1 "$VM_CACHE/apt/index" | newest_of "$1") || release=
    [[ -n $release ]] || die "no kernel '$1' (see scripts/vm kernels)"
  fi
  kernel=$VM_CACHE/kernels/$release
  [[ ! -f $kernel/complete ]] || return 0
  mkdir -p "$VM_CACHE/kernels"
  exec 9>"$VM_CACHE/kernels/.lock"
  step "waiting for another run that fetches a kernel" vm-lock flock 9
  if [[ ! -f $kernel/complete ]]; then
    row=$(grep -F -- "$release " "$VM_CACHE/apt/index" | cut -d ' ' -f 4-)
    # shellcheck disable=SC2086  # one word a package
    step "fetching Linux $release" vm-fetch _fetch_kernel "$release" "$kernel" $row
  fi
  exec 9>&-
}

_fetch_qemu() (
  local suite new=$VM_CACHE/qemu.new package
  # shellcheck source=/dev/null
  suite=$(. /etc/os-release && printf '%s-backports' "${VERSION_CODENAME:-none}")
  rm -rf "$new" "$VM_CACHE/qemu"
  # Unpacked, not installed: its libraries are those of the installed one.
  mkdir -p "$new" && cd "$new" && _apt apt-get -q download qemu-system-{x86,data,common}/"$suite" "seabios/$suite" || return
  for package in ./*.deb; do
    dpkg -x "$package" . && rm "$package" || return
  done
  usr/bin/qemu-system-x86_64 --version && cd .. && mv "$new" "$VM_CACHE/qemu"
)

# find_qemu: sets `qemu` (a command), from this release's backports where the installed one is too old.
find_qemu() {
  local version own=$VM_CACHE/qemu/usr
  version=$(qemu-system-x86_64 --version | sed -n 's/^QEMU emulator version \([0-9.]*\).*/\1/p')
  # shellcheck disable=SC2034  # scripts/vm-machine.sh reads it
  qemu=(qemu-system-x86_64)
  if [[ $(printf '%s\n' "$VM_QEMU_OLDEST" "$version" | sort -V | head -n 1) == "$version" ]]; then
    if [[ ! -x $own/bin/qemu-system-x86_64 ]]; then
      # Two VMs that are started at once both find it missing.
      exec 9>"$VM_CACHE/.qemu.lock"
      step "waiting for another run that fetches qemu" vm-qemu-lock flock 9
      if [[ ! -x $own/bin/qemu-system-x86_64 ]]; then
        update_index
        step "fetching a qemu newer than $version from the backports" vm-qemu _fetch_qemu
      fi
      exec 9>&-
    fi
    # shellcheck disable=SC2034
    qemu=("$own/bin/qemu-system-x86_64" -L "$own/share/qemu" -L "$own/share/seabios")
  fi
}
