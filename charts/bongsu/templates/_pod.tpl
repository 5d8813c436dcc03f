{{/* What the pod may do, and what it sees of the node: the two things to look at when either is in doubt. */}}

{{- define "bongsu.securityContext" -}}
{{- with .Values.securityContext -}}
{{/* As another user it would need file capabilities; capabilities of a pod are given to root only. */ -}}
runAsUser: 0
runAsGroup: 0
runAsNonRoot: false
readOnlyRootFilesystem: true
privileged: {{ .privileged }}
{{- if not .privileged }}
allowPrivilegeEscalation: false
capabilities:
  drop: [ALL]
  {{- with .capabilities }}
  add: {{ toJson . }}
  {{- end }}
{{- with .seccompProfile }}
seccompProfile:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- if and .appArmorProfile (semverCompare ">=1.30.0-0" $.Capabilities.KubeVersion.Version) }}
appArmorProfile:
  {{- toYaml .appArmorProfile | nindent 2 }}
{{- end }}
{{- with .seLinuxOptions }}
seLinuxOptions:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- end -}}
{{- end }}

{{/* Before 1.30 a profile of AppArmor is an annotation. */}}
{{- define "bongsu.appArmorAnnotation" -}}
{{- with .Values.securityContext -}}
{{- if and .appArmorProfile (not .privileged) (semverCompare "<1.30.0-0" $.Capabilities.KubeVersion.Version) -}}
{{- $profile := dict "RuntimeDefault" "runtime/default" "Unconfined" "unconfined" -}}
{{- $value := default (printf "localhost/%s" .appArmorProfile.localhostProfile) (index $profile .appArmorProfile.type) -}}
container.apparmor.security.beta.kubernetes.io/bongsu: {{ $value }}
{{- end -}}
{{- end -}}
{{- end }}

{{/* Folders of the node with containers' bundles, as a JSON array. Each holds plain files; none holds a socket. */}}
{{- define "bongsu.bundleDirectories" -}}
{{- $task := "io.containerd.runtime.v2.task" -}}
{{- $containerd := list (printf "/run/containerd/%s" $task) -}}
{{- $storage := list "/run/containers/storage/overlay-containers" "/var/lib/containers/storage/overlay-containers" -}}
{{- $docker := concat $containerd (list (printf "/run/docker/containerd/daemon/%s" $task) "/var/lib/docker/containers") -}}
{{- $k3s := list (printf "/run/k3s/containerd/%s" $task) -}}
{{- $known := dict
  "auto" (concat $containerd $storage)
  "containerd" $containerd
  "cri-o" $storage
  "docker" $docker
  "podman" $storage
  "k3s" $k3s
  "rke2" $k3s
  "k0s" (list (printf "/run/k0s/containerd/%s" $task))
  "microk8s" (list (printf "/var/snap/microk8s/common/run/containerd/%s" $task)) -}}
{{- concat (index $known .Values.runtime.name) .Values.runtime.bundleDirectories | uniq | toJson -}}
{{- end }}

{{/*
readOnly makes the top of a mount read-only, not what is mounted below it: other containers' root file systems in a
bundle directory, version 1's hierarchies in the cgroup file system. From 1.33 on Kubernetes does that too where node
and runtime can.
*/}}
{{- define "bongsu.readOnly" -}}
readOnly: true
{{- if semverCompare ">=1.33.0-0" .Capabilities.KubeVersion.Version }}
recursiveReadOnly: IfPossible
{{- end }}
{{- end }}
