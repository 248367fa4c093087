{{/* What a Deployment selects by: never changes for a release. */}}
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

{{/* All rights on objects in namespaces: the same list for a ClusterRole and for each Role. */}}
{{- define "operator.namespacedRules" -}}
- apiGroups: [postgresinstance.dev]
  resources: [postgresinstances]
  verbs: [get, list, watch]
- apiGroups: [postgresinstance.dev]
  resources: [postgresinstances/status]
  verbs: [patch]
- apiGroups: [""]
  resources: [services, configmaps, persistentvolumeclaims]
  verbs: [list, watch, create, patch]
# A Secret is read by its name, or by the operator's label; others are none of its business.
- apiGroups: [""]
  resources: [secrets]
  verbs: [get, list, watch, create, patch]
# A StatefulSet is deleted, around its pod, when somebody made it otherwise in what cannot be changed.
- apiGroups: [apps]
  resources: [statefulsets]
  verbs: [list, watch, create, patch, delete]
# A pod is deleted when it must start again; the StatefulSet makes the next one. It is annotated so that its volume has a
# new configuration at once.
- apiGroups: [""]
  resources: [pods]
  verbs: [list, watch, delete, patch]
# What becomes of an instance is told by events; what happens again is counted in the one that is there. Quotas, admission,
# provisioners and kubelets say in events why they refuse; those are read for an instance that does not come up.
- apiGroups: [""]
  resources: [events]
  verbs: [list, create, patch]
{{- end }}

{{/* Rights on what belongs to no namespace; empty when there are none. */}}
{{- define "operator.clusterRules" -}}
{{- if .Values.nodes.read -}}
# Their addresses are what clients outside the cluster connect to.
- apiGroups: [""]
  resources: [nodes]
  verbs: [list]
{{ end }}
{{- if .Values.persistentVolumes.read -}}
# Their reclaim policy is what becomes of the data when a claim is deleted.
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
