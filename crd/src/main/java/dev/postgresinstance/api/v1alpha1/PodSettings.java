package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.Toleration;
import java.util.List;
import java.util.Map;

/**
 * Scheduling and metadata of the pod. In each component, null, empty and "" mean the same: not set.
 *
 * @param labels additional labels
 * @param annotations additional annotations
 * @param nodeSelector labels that the node must have
 * @param tolerations taints of nodes that the pod tolerates
 * @param affinity affinity and anti-affinity to nodes and other pods
 * @param priorityClassName priority class of the pod; default: the default of the cluster
 * @param imagePullSecrets Secrets in the namespace of the instance with credentials for registries
 * @param runAsUser user id and group id of the server and of its volume, 1 to 2147483647; null
 *     means 999; immutable
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PodSettings(
    @JsonPropertyDescription("Additional labels of the pod. A change restarts the server.")
        @ValidationRule(
            value = MetadataRules.LABELS,
            message =
                "pod.labels must have keys such as example.com/name or name, and values of at most"
                    + " 63 letters, digits, '-', '_' and '.'")
        @ValidationRule(
            value = MetadataRules.POD_LABELS_NOT_RESERVED,
            message =
                "pod.labels must not have the keys with which the operator, Argo CD or"
                    + " Kubernetes identify the pod: postgresinstance.dev/*, argocd.argoproj.io/*,"
                    + " statefulset.kubernetes.io/*, apps.kubernetes.io/*, controller-revision-hash,"
                    + " app.kubernetes.io/name, instance, component and managed-by")
        Map<String, @Size(max = 63) String> labels,
    @JsonPropertyDescription("Additional annotations of the pod. A change restarts the server.")
        @ValidationRule(
            value = MetadataRules.ANNOTATIONS,
            message =
                "pod.annotations must have keys such as example.com/name or name, with a name of at"
                    + " most 63 characters")
        @ValidationRule(
            value = MetadataRules.ANNOTATIONS_NOT_RESERVED,
            message =
                "pod.annotations must not have keys that start with postgresinstance.dev/ or"
                    + " argocd.argoproj.io/, with which the operator and Argo CD identify their"
                    + " objects")
        Map<String, @Size(max = 4096) String> annotations,
    @JsonPropertyDescription(
            "Labels that a node must have to run the pod. A change restarts the server.")
        Map<String, @Size(max = 63) String> nodeSelector,
    @JsonPropertyDescription(
            "Taints of nodes that the pod tolerates, as in pod.spec.tolerations. A change"
                + " restarts the server.")
        @Size(max = 32)
        List<Toleration> tolerations,
    @JsonPropertyDescription(
            "Affinity and anti-affinity of the pod to nodes and other pods, as in"
                + " pod.spec.affinity; kubectl explain pod.spec.affinity describes each field. A"
                + " change restarts the server.")
        Affinity affinity,
    @JsonPropertyDescription(
            "Priority class of the pod. Default: the default of the cluster. A change"
                + " restarts the server.")
        @Size(max = 253)
        String priorityClassName,
    @JsonPropertyDescription(
            "Secrets in the namespace of the instance with the credentials for private"
                + " registries. A change waits for the next restart.")
        @Size(max = 16)
        List<LocalObjectReference> imagePullSecrets,
    @JsonPropertyDescription(
            "User id and group id of the server, and group id of its volume, for platforms"
                + " that assign ids. Default: 999. Immutable, because this user owns the data.")
        @Min(1)
        @Max(2147483647)
        Integer runAsUser) {}
