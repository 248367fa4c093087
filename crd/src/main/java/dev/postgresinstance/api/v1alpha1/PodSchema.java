package dev.postgresinstance.api.v1alpha1;

import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import java.util.List;

/** The part of {@link CrdSchema} that is about {@code spec.pod}: Kubernetes' own types, bounded. */
final class PodSchema {

  private PodSchema() {}

  static void complete(JSONSchemaProps pod) {
    for (String map : List.of("labels", "annotations", "nodeSelector")) {
      CrdSchema.property(pod, map).setMaxProperties(64L);
    }
    CrdSchema.property(pod, "affinity")
        .getProperties()
        .values()
        .forEach(PodSchema::completeAffinity);
    completeToleration(CrdSchema.property(pod, "tolerations").getItems().getSchema());
    JSONSchemaProps pullSecret = CrdSchema.property(pod, "imagePullSecrets").getItems().getSchema();
    pullSecret.setDescription("One Secret.");
    pullSecret.setRequired(List.of("name"));
    CrdSchema.describe(pullSecret, "name", "Name of the Secret.");
  }

  /**
   * Typed and bounded, without descriptions, which make most of its size. Not left open to any
   * value: one that Java cannot read, or that is nested a thousand deep, would end the operator.
   * What is required the API server says of the pod.
   */
  private static void completeAffinity(JSONSchemaProps schema) {
    schema.setDescription(null);
    schema.setRequired(null);
    switch (schema.getType()) {
      case "string" -> schema.setMaxLength(317L);
      case "integer" -> {
        schema.setFormat("int32");
        schema.setMinimum(1.0);
        schema.setMaximum(100.0);
      }
      case "array" -> {
        schema.setMaxItems(64L);
        completeAffinity(schema.getItems().getSchema());
      }
      default -> {
        if (schema.getAdditionalProperties() != null) {
          schema.setMaxProperties(64L);
          completeAffinity(schema.getAdditionalProperties().getSchema());
        } else {
          schema.getProperties().values().forEach(PodSchema::completeAffinity);
        }
      }
    }
  }

  private static void completeToleration(JSONSchemaProps toleration) {
    toleration.setDescription("One taint, or several, that the pod bears.");
    CrdSchema.describe(
        toleration, "key", "Key of the taint; none with operator Exists means all taints.");
    CrdSchema.describe(toleration, "operator", "Exists or Equal. Default: Equal.");
    CrdSchema.describe(toleration, "value", "Value of the taint, for operator Equal.");
    CrdSchema.describe(
        toleration,
        "effect",
        "Effect of the taint: NoSchedule, PreferNoSchedule or NoExecute; none means all.");
    JSONSchemaProps seconds = CrdSchema.property(toleration, "tolerationSeconds");
    seconds.setDescription(
        "How long the pod stays after a taint of effect NoExecute came. Default: for ever.");
    seconds.setFormat("int64");
    seconds.setMinimum(0.0);
    seconds.setMaximum((double) Integer.MAX_VALUE);
  }
}
