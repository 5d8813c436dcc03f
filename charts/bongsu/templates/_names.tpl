{{/* Names and labels. All names that follow from the full name stay within the 63 bytes of a DNS label. */}}

{{- define "bongsu.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end }}

{{/*
The release's name where it says "bongsu" already, else both. A release may be called "1.a"; a Service may not, so dots
go and a letter comes first. What is too long is cut and told apart by a hash: two releases never share a name by cutting.
*/}}
{{- define "bongsu.fullname" -}}
{{- $name := include "bongsu.name" . -}}
{{- $full := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) -}}
{{- $full = default $full .Values.fullnameOverride | replace "." "-" -}}
{{- if not (regexMatch "^[a-z]" $full) -}}
{{- $full = printf "%s-%s" $name $full -}}
{{- end -}}
{{- if gt (len $full) 52 -}}
{{- $full = printf "%s-%s" (trunc 43 $full | trimSuffix "-") (sha256sum $full | trunc 8) -}}
{{- end -}}
{{- $full -}}
{{- end }}

{{/* Of things that belong to no namespace, so that two releases of one name in two namespaces do not meet. */}}
{{- define "bongsu.clusterName" -}}
{{- printf "%s-%s" .Release.Namespace (include "bongsu.fullname" .) -}}
{{- end }}

{{- define "bongsu.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "bongsu.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end }}

{{/* bongsu.selector (list CONTEXT COMPONENT): the labels that say which pods are whose; they never change. */}}
{{- define "bongsu.selector" -}}
{{- $context := index . 0 -}}
app.kubernetes.io/name: {{ include "bongsu.name" $context }}
app.kubernetes.io/instance: {{ $context.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{/* bongsu.labels (list CONTEXT COMPONENT) */}}
{{- define "bongsu.labels" -}}
{{- $context := index . 0 -}}
helm.sh/chart: {{ printf "%s-%s" $context.Chart.Name $context.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "bongsu.selector" . }}
app.kubernetes.io/version: {{ $context.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: bongsu
app.kubernetes.io/managed-by: {{ $context.Release.Service }}
{{- with $context.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "bongsu.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ default $.Chart.AppVersion .tag }}
{{- end -}}
{{- end -}}
{{- end }}

{{/* Whether the API server is asked for pods: then there is a role, and a token in the pod. */}}
{{- define "bongsu.asksApi" -}}
{{- if ne .Values.config.kubernetes.api "off" -}}yes{{- end -}}
{{- end }}
