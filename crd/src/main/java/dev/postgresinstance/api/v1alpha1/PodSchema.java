package dev.postgresinstance.api.v1alpha1;

import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import java.util.List;

/** The part of {@link CrdSchema} for {@code spec.pod}: types of Kubernetes with added bounds. */
final class PodSchema {

  private PodSchema() {}

  /** Completes the schema of {@code spec.pod}. */
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
    pullSecret.setDescription("A Secret.");
    pullSecret.setRequired(List.of("name"));
    CrdSchema.describe(pullSecret, "name", "Name of the Secret.");
  }

  /**
   * Keeps types and adds bounds, but drops the descriptions, which are most of the size. An untyped
   * field is no alternative: a value that Java cannot read, or that is nested a thousand levels
   * deep, would stop the operator. The required fields are dropped, too: the API server validates
   * them in the pod.
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
    toleration.setDescription("Taints that the pod tolerates.");
    CrdSchema.describe(
        toleration, "key", "Key of the taint. Without a key, operator Exists matches all taints.");
    CrdSchema.describe(toleration, "operator", "Exists or Equal. Default: Equal.");
    CrdSchema.describe(toleration, "value", "Value of the taint, for operator Equal.");
    CrdSchema.describe(
        toleration,
        "effect",
        "Effect of the taint: NoSchedule, PreferNoSchedule or NoExecute. Default: all"
            + " effects.");
    JSONSchemaProps seconds = CrdSchema.property(toleration, "tolerationSeconds");
    seconds.setDescription(
        "How long the pod stays after a taint with effect NoExecute was added, in"
            + " seconds. Default: forever.");
    seconds.setFormat("int64");
    seconds.setMinimum(0.0);
    seconds.setMaximum((double) Integer.MAX_VALUE);
  }
}
