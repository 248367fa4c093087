package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.List;
import java.util.stream.Stream;

/** Completes the schema of {@link PostgresBackup}. Only the CRD generator calls it. */
public final class BackupCrdSchema implements SchemaCustomizer.Customizer {

  @Override
  public JSONSchemaProps apply(
      JSONSchemaProps root, String input, KubernetesSerialization serialization) {
    root.setDescription(
        "One base backup of a PostgresInstance. The write-ahead log in the archive of the instance"
            + " makes each later moment recoverable.");
    root.setRequired(List.of("spec"));
    CrdSchema.limitName(root, "At most 63 lower-case letters, digits and '-'.");
    JSONSchemaProps spec = CrdSchema.property(root, "spec");
    spec.setDescription("The requested backup.");
    JSONSchemaProps status = CrdSchema.property(root, "status");
    status.setDescription("The last observed state. Only the operator writes it.");
    status.setDefault(
        JsonNodeFactory.instance.objectNode().put("observedGeneration", CrdSchema.NONE_YET));
    CrdSchema.property(status, "observedGeneration").setFormat("int64");
    JSONSchemaProps timeline = CrdSchema.property(status, "timeline");
    timeline.setFormat("int64");
    timeline.setMinimum(1.0);
    timeline.setMaximum(CrdSchema.MAX_GENERATION);
    Stream.of("size", "storedSize", "archiveSize")
        .map(size -> CrdSchema.property(status, size))
        .forEach(size -> size.setMaxLength(CrdSchema.QUANTITY_MAX_LENGTH));
    ConditionSchema.complete(status);
    CrdSchema.withoutDuplicateRules(root);
    return root;
  }
}
