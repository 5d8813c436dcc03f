# shellcheck shell=bash disable=SC2154 # CLUSTER_RUN and others are set by scripts/cluster
# SPDX-License-Identifier: Apache-2.0
#
# Certificates and configuration files of scripts/cluster. Sourced, never run; needs what scripts/cluster sets.

readonly PKI=$CLUSTER_RUN/pki
readonly CERTIFICATE_DAYS=30 # a cluster lives for one run of the tests

# _certificate NAME SUBJECT USAGE [ALTERNATIVE NAMES]
_certificate() {
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$PKI/$1.key" -subj "$2" \
    -out "$PKI/$1.csr"
  openssl x509 -req -in "$PKI/$1.csr" -CA "$PKI/ca.crt" -CAkey "$PKI/ca.key" -CAcreateserial \
    -days "$CERTIFICATE_DAYS" -out "$PKI/$1.crt" -extfile <(
      printf 'basicConstraints=CA:FALSE\nkeyUsage=digitalSignature\nextendedKeyUsage=%s\n' "$3"
      [[ -z ${4-} ]] || printf 'subjectAltName=%s\n' "$4"
    )
  rm "$PKI/$1.csr"
}

# _kubeconfig NAME: for who holds the certificate of that name.
_kubeconfig() {
  cat >"$PKI/$1.kubeconfig" <<EOF
apiVersion: v1
kind: Config
current-context: bongsu
clusters: [{name: bongsu, cluster: {server: "$API_URL", certificate-authority: "$PKI/ca.crt"}}]
users: [{name: $1, user: {client-certificate: "$PKI/$1.crt", client-key: "$PKI/$1.key"}}]
contexts: [{name: bongsu, context: {cluster: bongsu, user: $1}}]
EOF
}

make_certificates() (
  umask 077
  mkdir -p "$PKI"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days "$CERTIFICATE_DAYS" \
    -keyout "$PKI/ca.key" -out "$PKI/ca.crt" -subj /CN=bongsu-cluster-ca \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,digitalSignature
  _certificate apiserver /CN=kube-apiserver serverAuth "DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,\
DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local,IP:127.0.0.1,IP:$NODE_ADDRESS,IP:${SERVICE_CIDR%.*}.1"
  _certificate kubelet-server "/O=system:nodes/CN=system:node:$NODE" serverAuth "DNS:$NODE,IP:$NODE_ADDRESS,IP:127.0.0.1"
  _certificate kubelet-client /O=system:masters/CN=kube-apiserver-kubelet-client clientAuth
  _certificate front-proxy /CN=front-proxy-client clientAuth
  _certificate admin /O=system:masters/CN=kubernetes-admin clientAuth
  _certificate controller-manager /CN=system:kube-controller-manager clientAuth
  _certificate scheduler /CN=system:kube-scheduler clientAuth
  _certificate proxy /CN=system:kube-proxy clientAuth
  _certificate node "/O=system:nodes/CN=system:node:$NODE" clientAuth
  openssl genrsa -out "$PKI/accounts.key" 2048
  openssl rsa -in "$PKI/accounts.key" -pubout -out "$PKI/accounts.pub"
  local name
  for name in admin controller-manager scheduler proxy node; do
    _kubeconfig "$name"
  done
) >"$CLUSTER_RUN/log/certificates.log" 2>&1

write_configuration() {
  cat >"$CLUSTER_RUN/containerd.toml" <<EOF
version = 2
root = "/var/lib/containerd"
state = "/run/containerd"
[grpc]
  address = "$CONTAINERD_SOCKET"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "$PAUSE_IMAGE"
  restrict_oom_score_adj = true     # a machine may lack CAP_SYS_RESOURCE
  disable_apparmor = true
  disable_hugetlb_controller = true # nor has every one this cgroup
  tolerate_missing_hugetlb_controller = true
  netns_mounts_under_state_dir = true
  stream_server_address = "127.0.0.1"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "/etc/cni/net.d"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"   # crun refuses hybrid cgroups
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
EOF
  cat >"$CLUSTER_RUN/node/etc/cni/net.d/10-bridge.conflist" <<EOF
{ "cniVersion": "1.0.0", "name": "bridge", "plugins": [
  { "type": "bridge", "bridge": "cni0", "isGateway": true, "ipMasq": true, "hairpinMode": true,
    "ipam": { "type": "host-local", "ranges": [[{ "subnet": "$POD_CIDR" }]], "routes": [{ "dst": "0.0.0.0/0" }] } },
  { "type": "portmap", "capabilities": { "portMappings": true } } ] }
EOF
  mkdir -p "$CLUSTER_RUN/node/etc/kubernetes/manifests"
  cat >"$CLUSTER_RUN/kubelet.yaml" <<EOF
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication: { anonymous: { enabled: false }, webhook: { enabled: true }, x509: { clientCAFile: "$PKI/ca.crt" } }
authorization: { mode: Webhook }
tlsCertFile: "$PKI/kubelet-server.crt"
tlsPrivateKeyFile: "$PKI/kubelet-server.key"
containerRuntimeEndpoint: "unix://$CONTAINERD_SOCKET"
cgroupDriver: cgroupfs
failCgroupV1: false
failSwapOn: false
oomScoreAdj: 0 # a lower one needs CAP_SYS_RESOURCE
maxOpenFiles: $(ulimit -Hn | sed 's/unlimited/1000000/')
resolvConf: "$CLUSTER_RUN/resolv.conf"
staticPodPath: /etc/kubernetes/manifests
fileCheckFrequency: 2s
syncFrequency: 10s # how late a changed ConfigMap may come into a pod
nodeStatusUpdateFrequency: 4s
imageGCHighThresholdPercent: 100 # images come from files only
imageMinimumGCAge: 24h
evictionHard: { memory.available: "50Mi", nodefs.available: "1%", imagefs.available: "1%", nodefs.inodesFree: "1%" }
volumePluginDir: /var/lib/kubelet/volumeplugins # the default is below /usr
EOF
  printf 'nameserver 127.0.0.1\n' >"$CLUSTER_RUN/resolv.conf"
}
