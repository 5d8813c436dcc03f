# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# The programs of scripts/cluster: Kubernetes and Helm built from their Go modules, the pause image from Kubernetes'
# source. Sourced, never run; needs scripts/lib.sh.
#
# What is built stays in $CLUSTER_CACHE/bin, named by version, about 0.5 GiB; what Go needs for it (5 GiB) goes again.

readonly CLUSTER_HOME=${XDG_CACHE_HOME:-$HOME/.cache}/bongsu/cluster
readonly CLUSTER_CACHE=$CLUSTER_HOME/cache
# 1.34 is the last series whose kubelet runs on cgroup v1 by a setting and warns; newer ones have not been tried there.
readonly KUBERNETES_VERSION=1.34.4
readonly HELM_VERSION=3.22.0
readonly PAUSE_VERSION=3.10.1
readonly PAUSE_IMAGE=bongsu.local/pause:$PAUSE_VERSION # made here, and fetched by nobody
readonly KUBERNETES_BIN=$CLUSTER_CACHE/bin/k8s-$KUBERNETES_VERSION
readonly HELM=$CLUSTER_CACHE/bin/helm-$HELM_VERSION
readonly PAUSE_TAR=$CLUSTER_CACHE/bin/pause-$PAUSE_VERSION.tar
readonly GO_NEEDED=1.24

# kubectl of the machine will do; without one it is built too.
_programs() {
  printf '%s\n' kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy
  command -v kubectl >/dev/null || printf 'kubectl\n'
}

kubectl_program() {
  if [[ -x $KUBERNETES_BIN/kubectl ]]; then printf '%s\n' "$KUBERNETES_BIN/kubectl"; else command -v kubectl; fi
}

programs_missing() {
  local program
  while read -r program; do
    [[ -x $KUBERNETES_BIN/$program ]] || return 0
  done < <(_programs)
  [[ ! -x $HELM || ! -s $PAUSE_TAR ]]
}

_go_environment() {
  local version
  command -v go >/dev/null || die "Go $GO_NEEDED or later is needed on PATH to build Kubernetes and Helm"
  version=$(go env GOVERSION)
  [[ $(printf '%s\n' "go$GO_NEEDED" "$version" | sort -V | head -n 1) == "go$GO_NEEDED" ]] ||
    die "Go $GO_NEEDED or later is needed to build Kubernetes and Helm; $(command -v go) is $version"
  export GOPATH=$CLUSTER_CACHE/go GOMODCACHE=$CLUSTER_CACHE/go/mod GOCACHE=$CLUSTER_CACHE/go/cache
  export CGO_ENABLED=0 GOWORK=off GOFLAGS='-buildvcs=false -modcacherw -trimpath'
}

# k8s.io/kubernetes replaces its staging modules by folders that are not in the module's zip file, so a module of our
# own replaces them by their releases. Leaves the source's folder in kubernetes_source.
_fetch_kubernetes() {
  local module=$CLUSTER_CACHE/go/module
  mkdir -p "$module"
  cd "$module" || die "cannot enter $module"
  rm -f go.mod go.sum
  printf 'module cluster\n' >go.mod
  kubernetes_source=$(go mod download -json "k8s.io/kubernetes@v$KUBERNETES_VERSION" | sed -n 's/.*"Dir": "\(.*\)",/\1/p')
  [[ -d $kubernetes_source ]] || die "k8s.io/kubernetes v$KUBERNETES_VERSION cannot be fetched"
  {
    printf 'module cluster\n'
    grep -E '^(go|godebug) ' "$kubernetes_source/go.mod"
    printf 'require k8s.io/kubernetes v%s\nreplace (\n' "$KUBERNETES_VERSION"
    sed -nE "s#^\s*(k8s.io/[a-z0-9-]+) => ./staging/.*#\t\1 => \1 v0.${KUBERNETES_VERSION#1.}#p" "$kubernetes_source/go.mod"
    printf ')\n'
  } >go.mod
}

_build_kubernetes() {
  local package flags='-s -w' minor=${KUBERNETES_VERSION#1.} wanted
  mapfile -t wanted < <(_programs)
  _fetch_kubernetes
  for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
    flags+=" -X $package.gitVersion=v$KUBERNETES_VERSION -X $package.gitMajor=1 -X $package.gitMinor=${minor%%.*}"
    flags+=" -X $package.gitTreeState=clean -X $package.buildDate=1970-01-01T00:00:00Z"
  done
  mkdir -p "$KUBERNETES_BIN.new"
  GOFLAGS="$GOFLAGS -mod=mod" go build -v -ldflags "$flags" -o "$KUBERNETES_BIN.new/" \
    "${wanted[@]/#/k8s.io/kubernetes/cmd/}"
  rm -rf "$KUBERNETES_BIN"
  mv "$KUBERNETES_BIN.new" "$KUBERNETES_BIN"
}

_build_pause() {
  local folder
  [[ -d ${kubernetes_source-} ]] || _fetch_kubernetes
  folder=$(mktemp -d)
  cc -Os -static -s "-DVERSION=$PAUSE_VERSION" -o "$folder/pause" "$kubernetes_source/build/pause/linux/pause.c"
  make_image "$PAUSE_IMAGE" "$folder" "$PAUSE_TAR" '{"Entrypoint":["/pause"],"User":"65535:65535"}'
  rm -rf "$folder"
}

_build_helm() {
  GOBIN=$CLUSTER_CACHE/bin go install -v -ldflags \
    "-s -w -X helm.sh/helm/v3/internal/version.version=v$HELM_VERSION" "helm.sh/helm/v3/cmd/helm@v$HELM_VERSION"
  mv "$CLUSTER_CACHE/bin/helm" "$HELM"
}

build_missing() {
  local program
  renice -n 15 -p "$$" >/dev/null
  _go_environment
  while read -r program; do
    [[ -x $KUBERNETES_BIN/$program ]] || {
      _build_kubernetes
      break
    }
  done < <(_programs)
  [[ -s $PAUSE_TAR ]] || _build_pause
  [[ -x $HELM ]] || _build_helm
  rm -rf "$CLUSTER_CACHE/go"
}

# build_programs: at low priority; two runs at once build once.
build_programs() {
  programs_missing || return 0
  mkdir -p "$CLUSTER_CACHE/bin"
  exec 8>"$CLUSTER_CACHE/build.lock"
  step "waiting for another run that builds Kubernetes" cluster-lock flock 8
  if programs_missing; then
    step "building Kubernetes $KUBERNETES_VERSION and Helm $HELM_VERSION (10 to 25 minutes, once)" cluster-build \
      "$0" build-programs
  fi
  exec 8>&-
}

# make_image NAME FOLDER FILE [CONFIG]: a docker-archive of one layer, made of nothing but the folder; CONFIG is the
# image's configuration as JSON.
make_image() {
  local name=$1 folder=$2 file config=${4:-'{}'} work layer id
  file=$(realpath -m "$3")
  work=$(mktemp -d)
  tar -C "$folder" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cf "$work/layer.tar" .
  layer=$(sha256sum <"$work/layer.tar" | cut -d ' ' -f 1)
  printf '{"architecture":"%s","os":"linux","created":"1970-01-01T00:00:00Z","config":%s,"rootfs":{"type":"layers",%s},%s}' \
    "$(dpkg --print-architecture)" "$config" "\"diff_ids\":[\"sha256:$layer\"]" \
    '"history":[{"created":"1970-01-01T00:00:00Z"}]' >"$work/config"
  id=$(sha256sum <"$work/config" | cut -d ' ' -f 1)
  mv "$work/config" "$work/$id.json"
  printf '[{"Config":"%s.json","RepoTags":["%s"],"Layers":["layer.tar"]}]' "$id" "$name" >"$work/manifest.json"
  tar -C "$work" -cf "$file" "$id.json" layer.tar manifest.json
  rm -rf "$work"
}
