package dev.postgresinstance.tests.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.tests.support.Crd;
import dev.postgresinstance.tests.support.Payloads;
import dev.postgresinstance.tests.support.TestCluster;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.FieldValidateable.Validation;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tries injection payloads in every string value and every map key of the spec, as listed by the
 * CRD. The API server must refuse a payload or store it unchanged.
 */
class InjectionRulesTest {

  /** Without the long tests, one of this many payloads is tried in a field. */
  private static final int SHARE = 3;

  private static final KubernetesClient CLIENT = TestCluster.client();
  private static final AtomicInteger tried = new AtomicInteger();
  private static final AtomicInteger refused = new AtomicInteger();

  /**
   * A string in the spec: the field names of its path; {@code *} is a list item, {@code ?} a map
   * key.
   */
  record Field(List<String> path) {

    Field(Field parent, String name) {
      this(Stream.concat(parent.path.stream(), Stream.of(name)).toList());
    }

    @Override
    public String toString() {
      return String.join(".", path);
    }
  }

  private static JSONSchemaProps schema() {
    return Crd.definition()
        .getSpec()
        .getVersions()
        .getFirst()
        .getSchema()
        .getOpenAPIV3Schema()
        .getProperties()
        .get("spec");
  }

  @BeforeAll
  static void definition() {
    Crd.apply(CLIENT);
  }

  @AfterAll
  static void triedAtLeast500Payloads() {
    assertThat(tried.get())
        .as("%d payloads tried, %d of them refused", tried.get(), refused.get())
        .isGreaterThanOrEqualTo(500);
    System.out.printf("%d payloads tried, %d of them refused%n", tried.get(), refused.get());
  }

  static List<Field> fields() {
    List<Field> fields = new ArrayList<>();
    collect(new Field(List.of()), schema(), fields);
    return fields;
  }

  private static void collect(Field field, JSONSchemaProps schema, List<Field> fields) {
    if ("string".equals(schema.getType())
        || Boolean.TRUE.equals(schema.getXKubernetesIntOrString())) {
      fields.add(field);
    }
    if (schema.getProperties() != null) {
      schema
          .getProperties()
          .forEach((name, child) -> collect(new Field(field, name), child, fields));
    }
    if (schema.getItems() != null) {
      collect(new Field(field, "*"), schema.getItems().getSchema(), fields);
    }
    if (schema.getAdditionalProperties() != null) {
      fields.add(new Field(field, "?"));
      collect(new Field(field, "a"), schema.getAdditionalProperties().getSchema(), fields);
    }
  }

  /** Each field with some of the payloads, so that each payload is tried in many fields. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("fields")
  void payloadIsRefusedOrStoredUnchanged(Field field) {
    List<String> all = Payloads.all();
    int first = Math.floorMod(field.hashCode(), SHARE);
    assertRefusedOrStoredUnchanged(
        field,
        IntStream.iterate(first, i -> i < all.size(), i -> i + SHARE).mapToObj(all::get).toList());
  }

  @Tag("long")
  @ParameterizedTest(name = "{0}")
  @MethodSource("fields")
  void anyPayloadIsRefusedOrStoredUnchanged(Field field) {
    assertRefusedOrStoredUnchanged(field, Payloads.all());
  }

  private static void assertRefusedOrStoredUnchanged(Field field, List<String> payloads) {
    for (String payload : payloads) {
      // Given
      Object spec = filled(schema(), field.path(), payload);

      // When
      tried.incrementAndGet();
      try {
        GenericKubernetesResource stored = created(spec);

        // Then
        assertThat(read(stored.getAdditionalProperties().get("spec"), field.path()))
            .as("%s: %s", field, payload)
            .isEqualTo(payload);
      } catch (KubernetesClientException e) {
        refused.incrementAndGet();
        assertThat(e.getCode()).as("%s: %s: %s", field, payload, e.getMessage()).isEqualTo(422);
        assertThat(e.getMessage()).contains("spec." + field.path().getFirst());
      }
    }
  }

  private static GenericKubernetesResource created(Object spec) {
    GenericKubernetesResource object = new GenericKubernetesResource();
    object.setApiVersion("postgresinstance.dev/v1alpha1");
    object.setKind("PostgresInstance");
    object.setMetadata(new ObjectMetaBuilder().withName("payload").build());
    object.setAdditionalProperties(Map.of("spec", spec));
    return CLIENT
        .genericKubernetesResources(
            ResourceDefinitionContext.fromResourceType(PostgresInstance.class))
        .inNamespace("default")
        .resource(object)
        .dryRun()
        .fieldValidation(Validation.STRICT)
        .create();
  }

  /** The smallest valid value that contains the payload at the given path. */
  private static Object filled(JSONSchemaProps schema, List<String> path, String payload) {
    if (path.isEmpty()) {
      return payload;
    }
    String name = path.getFirst();
    List<String> rest = path.subList(1, path.size());
    if (name.equals("*")) {
      return List.of(filled(schema.getItems().getSchema(), rest, payload));
    }
    if (name.equals("?")) {
      return Map.of(payload, minimal(schema.getAdditionalProperties().getSchema()));
    }
    if (schema.getAdditionalProperties() != null) {
      return Map.of(name, filled(schema.getAdditionalProperties().getSchema(), rest, payload));
    }
    Map<String, Object> object = new LinkedHashMap<>();
    required(schema)
        .forEach(other -> object.put(other, minimal(schema.getProperties().get(other))));
    object.put(name, filled(schema.getProperties().get(name), rest, payload));
    return object;
  }

  private static Object minimal(JSONSchemaProps schema) {
    return switch (String.valueOf(schema.getType())) {
      case "integer" -> 1;
      case "boolean" -> true;
      case "array" -> List.of(minimal(schema.getItems().getSchema()));
      case "object" -> {
        Map<String, Object> object = new LinkedHashMap<>();
        required(schema)
            .forEach(name -> object.put(name, minimal(schema.getProperties().get(name))));
        yield object;
      }
      default ->
          schema.getEnum() == null || schema.getEnum().isEmpty()
              ? "1"
              : schema.getEnum().getFirst().asText();
    };
  }

  private static List<String> required(JSONSchemaProps schema) {
    return Objects.requireNonNullElse(schema.getRequired(), List.of());
  }

  private static Object read(Object value, List<String> path) {
    if (path.isEmpty()) {
      return value;
    }
    List<String> rest = path.subList(1, path.size());
    return switch (value) {
      case List<?> list -> read(list.getFirst(), rest);
      case Map<?, ?> map when path.getFirst().equals("?") -> map.keySet().iterator().next();
      case Map<?, ?> map -> read(map.get(path.getFirst()), rest);
      default -> fail("nothing at " + path);
    };
  }
}
