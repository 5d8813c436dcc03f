# shellcheck shell=bash disable=SC2034 # tools is for who sources this
# SPDX-License-Identifier: Apache-2.0
#
# The pinned tools of scripts/requirements.txt, for scripts that run tests. Sourced, never run; needs scripts/lib.sh.

# install_tools sets `tools`: a virtual environment named after everything it was made from, so a change makes a new one. Its
# file .complete is written last: without it the folder is a leftover of an interrupted run.
install_tools() {
  local cache=${XDG_CACHE_HOME:-$HOME/.cache}/bongsu key
  key=$({ python3 -c 'import sys; print(sys.version, sys.executable)' && cat "$BONGSU_ROOT/scripts/requirements.txt"; } |
    sha256sum | cut -c 1-16)
  tools=$cache/tools-$key
  [[ ! -f $tools/.complete ]] || return 0
  mkdir -p "$cache"
  exec 9>"$cache/tools.lock"
  step "waiting for another run that installs the tools" tools-lock flock 9
  if [[ ! -f $tools/.complete ]]; then
    rm -rf "$tools"
    step "creating a Python environment in $tools" tools-venv python3 -m venv "$tools"
    step "downloading the pinned tools with pip (clang-format, clang-tidy, pytest, ...)" tools-pip \
      "$tools/bin/python" -m pip --disable-pip-version-check --no-input install --only-binary :all: --no-deps \
      -r "$BONGSU_ROOT/scripts/requirements.txt"
    touch "$tools/.complete"
  fi
  exec 9>&-
}
