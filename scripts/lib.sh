# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What scripts/setup, scripts/run and scripts/test share: one progress line per step, a log per step, and the
# build of a preset. Sourced, never run. Everything here writes to stderr: stdout belongs to the program.

BONGSU_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
BONGSU_LOGS=$BONGSU_ROOT/build/log

say() { printf '%s\n' "$*" >&2; }

die() {
  say "${0##*/}: $*"
  exit 1
}

# The comment block at the top of the calling script, up to the first empty line, is its help.
print_help() { sed -n '/^# usage:/,/^$/{/^$/d;s/^# \{0,1\}//;p}' "$0"; }

# _ticker LABEL LOG: says what is being waited for once a step takes longer than a second; on a terminal the line
# is kept up to date, elsewhere it is repeated every 30 s with the last line of the log.
_ticker() {
  local label=$1 log=$2 elapsed=0 last
  while sleep 1 >/dev/null 2>&1; do
    elapsed=$((elapsed + 1))
    last=$(tail -n 1 "$log" 2>/dev/null | tr -d '\r' | tr -c '[:print:]\n' '?' | cut -c 1-90)
    if [[ -t 2 ]]; then
      printf '\r\033[K  %s (%d s) %s' "$label" "$elapsed" "$last" >&2
    elif ((elapsed == 1)); then
      say "  $label ..."
    elif ((elapsed % 30 == 0)); then
      say "  $label: still at it after $elapsed s: $last"
    fi
  done
}

# step LABEL LOGNAME COMMAND...: runs the command with its output in build/log/LOGNAME.log. Silent when it takes less
# than a second (nothing had to be done), one line otherwise; the end of the log and exit 1 when it fails.
step() {
  local label=$1 log=$BONGSU_LOGS/$2.log started=$EPOCHREALTIME ticker status=0 seconds
  shift 2
  mkdir -p "$BONGSU_LOGS"
  : >"$log"
  _ticker "$label" "$log" &
  ticker=$!
  "$@" >"$log" 2>&1 </dev/null || status=$?
  seconds=$(((${EPOCHREALTIME/[.,]/} - ${started/[.,]/}) / 1000000))
  kill "$ticker" 2>/dev/null || true
  wait "$ticker" 2>/dev/null || true
  [[ -t 2 ]] && printf '\r\033[K' >&2
  if ((status != 0)); then
    tail -n 60 "$log" >&2
    give_back_build
    die "$label failed after $seconds s (exit code $status); the whole log is $log"
  fi
  ((seconds < 1)) || say "  $label: done in $seconds s"
}

# Where there is ccache, what was compiled once is not compiled again, in whatever folder the checkout lies: names of
# files are taken relative to it. At most 4 GiB; BONGSU_CCACHE=no does without.
_compiler_launcher=
if [[ ${BONGSU_CCACHE-} != no ]] && command -v ccache >/dev/null; then
  _compiler_launcher=ccache
  export CCACHE_DIR=${CCACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/bongsu/ccache} CCACHE_MAXSIZE=${CCACHE_MAXSIZE:-4G}
  export CCACHE_BASEDIR=$BONGSU_ROOT CCACHE_NOHASHDIR=yes CCACHE_SLOPPINESS=pch_defines,time_macros
fi

# build PRESET LABEL [TARGET...]: configures when there is something to configure, then lets ninja decide.
# EXTRA_CONFIGURE holds further -D options of the caller.
EXTRA_CONFIGURE=()
build() {
  local preset=$1 label=$2 folder=$BONGSU_ROOT/build/$1
  shift 2
  local EXTRA_CONFIGURE=("-DCMAKE_C_COMPILER_LAUNCHER=$_compiler_launcher"
    "-DCMAKE_CXX_COMPILER_LAUNCHER=$_compiler_launcher" "${EXTRA_CONFIGURE[@]}")
  cd "$BONGSU_ROOT" || die "cannot enter $BONGSU_ROOT"
  if [[ ! -f $folder/build.ninja ]] || _options_changed "$folder"; then
    # A checkout that was moved cannot reuse its cache: CMake refuses it.
    if [[ -f $folder/CMakeCache.txt ]] && ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$BONGSU_ROOT" "$folder/CMakeCache.txt"; then
      rm -rf "$folder"
    fi
    step "configuring $label" "configure-$preset" cmake --preset "$preset" "${EXTRA_CONFIGURE[@]}"
  fi
  step "building $label" "build-$preset" ninja -C "$folder" "$@"
}

_options_changed() {
  local option cache=$1/CMakeCache.txt name
  [[ $BONGSU_ROOT/CMakePresets.json -nt $1/build.ninja ]] && return 0
  grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$BONGSU_ROOT" "$cache" || return 0
  for option in "${EXTRA_CONFIGURE[@]}"; do
    name=${option#-D}
    name=${name%%=*}
    [[ $(sed -n "s/^$name:[A-Z]*=//p" "$cache") == "${option#*=}" ]] || return 0
  done
  return 1
}

# Under sudo the build folder would be left to root, and the next build without sudo would fail: it goes back to
# whoever owns the checkout.
give_back_build() {
  local owner
  ((EUID == 0)) && [[ -d $BONGSU_ROOT/build ]] || return 0
  owner=$(stat -c %u:%g "$BONGSU_ROOT")
  [[ $owner == 0:* ]] || chown -R -h --from=0 "$owner" "$BONGSU_ROOT/build"
}
