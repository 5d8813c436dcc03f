# shellcheck shell=bash disable=SC2154 # NODE and others are set by scripts/cluster
# SPDX-License-Identifier: Apache-2.0
#
# The node of scripts/cluster: its namespaces, the programs in it, and how all of it goes again. Sourced, never run;
# needs scripts/lib.sh and what scripts/cluster sets.
#
# One sleeping process, the holder, keeps a mount and a network namespace open. In them all is at its usual place
# (/run/containerd, /var/lib/kubelet, ...), by bind mounts of folders below $CLUSTER_RUN/node. The pid namespace, /proc,
# /sys, the cgroups and the kernel are the machine's own.

readonly HOLDER=bongsu-node # at most 15 bytes: it is the process's comm
readonly -a NODE_FOLDERS=(/run/containerd /var/lib/containerd /var/lib/kubelet /var/lib/bongsu /run/containers
  /var/lib/containers /var/log/pods /var/log/containers /etc/cni/net.d /var/lib/cni /etc/kubernetes)
# What a kubelet sets on its machine.
readonly -a KUBELET_SYSCTLS=(vm.overcommit_memory vm.panic_on_oom kernel.panic kernel.panic_on_oops
  kernel.keys.root_maxkeys kernel.keys.root_maxbytes)

# alive NAME: the process of its pid file is there, and no zombie.
alive() {
  local pid
  pid=$(cat "$CLUSTER_RUN/$1.pid" 2>/dev/null) && grep -q '^State:[[:space:]]*[^ZX]' "/proc/$pid/status" 2>/dev/null
}

holder() {
  local pid
  alive holder && pid=$(<"$CLUSTER_RUN/holder.pid") && [[ $(<"/proc/$pid/comm") == "$HOLDER" ]] && printf '%s\n' "$pid"
}

# in_node COMMAND...: in the node's mounts and network, and in the caller's folder.
in_node() {
  local pid
  pid=$(holder) || die "the cluster is not up: sudo scripts/cluster up"
  nsenter --target "$pid" --mount --net --wd="$PWD" -- "$@"
}

# wait_for TENTHS WHAT COMMAND...: until the command succeeds.
wait_for() {
  local tenths=$1 what=$2 log
  shift 2
  until "$@" >/dev/null 2>&1; do
    if ((tenths-- == 0)); then
      for log in "$CLUSTER_RUN"/log/*.log; do
        printf -- '--- %s\n' "$log" >&2
        tail -n 5 "$log" | cut -c 1-300 >&2
      done
      die "$what did not come; logs: $CLUSTER_RUN/log"
    fi
    sleep 0.1
  done
}

# in_background NAME COMMAND...: a program of the node, unless it runs; its log and its pid are in files.
in_background() {
  local name=$1
  shift
  ! alive "$name" || return 0
  # Without the locks that the callers hold.
  # shellcheck disable=SC2016  # for the inner shell
  in_node setsid --fork sh -c 'echo $$ >"$0"; exec "$@"' "$CLUSTER_RUN/$name.pid" "$@" \
    </dev/null >>"$CLUSTER_RUN/log/$name.log" 2>&1 7>&- 8>&- 9>&-
}

# stop_program NAME: SIGTERM, and SIGKILL 3 s later: an API server waits for its watches, up to a minute.
stop_program() {
  local tenths=30
  alive "$1" || return 0
  kill "$(<"$CLUSTER_RUN/$1.pid")" 2>/dev/null || true
  while alive "$1"; do
    ((tenths-- > 0)) || kill -KILL "$(<"$CLUSTER_RUN/$1.pid")" 2>/dev/null || true
    sleep 0.1
  done
  rm -f "$CLUSTER_RUN/$1.pid"
}

_pod_cgroups() { find /sys/fs/cgroup/kubepods /sys/fs/cgroup/*/kubepods -maxdepth 0 2>/dev/null || true; }

_pod_processes() {
  local folders
  mapfile -t folders < <(_pod_cgroups)
  ((${#folders[@]} == 0)) || find "${folders[@]}" -name cgroup.procs -exec cat {} + 2>/dev/null | sort -un || true
}

_remove_pod_cgroups() {
  local folders tries
  for ((tries = 0; tries < 20; tries++)); do
    mapfile -t folders < <(_pod_cgroups)
    ((${#folders[@]} > 0)) || return 0
    find "${folders[@]}" -depth -type d -exec rmdir {} + 2>/dev/null || true
    ((tries == 0)) || sleep 0.2
  done
  return 1
}

# The script of the holder: its arguments are its own program, the node's address, the folder of the Kubernetes programs,
# which are in /usr/bin of the node as anywhere else, and the folders to bind.
# shellcheck disable=SC2016  # for the inner shell
readonly HOLD='
set -e
run=$0 holder=$1 address=$2 programs=$3
shift 3
mount --make-rshared /
mount -t overlay -o "ro,lowerdir=$programs:/usr/bin" overlay /usr/bin
for folder in "$@"; do mount --bind "$run/node$folder" "$folder"; done
ip link set lo up
# Both ends are here: an interface with a carrier, and no way out.
ip link add eth0 type veth peer name uplink0
ip address add "$address/24" dev eth0
ip link set eth0 up
ip link set uplink0 up
ip route add default via "${address%.*}.1" dev eth0
readlink /proc/self/ns/mnt >"$run/mount-namespace"
echo $$ >"$run/holder.pid"
exec "$holder" infinity'

make_node() {
  local folder missing name
  [[ -z $(_pod_processes) ]] || die "there are processes in the cgroup kubepods: another kubelet runs on this machine"
  _remove_pod_cgroups || die "the cgroup kubepods cannot be removed: another kubelet runs on this machine"
  mkdir -p "$CLUSTER_RUN/log"
  : >"$CLUSTER_RUN/made-folders"
  for folder in "${NODE_FOLDERS[@]}"; do
    mkdir -p "$CLUSTER_RUN/node$folder"
    missing=$folder
    while [[ ! -d $missing ]]; do
      printf '%s\n' "$missing" >>"$CLUSTER_RUN/made-folders"
      missing=${missing%/*}
    done
    mkdir -p "$folder"
  done
  for name in "${KUBELET_SYSCTLS[@]}"; do
    printf '%s = %s\n' "$name" "$(sysctl -n "$name")"
  done >"$CLUSTER_RUN/sysctls"
  cp "$(command -v sleep)" "$CLUSTER_RUN/$HOLDER"
  setsid --fork unshare --mount --net --propagation private sh -c "$HOLD" "$CLUSTER_RUN" "$CLUSTER_RUN/$HOLDER" \
    "$NODE_ADDRESS" "$KUBERNETES_BIN" "${NODE_FOLDERS[@]}" </dev/null >"$CLUSTER_RUN/log/holder.log" 2>&1 7>&- 8>&- 9>&-
  wait_for 100 "the node's namespaces" holder
}

# Every process whose mount namespace is the node's, and every one in a pod.
_node_processes() {
  local ours process
  ours=$(cat "$CLUSTER_RUN/mount-namespace" 2>/dev/null) || ours=
  if [[ -n $ours && $ours != "$(readlink /proc/self/ns/mnt)" ]]; then
    for process in /proc/[0-9]*; do
      [[ $(readlink "$process/ns/mnt" 2>/dev/null) != "$ours" ]] || printf '%s\n' "${process#/proc/}"
    done
  fi
  _pod_processes
}

# end_processes LISTER TRIES SIGNAL: until the lister names none.
_end_processes() {
  local lister=$1 tries=$2 signal=$3 processes
  while ((tries-- > 0)); do
    mapfile -t processes < <("$lister")
    ((${#processes[@]} > 0)) || return 0
    kill "-$signal" "${processes[@]}" 2>/dev/null || true
    sleep 0.2
  done
  return 1
}

# remove_node: what is left of a node, whole or not. What controls goes first, so that nothing is started again; then
# the containers, then the rest; mounts, interfaces and firewall rules end with the namespaces.
remove_node() {
  local name
  for name in kubelet kube-proxy kube-scheduler kube-controller-manager; do
    ! alive "$name" || kill "$(<"$CLUSTER_RUN/$name.pid")" 2>/dev/null || true
  done
  for name in kubelet kube-proxy kube-scheduler kube-controller-manager; do
    stop_program "$name"
  done
  if [[ -f $CLUSTER_RUN/made-folders ]]; then # else there never was a node, and the pods are somebody else's
    _end_processes _pod_processes 25 KILL || true
    _end_processes _node_processes 25 TERM || _end_processes _node_processes 25 KILL ||
      die "processes of the node do not end: $(_node_processes | tr '\n' ' ')"
    _remove_pod_cgroups || die "the cgroup kubepods cannot be removed"
  fi
  [[ ! -s $CLUSTER_RUN/sysctls ]] || sysctl -q -p "$CLUSTER_RUN/sysctls" 2>/dev/null || true
  [[ ! -s $CLUSTER_RUN/made-folders ]] || sort -ru "$CLUSTER_RUN/made-folders" | xargs -r rmdir 2>/dev/null || true
  ! grep -qF " $CLUSTER_RUN/" /proc/self/mounts || die "mounts are left below $CLUSTER_RUN"
  rm -rf --one-file-system "$CLUSTER_RUN"
}
