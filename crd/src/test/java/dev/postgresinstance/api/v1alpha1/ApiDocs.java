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

/** The page docs/api.md, made from the definition of the resource. */
final class ApiDocs {

  private ApiDocs() {}

  static String page(CustomResourceDefinition crd) {
    JSONSchemaProps root = GeneratedCrd.schema(crd);
    String group = crd.getSpec().getGroup();
    String version = GeneratedCrd.version(crd).getName();
    String kind = crd.getSpec().getNames().getKind();
    return """
      <!-- Generated from the classes in crd/. Do not edit; `mvn -pl crd test -Dregenerate` writes it anew. -->
      # The resource PostgresInstance

      `%s/%s`, kind `%s`, short name `%s`, namespaced. %s

      ```yaml
      apiVersion: %s/%s
      kind: %s
      metadata: {name: orders}
      spec: {}
      ```

      ## What you ask for

      `kubectl explain pgi.spec` says the same.

      %s
      The API server refuses, with these words:

      %s
      ## What you are told

      %s
      Conditions have the form of Kubernetes: `kubectl wait --for=condition=Ready pgi/orders`.

      | Condition | True means |
      |---|---|
      %s

      The reasons are a closed list; the message beside the reason says what is wrong here and what to do.

      | Reason | Cause | What you see | What to do |
      |---|---|---|---|
      %s

      ## What has happened

      `kubectl describe pgi orders` and `kubectl events --for pgi/orders` show an event for each change of a condition,
      with the reason and the message of that condition, and one for each deed of the operator. The same again is counted
      in the event that is there. An event that cannot be written is lost; the status is what counts.

      | Reason of a deed | Meaning |
      |---|---|
      %s
      """
        .formatted(
            group,
            version,
            kind,
            String.join("`, `", crd.getSpec().getNames().getShortNames()),
            root.getDescription(),
            group,
            version,
            kind,
            fields(root, "spec"),
            rules(root),
            fields(root, "status"),
            conditions(),
            reasons(),
            deeds());
  }

  private static String fields(JSONSchemaProps root, String part) {
    Map<String, JSONSchemaProps> byPath = new TreeMap<>();
    collect(root.getProperties().get(part), part, byPath);
    byPath.remove(part);
    return "| Field | Type | Default | Meaning |\n|---|---|---|---|\n"
        + byPath.entrySet().stream()
            // What has no description is a part of something else's, and described there.
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
          : "map of texts";
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
    return messages.stream().map(message -> "- " + message + "\n").collect(Collectors.joining());
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
    return Arrays.stream(Reason.values())
        .map(
            reason ->
                "| `%s` | %s | %s | %s |"
                    .formatted(
                        reason.word(),
                        cell(reason.cause()),
                        cell(reason.seen()),
                        cell(reason.remedy())))
        .collect(Collectors.joining("\n"));
  }

  private static String deeds() {
    return Arrays.stream(EventReason.values())
        .map(reason -> "| `%s` | %s |".formatted(reason.word(), cell(reason.meaning())))
        .collect(Collectors.joining("\n"));
  }

  private static String cell(String text) {
    return text == null ? "" : text.replace("|", "\\|");
  }
}
