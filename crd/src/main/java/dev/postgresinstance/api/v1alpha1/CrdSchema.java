package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.apiextensions.v1.ValidationRule;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Completes the schema of {@link PostgresInstance} where the CRD generator offers no annotation:
 * the required spec, enums of strings, the bounds of conditions, and types of Kubernetes. Only the
 * CRD generator calls it, never the operator.
 */
public final class CrdSchema implements SchemaCustomizer.Customizer {

  /** The largest integer that every JSON parser reads exactly, 2^53 - 1. */
  static final double MAX_GENERATION = 9007199254740991.0;

  /** Observed generation of a resource that the operator has not reconciled yet. */
  static final int NONE_YET = -1;

  /** The longest quantity. */
  static final long QUANTITY_MAX_LENGTH = 32;

  @Override
  public JSONSchemaProps apply(
      JSONSchemaProps root, String input, KubernetesSerialization serialization) {
    root.setDescription("One PostgreSQL server with a volume, credentials and an address.");
    // No default: if the indentation of a manifest is wrong, an error is better than a database
    // with default values, some of which are immutable.
    root.setRequired(List.of("spec"));
    limitName(root, "DNS-1035 label of at most 50 characters.");
    JSONSchemaProps spec = property(root, "spec");
    spec.setDescription("The requested state. The empty spec {} is a complete spec.");
    completeSpec(spec, serialization);
    JSONSchemaProps status = property(root, "status");
    status.setDescription("The last observed state. Only the operator writes it.");
    completeStatus(status);
    withoutDuplicateRules(root);
    return root;
  }

  /**
   * Only so that the rules on the name can set fieldPath. The API server accepts no description of
   * metadata here.
   */
  static void limitName(JSONSchemaProps root, String description) {
    JSONSchemaProps name = typed("string", description);
    name.setMaxLength(253L);
    JSONSchemaProps metadata = typed("object", null);
    metadata.setProperties(Map.of("name", name));
    root.getProperties().put("metadata", metadata);
  }

  private static void completeSpec(JSONSchemaProps spec, KubernetesSerialization serialization) {
    property(spec, "version")
        .setEnum(
            texts(
                Stream.of(PostgresVersion.values())
                    .map(PostgresVersion::text)
                    .toArray(String[]::new)));
    property(spec, "initdb", "walSegmentSize")
        .setEnum(
            texts(
                "1MB", "2MB", "4MB", "8MB", "16MB", "32MB", "64MB", "128MB", "256MB", "512MB",
                "1GB"));
    property(spec, "storage", "size").setMaxLength(QUANTITY_MAX_LENGTH);
    property(spec, "backup", "store", "volume", "size").setMaxLength(QUANTITY_MAX_LENGTH);
    property(spec, "parameters").setMaxProperties(200L);
    completeResources(property(spec, "resources"), serialization);
    JSONSchemaProps service = property(spec, "service");
    property(service, "annotations").setMaxProperties(64L);
    property(service, "loadBalancerSourceRanges")
        .getItems()
        .getSchema()
        .setDescription("An address range in CIDR notation.");
    property(spec, "tls", "dnsNames").getItems().getSchema().setDescription("A host name.");
    PodSchema.complete(property(spec, "pod"));
  }

  /** Describes a field that holds the name of a Kubernetes object, a label or a part of one. */
  static void describe(JSONSchemaProps object, String field, String description) {
    property(object, field).setDescription(description);
    property(object, field).setMaxLength(317L);
  }

  private static void completeResources(
      JSONSchemaProps resources, KubernetesSerialization serialization) {
    resources.getProperties().remove("claims"); // PostgreSQL does not use devices
    JSONSchemaProps requests = property(resources, "requests");
    requests.setDescription(
        "Resources that the scheduler reserves on the node: cpu (cores), memory and"
            + " ephemeral-storage (bytes).");
    requests.setDefault(
        serialization.unmarshal("{\"cpu\":\"100m\",\"memory\":\"256Mi\"}", JsonNode.class));
    JSONSchemaProps limits = property(resources, "limits");
    limits.setDescription(
        "Maximum that the container may use: cpu (cores), memory and ephemeral-storage"
            + " (bytes). Default: no limits. A memory limit must be at least 128Mi.");
    Map.of("requests", requests, "limits", limits).forEach(CrdSchema::completeQuantities);
    limits.setXKubernetesValidations(
        concat(
            limits.getXKubernetesValidations(),
            rule(
                "!('memory' in self) || !isQuantity(string(self['memory']))"
                    + " || quantity(string(self['memory'])).compareTo(quantity('128Mi')) >= 0",
                "resources.limits.memory must be at least 128Mi, because PostgreSQL does not"
                    + " work with less")));
    resources.setXKubernetesValidations(
        List.of(
            rule(
                "!has(self.requests) || !has(self.limits) || self.requests.all(k,"
                    + " !(k in self.limits) || !isQuantity(string(self.requests[k]))"
                    + " || !isQuantity(string(self.limits[k]))"
                    + " || quantity(string(self.requests[k]))"
                    + ".compareTo(quantity(string(self.limits[k]))) <= 0)",
                "resources.requests must not exceed resources.limits; the default requests are"
                    + " cpu 100m and memory 256Mi")));
  }

  private static void completeQuantities(String name, JSONSchemaProps quantities) {
    quantities.setMaxProperties(3L);
    quantities.getAdditionalProperties().getSchema().setMaxLength(QUANTITY_MAX_LENGTH);
    quantities.setXKubernetesValidations(
        List.of(
            rule(
                "self.all(k, k in ['cpu', 'memory', 'ephemeral-storage'])",
                "resources." + name + " must contain only cpu, memory and ephemeral-storage"),
            rule(
                "self.all(k, isQuantity(string(self[k]))"
                    + " && quantity(string(self[k])).compareTo(quantity('0')) >= 0"
                    + " && quantity(string(self[k])).compareTo(quantity('64Ti')) <= 0)",
                "resources."
                    + name
                    + " must be quantities from 0 to 64Ti, for example cpu 500m or memory 1Gi")));
  }

  private static void completeStatus(JSONSchemaProps status) {
    property(status, "tls", "names")
        .getItems()
        .getSchema()
        .setDescription("A host name or an IP address.");
    property(status, "tls", "unencrypted", "roles")
        .getItems()
        .getSchema()
        .setDescription("A role of the database.");
    property(status, "backup", "deleteWithResource")
        .getItems()
        .getSchema()
        .setDescription("A backup, and its PostgresBackup.");
    property(status, "observedGeneration").setFormat("int64");
    property(status, "backup", "storedSize").setMaxLength(QUANTITY_MAX_LENGTH);
    // kstatus, which Flux uses, treats an object without a status as complete.
    status.setDefault(JsonNodeFactory.instance.objectNode().put("observedGeneration", NONE_YET));
    Stream.of("requested", "actual", "used")
        .map(size -> property(status, "storage", size))
        .forEach(size -> size.setMaxLength(QUANTITY_MAX_LENGTH));
    ConditionSchema.complete(status);
    property(status, "endpoints", "external", "hosts").setXKubernetesListType("atomic");
  }

  /**
   * The generator finds the annotations of a record component twice: on the field and on the
   * accessor.
   */
  static void withoutDuplicateRules(JSONSchemaProps schema) {
    if (schema.getXKubernetesValidations() != null) {
      schema.setXKubernetesValidations(
          new ArrayList<>(new LinkedHashSet<>(schema.getXKubernetesValidations())));
    }
    if (schema.getProperties() != null) {
      schema.getProperties().values().forEach(CrdSchema::withoutDuplicateRules);
    }
  }

  /** The schema of a field, by the names of the fields that lead to it. */
  static JSONSchemaProps property(JSONSchemaProps schema, String... path) {
    JSONSchemaProps found = schema;
    for (String name : path) {
      found = found.getProperties().get(name);
    }
    return found;
  }

  private static JSONSchemaProps typed(String type, String description) {
    JSONSchemaProps schema = new JSONSchemaProps();
    schema.setType(type);
    schema.setDescription(description);
    return schema;
  }

  static List<JsonNode> texts(String... values) {
    return Stream.of(values).<JsonNode>map(JsonNodeFactory.instance::textNode).toList();
  }

  private static ValidationRule rule(String rule, String message) {
    ValidationRule validation = new ValidationRule();
    validation.setRule(rule);
    validation.setMessage(message);
    return validation;
  }

  private static List<ValidationRule> concat(List<ValidationRule> rules, ValidationRule rule) {
    return Stream.concat(rules.stream(), Stream.of(rule)).toList();
  }
}
