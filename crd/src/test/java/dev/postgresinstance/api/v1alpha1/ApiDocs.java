package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.apiextensions.v1.ValidationRule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Generates the page docs/api.md from the CRDs. */
final class ApiDocs {

  private ApiDocs() {}

  static String page() {
    JSONSchemaProps instance = GeneratedCrd.schema(GeneratedCrd.of(PostgresInstance.class));
    CustomResourceDefinition backup = GeneratedCrd.of(PostgresBackup.class);
    return """
      <!-- Generated from the classes in crd/. Do not edit; regenerate it with `mvn -pl crd test -Dregenerate`. -->
      # The resources

      %s
      ```yaml
      apiVersion: postgresinstance.dev/v1alpha1
      kind: PostgresInstance
      metadata: {name: orders}
      spec: {}
      ```

      `kubectl explain pgi.spec` shows the same descriptions as the tables.

      %s
      ## Conditions

      The conditions follow the conventions of Kubernetes, so `kubectl wait --for=condition=Ready pgi/orders` works.

      | Condition of a PostgresInstance | Meaning of True |
      |---|---|
      %s

      A PostgresBackup has the condition `Complete`: its files and the write-ahead log up to its end are in the store.

      ## Reasons

      The reasons are a closed list. The column Symptoms contains the conditions that have the reason, then the content of
      their message or the effect on the server. The message states the specific problem and its remedy.

      | Reason | Cause | Symptoms | Remedy |
      |---|---|---|---|
      %s

      ## Events

      `kubectl describe pgi orders` and `kubectl events --for pgi/orders` show an event for each change of a condition,
      with the reason and the message of the condition, and an event for each action of the operator. A repeated event
      increases the count of the existing event. An event that cannot be written is lost; the status is authoritative.

      | Reason of an action | Meaning |
      |---|---|
      %s

      %s
      ```yaml
      apiVersion: postgresinstance.dev/v1alpha1
      kind: PostgresBackup
      metadata: {name: orders-before-migration}
      spec:
        instanceRef: {name: orders}
      ```

      %s"""
        .formatted(
            heading(GeneratedCrd.of(PostgresInstance.class)),
            parts(instance),
            conditions(),
            reasons(),
            actions(),
            heading(backup),
            parts(GeneratedCrd.schema(backup)));
  }

  private static String heading(CustomResourceDefinition crd) {
    return """
      ## %s

      `%s/%s`, kind `%1$s`, short name `%s`, namespaced. %s
      """
        .formatted(
            crd.getSpec().getNames().getKind(),
            crd.getSpec().getGroup(),
            GeneratedCrd.version(crd).getName(),
            String.join("`, `", crd.getSpec().getNames().getShortNames()),
            GeneratedCrd.schema(crd).getDescription());
  }

  private static String parts(JSONSchemaProps root) {
    return """
      ### Spec

      %s
      ### Validation rules

      The API server rejects a resource that violates one of these rules, with the text of the rule as the message:

      %s
      ### Status

      %s"""
        .formatted(fields(root, "spec"), rules(root), fields(root, "status"));
  }

  private static String fields(JSONSchemaProps root, String part) {
    Map<String, JSONSchemaProps> byPath = new TreeMap<>();
    collect(root.getProperties().get(part), part, byPath);
    byPath.remove(part);
    return "| Field | Type | Default | Meaning |\n|---|---|---|---|\n"
        + byPath.entrySet().stream()
            // A field without a description is described by its parent.
            .filter(field -> field.getValue().getDescription() != null)
            .map(
                field ->
                    "| `%s` | %s | %s | %s |\n"
                        .formatted(
                            field.getKey(),
                            type(field.getValue()),
                            defaultOf(field.getValue()),
                            cell(field.getValue().getDescription())))
            .collect(Collectors.joining());
  }

  private static void collect(
      JSONSchemaProps schema, String path, Map<String, JSONSchemaProps> byPath) {
    byPath.put(path, schema);
    if (schema.getProperties() != null) {
      schema.getProperties().forEach((name, child) -> collect(child, path + "." + name, byPath));
    }
    if (schema.getItems() != null && schema.getItems().getSchema().getProperties() != null) {
      collect(schema.getItems().getSchema(), path + "[]", byPath);
      byPath.remove(path + "[]");
    }
  }

  private static String type(JSONSchemaProps schema) {
    if (schema.getEnum() != null && !schema.getEnum().isEmpty()) {
      return schema.getEnum().stream()
          .map(value -> "`" + value.asText() + "`")
          .collect(Collectors.joining(", "));
    }
    if (Boolean.TRUE.equals(schema.getXKubernetesIntOrString())) {
      return "quantity";
    }
    if (schema.getAdditionalProperties() != null) {
      return Boolean.TRUE.equals(
              schema.getAdditionalProperties().getSchema().getXKubernetesIntOrString())
          ? "map of quantities"
          : "map of strings";
    }
    if (schema.getItems() != null) {
      return "list";
    }
    if (schema.getMaximum() != null && schema.getMaximum() < CrdSchema.MAX_GENERATION) {
      return "integer, %d to %d"
          .formatted(schema.getMinimum().longValue(), schema.getMaximum().longValue());
    }
    return schema.getType();
  }

  private static String defaultOf(JSONSchemaProps schema) {
    JsonNode value = schema.getDefault();
    if (value == null || (value.isContainerNode() && value.isEmpty())) {
      return "";
    }
    return "`" + (value.isTextual() ? value.asText() : value.toString()) + "`";
  }

  private static String rules(JSONSchemaProps root) {
    List<String> messages = new ArrayList<>();
    rulesOf(root, messages);
    return messages.stream()
        .distinct()
        .map(message -> "- " + message + "\n")
        .collect(Collectors.joining());
  }

  private static void rulesOf(JSONSchemaProps schema, List<String> messages) {
    if (schema.getXKubernetesValidations() != null) {
      schema.getXKubernetesValidations().stream()
          .map(ValidationRule::getMessage)
          .forEach(messages::add);
    }
    if (schema.getProperties() != null) {
      schema.getProperties().values().forEach(child -> rulesOf(child, messages));
    }
  }

  private static String conditions() {
    return Arrays.stream(ConditionType.values())
        .map(condition -> "| `%s` | %s |".formatted(condition.type(), cell(condition.meaning())))
        .collect(Collectors.joining("\n"));
  }

  private static String reasons() {
    return ReasonDocs.byWord().entrySet().stream()
        .map(
            reason ->
                "| `%s` | %s | %s | %s |"
                    .formatted(
                        reason.getKey(),
                        cell(reason.getValue().cause()),
                        cell(reason.getValue().symptom()),
                        cell(reason.getValue().remedy())))
        .collect(Collectors.joining("\n"));
  }

  private static String actions() {
    return Arrays.stream(EventReason.values())
        .map(reason -> "| `%s` | %s |".formatted(reason.word(), cell(reason.meaning())))
        .collect(Collectors.joining("\n"));
  }

  private static String cell(String text) {
    return text == null ? "" : text.replace("|", "\\|");
  }
}
