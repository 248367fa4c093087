package dev.postgresinstance.api.v1alpha1;

import static dev.postgresinstance.api.v1alpha1.CrdSchema.property;

import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import java.util.List;

/** The schema of conditions, as {@code metav1.Condition} of Kubernetes defines it. */
final class ConditionSchema {

  private ConditionSchema() {}

  /** Completes the conditions of a status. */
  static void complete(JSONSchemaProps status) {
    JSONSchemaProps conditions = property(status, "conditions");
    conditions.setXKubernetesListType("map");
    conditions.setXKubernetesListMapKeys(List.of("type"));
    completeCondition(conditions.getItems().getSchema());
  }

  /**
   * Adds the bounds of {@code metav1.Condition} of Kubernetes, which the class of fabric8 lacks.
   */
  private static void completeCondition(JSONSchemaProps condition) {
    condition.setDescription("One aspect of the state.");
    condition.setRequired(List.of("lastTransitionTime", "message", "reason", "status", "type"));
    JSONSchemaProps type = property(condition, "type");
    type.setDescription("Type of the condition, in CamelCase.");
    type.setMaxLength(316L);
    type.setPattern("^[A-Za-z]([A-Za-z0-9]*[A-Za-z0-9])?$");
    JSONSchemaProps status = property(condition, "status");
    status.setDescription("Whether the condition holds.");
    status.setEnum(CrdSchema.texts("True", "False", "Unknown"));
    JSONSchemaProps reason = property(condition, "reason");
    reason.setDescription("The cause, for programs: one CamelCase word from a closed list.");
    reason.setMinLength(1L);
    reason.setMaxLength(1024L);
    reason.setPattern("^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$");
    JSONSchemaProps message = property(condition, "message");
    message.setDescription("The problem and its remedy, for people.");
    message.setMaxLength(32768L);
    JSONSchemaProps lastTransitionTime = property(condition, "lastTransitionTime");
    lastTransitionTime.setDescription("When the status of the condition last changed.");
    lastTransitionTime.setFormat("date-time");
    JSONSchemaProps observedGeneration = property(condition, "observedGeneration");
    observedGeneration.setDescription("Generation of the resource that the condition describes.");
    observedGeneration.setFormat("int64");
    observedGeneration.setMinimum(0.0);
    observedGeneration.setMaximum(CrdSchema.MAX_GENERATION);
  }
}
