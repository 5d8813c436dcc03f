# shellcheck shell=bash disable=SC2154 # release, kernel and qemu are set by scripts/vm-kernels.sh
# SPDX-License-Identifier: Apache-2.0
#
# One VM of scripts/vm: what is shared with it, how it is started, how its end is told. Sourced, never run; needs
# scripts/lib.sh, and of scripts/vm-kernels.sh `release`, `kernel` and `qemu`.
#
# The VM's root is the host's, through virtiofs, with an overlay in memory on top. Three ports carry the command's
# output, its errors and its exit code; the kernel's console goes to a file.

readonly VM_GUEST=$BONGSU_ROOT/scripts/vm-guest
readonly VM_LOST=125     # our exit code for a VM that ended without telling one
readonly VM_MOST_TRIES=3 # a VM that dies before the command began is started again

# What scripts/vm may change before run_in_vm.
writable=() # folders in which the VM may write
plain=()    # folders without the overlay, read-only
kernel_arguments=()
seconds=300
cpus=2
memory=1024 # MiB
show_console=false

virtiofsd() {
  local path
  for path in /usr/libexec/virtiofsd /usr/lib/qemu/virtiofsd; do
    [[ ! -x $path ]] || { printf '%s\n' "$path" && return; }
  done
}

# What the VM gets beside the modules: our own scripts, the command and what `session` has to know.
write_job() {
  local tree=$job/tree argument
  mkdir "$tree"
  cp "$VM_GUEST/init" "$VM_GUEST/session" "$tree/"
  chmod 755 "$tree/init"
  {
    for argument in PATH HOME LANG; do
      [[ -z ${!argument-} ]] || printf 'export %s=%s\n' "$argument" "$(quote "${!argument}")"
    done
    printf 'exec'
    for argument in "$@"; do
      printf ' %s' "$(quote "$argument")"
    done
    printf '\n'
  } >"$tree/command"
  printf '%s=%s\n' release "$(quote "$release")" kernel "$(quote "$(realpath "$kernel")")" \
    directory "$(quote "$PWD")" plain "$(quote "$(printf '%s\n' "${plain[@]}" "${writable[@]}")")" >"$tree/settings"
  (cd "$tree" && find . | cpio -o -H newc --quiet) | cat "$kernel/initramfs.img" - >"$job/initramfs.img"
}

# For sh: single quotes, whatever is inside.
quote() { printf "'%s'" "${1//\'/\'\\\'\'}"; }

# Debian's list of security modules with bpf in it, which only later kernels have by default.
security_modules() {
  local list
  list=$(sed -n 's/^CONFIG_LSM="\(.*\)"/\1/p' "$kernel/config")
  [[ -z $list || ",$list," == *,bpf,* ]] || printf 'lsm=%s,bpf' "$list"
}

# Serves a copy of the mount tree, made in a mount namespace of its own: without the host's /proc, /sys and /dev, and
# read-only but for the --rw folders.
# shellcheck disable=SC2016  # for the inner shell
readonly SERVE='
set -e
root=$1 count=$2
shift 2
mount --rbind / "$root"
mount --make-rprivate "$root"
mount -o remount,bind,ro "$root"
for folder in proc sys dev; do umount -l "$root/$folder" 2>/dev/null || true; done
while read -r _ place _; do
  place=$(printf "%b" "$place")
  case $place in "$root" | "$root"/*) mount -o remount,bind,ro "$place" 2>/dev/null || true ;; esac
done </proc/self/mounts
for folder in "${@:1:count}"; do mkdir -p "$folder" && mount --bind "$folder" "$root$folder"; done
exec "${@:count+1}"'

start_file_server() {
  local server=() waited=0
  if [[ $(virtiofsd) == /usr/lib/qemu/virtiofsd ]]; then # qemu 7.2's own, in C
    server=("$(virtiofsd)" "--socket-path=$job/files" -o "source=$job/root,cache=always,no_posix_lock,xattr,sandbox=chroot")
  else
    server=("$(virtiofsd)" "--socket-path=$job/files" "--shared-dir=$job/root" --cache=always --xattr --sandbox=chroot)
  fi
  rm -f "$job/files"
  setpriv --pdeathsig KILL unshare -m --propagation private bash -c "$SERVE" serve "$job/root" "${#writable[@]}" \
    "${writable[@]}" "${server[@]}" >"$job/server.log" 2>&1 &
  server_pid=$!
  until [[ -S $job/files ]]; do
    if ((++waited > 400)) || ! kill -0 "$server_pid" 2>/dev/null; then
      cat "$job/server.log" >&2
      die "virtiofsd did not start"
    fi
    sleep 0.05
  done
}

# One start of the VM: returns 124 when its time is over; how it ended otherwise is in the file status.
start_vm() {
  local image=$kernel/vmlinux code=0 readers=() stream
  [[ -f $image ]] || image=$kernel/vmlinuz
  start_file_server
  rm -f "$job/out" "$job/err"
  mkfifo "$job/out" "$job/err"
  : >"$job/console"
  : >"$job/status"
  cat "$job/out" &
  readers=($!)
  cat "$job/err" >&2 &
  readers+=($!)
  # Software emulation: it needs nothing of the host, and a machine that is itself virtual often has nothing better.
  # SSE2 alone is the fastest to emulate. -no-reboot makes the guest's reboot, or its panic, the end of qemu.
  setpriv --pdeathsig KILL "${qemu[@]}" -nodefaults -no-user-config -display none -no-reboot \
    -machine q35,memory-backend=memory -accel tcg,thread=multi -cpu qemu64,+rdrand -smp "$cpus" -m "$memory" \
    -object "memory-backend-memfd,id=memory,size=${memory}M,share=on" \
    -kernel "$image" -initrd "$job/initramfs.img" -append "$command_line" \
    -chardev "socket,id=files,path=$job/files" -device vhost-user-fs-pci,chardev=files,tag=host \
    -serial "file:$job/console" -device virtio-serial-pci \
    -chardev "file,id=out,path=$job/out" -device virtserialport,chardev=out,name=out \
    -chardev "file,id=err,path=$job/err" -device virtserialport,chardev=err,name=err \
    -chardev "file,id=status,path=$job/status" -device virtserialport,chardev=status,name=status \
    </dev/null >"$job/qemu.log" 2>&1 &
  qemu_pid=$!
  wait_until "$deadline" "$qemu_pid" || code=124
  wait "$qemu_pid" 2>/dev/null || true
  qemu_pid=
  # A reader whose pipe qemu never opened would wait for ever: opened and closed here, it reads the end.
  for stream in out err; do
    exec 8<>"$job/$stream"
    exec 8>&-
  done
  wait "${readers[@]}" || true
  kill "$server_pid" 2>/dev/null || true
  wait "$server_pid" 2>/dev/null || true
  server_pid=
  return "$code"
}

# wait_until SECOND PID: kills what is not over by then, and fails.
wait_until() {
  while kill -0 "$2" 2>/dev/null; do
    if ((SECONDS >= $1)); then
      kill -KILL "$2"
      return 1
    fi
    sleep 0.1
  done
}

clean_up() {
  local code=$? pid
  for pid in ${qemu_pid:-} ${server_pid:-}; do
    kill -KILL "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  # root is a mount in the server's namespace alone; here it is empty, and must be before anything below is removed.
  [[ ! -d $job/root ]] || rmdir "$job/root" || exit "$code"
  rm -rf "$job"
  exit "$code"
}

# run_in_vm COMMAND...: on the kernel that fetch_kernel has set; in a subshell, for its trap and its exit.
run_in_vm() (
  local tries=0 code status=
  job=$(mktemp -d)
  trap clean_up EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  mkdir "$job/root"
  write_job "$@"
  # no_timer_check: on a busy host the emulated timer comes too late for the kernel's trial of it, which then panics.
  command_line="console=ttyS0 loglevel=5 panic=-1 reboot=t nokaslr norandmaps mitigations=off random.trust_cpu=on audit=0
    rcupdate.rcu_expedited=1 rcupdate.rcu_cpu_stall_timeout=120 nowatchdog no_timer_check 8250.nr_uarts=1
    $(security_modules) ${kernel_arguments[*]}"
  command_line=${command_line//$'\n'/ }
  deadline=$((SECONDS + seconds))
  while :; do
    code=0
    start_vm || code=$?
    status=$(sed -n 's/^status //p' "$job/status")
    if [[ -n $status ]] || ((code != 0 || ++tries >= VM_MOST_TRIES)) || grep -q started "$job/status"; then
      break
    fi
    say "vm: it died before the command began; once more"
  done
  if $show_console || [[ -z $status ]]; then
    say "vm: the console of $release:"
    if $show_console; then cat "$job/console"; else tail -n 40 "$job/console"; fi >&2
    cat "$job/qemu.log" >&2
  fi
  [[ -z $status ]] || exit "$status"
  if ((code == 124)); then
    say "vm: not done after $seconds s"
    exit 124
  fi
  say "vm: it ended before the command did"
  exit "$VM_LOST"
)
