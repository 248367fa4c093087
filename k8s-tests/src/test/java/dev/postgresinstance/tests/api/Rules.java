package dev.postgresinstance.tests.api;

import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.apiextensions.v1.ValidationRule;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Lists the validation rules of the CRDs for a spec. A rule is named by its message, a schema
 * constraint by its field and keyword, such as {@code spec.version enum}. Length limits are not
 * listed: they only bound the cost of the rules.
 */
final class Rules {

  private Rules() {}

  static Set<String> of(List<CustomResourceDefinition> crds) {
    Set<String> rules = new TreeSet<>();
    crds.forEach(
        crd ->
            collect(
                "",
                crd.getSpec().getVersions().getFirst().getSchema().getOpenAPIV3Schema(),
                rules));
    rules.removeIf(rule -> rule.startsWith("status."));
    return rules;
  }

  private static void collect(String path, JSONSchemaProps schema, Set<String> rules) {
    orEmpty(schema.getXKubernetesValidations()).stream()
        .map(ValidationRule::getMessage)
        .forEach(rules::add);
    orEmpty(schema.getRequired()).forEach(name -> rules.add(join(path, name) + " required"));
    if (!orEmpty(schema.getEnum()).isEmpty()) {
      rules.add(path + " enum");
    }
    if (schema.getMinimum() != null) {
      rules.add(path + " minimum");
    }
    if (schema.getMaximum() != null) {
      rules.add(path + " maximum");
    }
    if (schema.getPattern() != null) {
      rules.add(path + " pattern");
    }
    if (schema.getProperties() != null) {
      schema.getProperties().forEach((name, child) -> collect(join(path, name), child, rules));
    }
    if (schema.getItems() != null) {
      collect(path, schema.getItems().getSchema(), rules);
    }
    // Null if the field says only whether it allows any values.
    if (schema.getAdditionalProperties() != null
        && schema.getAdditionalProperties().getSchema() != null) {
      collect(path, schema.getAdditionalProperties().getSchema(), rules);
    }
  }

  private static String join(String path, String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  private static <T> List<T> orEmpty(List<T> list) {
    return list == null ? List.of() : list;
  }
}
