{{/* The selector of the Deployment. It is immutable, so it must never change for a release. */}}
{{- define "operator.selectorLabels" -}}
app.kubernetes.io/name: postgres-instance-operator
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "operator.labels" -}}
{{ include "operator.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* Permissions on namespaced objects: the same list for the ClusterRole and for each Role. */}}
{{- define "operator.namespacedRules" -}}
- apiGroups: [postgresinstance.dev]
  resources: [postgresinstances]
  verbs: [get, list, watch]
- apiGroups: [postgresinstance.dev]
  resources: [postgresinstances/status]
  verbs: [patch]
# The operator creates a PostgresBackup when it is due, and deletes it when the retention has deleted the backup.
- apiGroups: [postgresinstance.dev]
  resources: [postgresbackups]
  verbs: [list, watch, create, delete]
- apiGroups: [postgresinstance.dev]
  resources: [postgresbackups/status]
  verbs: [patch]
- apiGroups: [""]
  resources: [services, configmaps, persistentvolumeclaims]
  verbs: [list, watch, create, patch]
# The operator watches only Secrets with its labels, and reads other Secrets only by name.
- apiGroups: [""]
  resources: [secrets]
  verbs: [get, list, watch, create, patch]
# The operator deletes a StatefulSet, without its pod, if somebody has recreated it with different immutable fields.
- apiGroups: [apps]
  resources: [statefulsets]
  verbs: [list, watch, create, patch, delete]
# A base backup, a restore and a verification are Jobs.
- apiGroups: [batch]
  resources: [jobs]
  verbs: [list, watch, create, delete]
# The operator deletes a pod to restart it; the StatefulSet creates the next one. It annotates a pod so that the kubelet
# updates the mounted configuration immediately.
- apiGroups: [""]
  resources: [pods]
  verbs: [list, watch, delete, patch]
# The Job of a restore writes its progress into its log: it has no token for the API server.
- apiGroups: [""]
  resources: [pods/log]
  verbs: [get]
# The operator records events for instances; for a repeated event it increases the count of the existing one (patch).
# Quotas, admission controllers, provisioners and kubelets report refusals in events; the operator reads these for an
# instance that does not start (list).
- apiGroups: [""]
  resources: [events]
  verbs: [list, create, patch]
{{- end }}

{{/* Permissions on cluster-scoped objects; empty if there are none. */}}
{{- define "operator.clusterRules" -}}
{{- if .Values.nodes.read -}}
# The status shows the addresses of nodes, and reports an instance whose node is lost.
- apiGroups: [""]
  resources: [nodes]
  verbs: [list]
{{ end }}
{{- if .Values.persistentVolumes.read -}}
# The reclaim policy determines what happens to the data when a claim is deleted.
- apiGroups: [""]
  resources: [persistentvolumes]
  verbs: [get]
{{ end }}
{{- end }}

{{- define "operator.subjects" -}}
- kind: ServiceAccount
  name: {{ .Release.Name }}
  namespace: {{ .Release.Namespace }}
{{- end }}
