package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.List;

/** Completes the schema of {@link PostgresRole}. Only the CRD generator calls it. */
public final class RoleCrdSchema implements SchemaCustomizer.Customizer {

  /** Bounds of memberOf and parameters: the API server limits what the rules cost. */
  private static final long MAX_GROUPS = 32;

  private static final long MAX_PARAMETERS = 50;

  @Override
  public JSONSchemaProps apply(
      JSONSchemaProps root, String input, KubernetesSerialization serialization) {
    root.setDescription(
        "One role in the database of a PostgresInstance, with its login in a Secret.");
    root.setRequired(List.of("spec"));
    CrdSchema.limitName(root, "At most 58 lower-case letters, digits and '-'.");
    JSONSchemaProps spec = CrdSchema.property(root, "spec");
    spec.setDescription("The requested role.");
    JSONSchemaProps groups = CrdSchema.property(spec, "memberOf");
    groups.setMaxItems(MAX_GROUPS);
    groups.setXKubernetesListType("set");
    groups.getItems().getSchema().setDescription("Name of a role.");
    CrdSchema.property(spec, "parameters").setMaxProperties(MAX_PARAMETERS);
    JSONSchemaProps status = CrdSchema.property(root, "status");
    status.setDescription("The last observed state. Only the operator writes it.");
    status.setDefault(
        JsonNodeFactory.instance.objectNode().put("observedGeneration", CrdSchema.NONE_YET));
    CrdSchema.property(status, "observedGeneration").setFormat("int64");
    ConditionSchema.complete(status);
    CrdSchema.withoutDuplicateRules(root);
    return root;
  }
}
