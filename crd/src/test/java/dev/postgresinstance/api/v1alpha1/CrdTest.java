package dev.postgresinstance.api.v1alpha1;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceColumnDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.apiextensions.v1.ValidationRule;
import io.fabric8.kubernetes.client.CustomResource;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.FieldSource;

/** Properties of each CRD. ApiRulesTest in k8s-tests checks each rule against an API server. */
@ParameterizedClass
@FieldSource("dev.postgresinstance.api.v1alpha1.GeneratedCrd#KINDS")
class CrdTest {

  private final Class<? extends CustomResource<?, ?>> kind;
  private final CustomResourceDefinition crd;
  private final Map<String, JSONSchemaProps> schemas = new LinkedHashMap<>();

  CrdTest(Class<? extends CustomResource<?, ?>> kind) {
    this.kind = kind;
    crd = GeneratedCrd.of(kind);
    collect("", GeneratedCrd.schema(crd));
  }

  @Test
  void crdFitsIntoAnnotationOfClientSideApply() {
    String json = GeneratedCrd.SERIALIZATION.asJson(crd);

    assertThat(json.getBytes(StandardCharsets.UTF_8)).hasSizeLessThan(100_000);
  }

  @Test
  void crdHasProductNamesAndNoCategory() {
    assertThat(crd.getMetadata().getName() + " " + crd.getSpec().getNames().getShortNames())
        .isIn(
            "postgresinstances.postgresinstance.dev [pgi]",
            "postgresbackups.postgresinstance.dev [pgbackup]");
    assertThat(crd.getSpec().getNames().getCategories())
        .as("no category, above all not \"all\", which people delete")
        .isEmpty();
  }

  @Test
  void columnsAreInProductOrderAndDescribed() {
    assertThat(GeneratedCrd.columns(crd))
        .extracting(CustomResourceColumnDefinition::getName)
        .containsExactlyElementsOf(GeneratedCrd.columnNames(kind));
    assertThat(GeneratedCrd.columns(crd))
        .allSatisfy(column -> assertThat(column.getDescription()).isNotBlank());
  }

  @Test
  void everyFieldHasDescriptionInSentences() {
    Predicate<String> isField =
        path ->
            !path.endsWith("{}")
                && !path.endsWith("hosts[]")
                && !path.equals(".metadata")
                // A type of Kubernetes; its descriptions would be a third of the CRD.
                && !path.startsWith(".spec.pod.affinity.");

    assertThat(schemas.keySet().stream().filter(isField))
        .isNotEmpty()
        .allSatisfy(path -> assertThat(schemas.get(path).getDescription()).as(path).endsWith("."));
  }

  @Test
  void everyIntegerHasMinimumAndMaximum() {
    assertThat(pathsOf(schema -> "integer".equals(schema.getType())))
        .isNotEmpty()
        .allSatisfy(
            path -> {
              assertThat(schemas.get(path).getMinimum()).as(path).isNotNull();
              assertThat(schemas.get(path).getMaximum()).as(path).isNotNull();
            });
  }

  @Test
  void everyStringHasMaximumLengthEnumOrDateFormat() {
    assertThat(
            pathsOf(
                schema ->
                    "string".equals(schema.getType())
                        || Boolean.TRUE.equals(schema.getXKubernetesIntOrString())))
        .isNotEmpty()
        .allSatisfy(
            path -> {
              JSONSchemaProps schema = schemas.get(path);
              assertThat(
                      schema.getMaxLength() != null
                          || isEnum(schema)
                          || "date-time".equals(schema.getFormat()))
                  .as(path)
                  .isTrue();
            });
  }

  @Test
  void everyListAndMapHasMaximumSize() {
    assertThat(pathsOf(schema -> "array".equals(schema.getType())))
        .isNotEmpty()
        .allSatisfy(path -> assertThat(schemas.get(path).getMaxItems()).as(path).isNotNull());
    assertThat(pathsOf(schema -> schema.getAdditionalProperties() != null))
        .allSatisfy(path -> assertThat(schemas.get(path).getMaxProperties()).as(path).isNotNull());
  }

  @Test
  void everyRuleHasMessage() {
    assertThat(schemas.values().stream().flatMap(CrdTest::rules))
        .isNotEmpty()
        .extracting(ValidationRule::getMessage)
        .doesNotContainNull()
        .allSatisfy(message -> assertThat(message).matches("[a-z].* .*[^.]"));
  }

  /** A type in two places has the same rule in both. */
  @Test
  void noRuleIsDuplicated() {
    assertThat(
            schemas.values().stream()
                .flatMap(CrdTest::rules)
                .map(rule -> rule.getMessage() + "\n" + rule.getRule())
                .distinct()
                .map(text -> text.lines().findFirst().orElseThrow()))
        .doesNotHaveDuplicates();
    assertThat(schemas)
        .allSatisfy(
            (path, schema) ->
                assertThat(rules(schema).map(ValidationRule::getRule).toList())
                    .as(path)
                    .doesNotHaveDuplicates());
  }

  @Test
  void conditionsAreListMapByType() {
    JSONSchemaProps conditions = schemas.get(".status.conditions");

    assertThat(conditions.getXKubernetesListType()).isEqualTo("map");
    assertThat(conditions.getXKubernetesListMapKeys()).containsExactly("type");
    assertThat(conditions.getItems().getSchema().getRequired())
        .contains("type", "status", "reason", "message", "lastTransitionTime");
  }

  @Test
  void everyReasonMatchesPatternOfConditionReason() {
    JSONSchemaProps reason = schemas.get(".status.conditions[].reason");

    assertThat(Reason.values())
        .allSatisfy(value -> assertThat(value.word()).matches(reason.getPattern()))
        .allSatisfy(value -> assertThat(Reason.of(value.word())).contains(value));
  }

  private Stream<String> pathsOf(Predicate<JSONSchemaProps> kind) {
    return schemas.entrySet().stream()
        .filter(entry -> kind.test(entry.getValue()))
        .map(Map.Entry::getKey);
  }

  private void collect(String path, JSONSchemaProps schema) {
    schemas.put(path, schema);
    if (schema.getProperties() != null) {
      schema.getProperties().forEach((name, child) -> collect(path + "." + name, child));
    }
    if (schema.getItems() != null) {
      collect(path + "[]", schema.getItems().getSchema());
    }
    if (schema.getAdditionalProperties() != null) {
      collect(path + "{}", schema.getAdditionalProperties().getSchema());
    }
  }

  private static boolean isEnum(JSONSchemaProps schema) {
    return schema.getEnum() != null && !schema.getEnum().isEmpty();
  }

  private static Stream<ValidationRule> rules(JSONSchemaProps schema) {
    return Stream.ofNullable(schema.getXKubernetesValidations()).flatMap(List::stream);
  }
}
