{{/* config.json: what `config` says, and what the chart knows by itself. Returned as JSON. */}}
{{- define "bongsu.config" -}}
{{- $config := deepCopy .Values.config -}}
{{- $rules := list "/etc/bongsu/rules.d" -}}
{{- if .Values.rules.default -}}
{{- $rules = append $rules "/usr/share/bongsu/rules" -}}
{{- end -}}
{{- $_ := set $config "rules" $rules -}}
{{- $http := dict "listen" (printf "%s:%d" .Values.http.address (int .Values.http.port)) -}}
{{- if .Values.http.readyDegraded -}}
{{- $_ := set $http "ready_degraded" true -}}
{{- end -}}
{{- $_ := set $config "http" $http -}}
{{- if .Values.state.enabled -}}
{{- $_ := set $config "state" (dict "directory" "/var/lib/bongsu") -}}
{{- if .Values.spool.enabled -}}
{{- $_ := set $config "spool" (dict "directory" "/var/lib/bongsu/spool") -}}
{{- end -}}
{{- end -}}
{{- with .Values.runtime.bundleDirectories -}}
{{- $_ := set $config "containers" (dict "bundle_directories" .) -}}
{{- end -}}
{{- $kubernetes := $config.kubernetes -}}
{{- with .Values.exclude.namespaces -}}
{{- $_ := set $kubernetes "exclude_namespaces" . -}}
{{- end -}}
{{- with .Values.exclude.labels -}}
{{- $_ := set $kubernetes "exclude_labels" . -}}
{{- end -}}
{{- with .Values.webhooks -}}
{{- $webhooks := list -}}
{{- $names := dict -}}
{{- range . -}}
{{- if hasKey $names .name -}}
{{- fail (printf "webhooks: two are named %s; give each a name of its own" .name) -}}
{{- end -}}
{{- $_ := set $names .name true -}}
{{- $webhooks = append $webhooks (include "bongsu.webhook" . | fromJson) -}}
{{- end -}}
{{- $_ := set $config "webhooks" $webhooks -}}
{{- end -}}
{{- toJson $config -}}
{{- end }}

{{/* One of `webhooks` as the program wants it. Files of Secrets: see bongsu.secretSources. */}}
{{- define "bongsu.webhook" -}}
{{- if eq (empty .url) (empty .urlFrom) -}}
{{- fail (printf "webhooks: %s needs url or urlFrom, and not both" .name) -}}
{{- end -}}
{{- $folder := printf "/etc/bongsu/secrets/%s" .name -}}
{{- $webhook := dict "name" .name -}}
{{- if .url -}}
{{- $_ := set $webhook "url" .url -}}
{{- else -}}
{{- $_ := set $webhook "url_file" (printf "%s/url" $folder) -}}
{{- end -}}
{{- if .bearerTokenFrom -}}
{{- $_ := set $webhook "bearer_token_file" (printf "%s/token" $folder) -}}
{{- end -}}
{{- if .hmacKeyFrom -}}
{{- $_ := set $webhook "hmac_key_file" (printf "%s/hmac" $folder) -}}
{{- end -}}
{{- if .minSeverity -}}
{{- $_ := set $webhook "min_severity" .minSeverity -}}
{{- end -}}
{{- $given := . -}}
{{- range $key := list "format" "template" "elastic" "headers" "timeout" "retry" "tags" "batch" "gzip" "heartbeat" "spool" "dead_letter" -}}
{{- with index $given $key -}}
{{- $_ := set $webhook $key . -}}
{{- end -}}
{{- end -}}
{{- if hasKey . "proxy" -}}
{{- $_ := set $webhook "proxy" .proxy -}}
{{- end -}}
{{- with .tls -}}
{{- $tls := dict -}}
{{- if .certFrom -}}
{{- $_ := set $tls "cert_file" (printf "%s/tls.crt" $folder) -}}
{{- $_ := set $tls "key_file" (printf "%s/tls.key" $folder) -}}
{{- end -}}
{{- if hasKey . "verify" -}}
{{- $_ := set $tls "verify" .verify -}}
{{- end -}}
{{- with .caFrom -}}
{{- if eq (empty .configMapName) (empty .secretName) -}}
{{- fail (printf "webhooks: %s: tls.caFrom needs configMapName or secretName, and not both" $given.name) -}}
{{- end -}}
{{- $_ := set $tls "ca_file" (printf "%s/ca.crt" $folder) -}}
{{- end -}}
{{- $_ := set $webhook "tls" $tls -}}
{{- end -}}
{{- toJson $webhook -}}
{{- end }}

{{/* The sources of the projected volume /etc/bongsu/secrets, as a JSON array; a folder for each webhook. */}}
{{- define "bongsu.secretSources" -}}
{{- $sources := list -}}
{{- range $webhook := .Values.webhooks -}}
{{- with .urlFrom -}}
{{- $item := dict "key" .key "path" (printf "%s/url" $webhook.name) -}}
{{- $sources = append $sources (dict "secret" (dict "name" .secretName "items" (list $item))) -}}
{{- end -}}
{{- with .bearerTokenFrom -}}
{{- $item := dict "key" .key "path" (printf "%s/token" $webhook.name) -}}
{{- $sources = append $sources (dict "secret" (dict "name" .secretName "items" (list $item))) -}}
{{- end -}}
{{- with .hmacKeyFrom -}}
{{- $item := dict "key" .key "path" (printf "%s/hmac" $webhook.name) -}}
{{- $sources = append $sources (dict "secret" (dict "name" .secretName "items" (list $item))) -}}
{{- end -}}
{{- with (dig "tls" "certFrom" dict .) -}}
{{- $cert := dict "key" "tls.crt" "path" (printf "%s/tls.crt" $webhook.name) -}}
{{- $key := dict "key" "tls.key" "path" (printf "%s/tls.key" $webhook.name) -}}
{{- $sources = append $sources (dict "secret" (dict "name" .secretName "items" (list $cert $key))) -}}
{{- end -}}
{{- with (dig "tls" "caFrom" dict .) -}}
{{- $item := dict "key" .key "path" (printf "%s/ca.crt" $webhook.name) -}}
{{- $kind := ternary "secret" "configMap" (not (empty .secretName)) -}}
{{- $name := default .configMapName .secretName -}}
{{- $sources = append $sources (dict $kind (dict "name" $name "items" (list $item))) -}}
{{- end -}}
{{- end -}}
{{- toJson $sources -}}
{{- end }}

{{/*
A hash of what the program reads at its start only. On the pod template it rolls the DaemonSet when that changes, and
only then: the rest of the configuration, and the rules, are read anew by the program while it runs, and a restart would
be a gap in what is watched.
*/}}
{{- define "bongsu.restartChecksum" -}}
{{- $config := include "bongsu.config" . | fromJson -}}
{{- $fixed := pick $config "sensor" "http" "state" "redact" "confine" -}}
{{- $_ := set $fixed "api" (dig "kubernetes" "api" "" $config) -}}
{{- $_ := set $fixed "format" (dig "stdout" "format" "" $config) -}}
{{- toJson $fixed | sha256sum -}}
{{- end }}
