package dev.postgresinstance.operator.kubernetes.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.PostgresBackup;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.PostgresVersion;
import dev.postgresinstance.operator.management.LogLines;
import io.fabric8.kubernetes.api.model.KubernetesResource;
import io.fabric8.kubernetes.api.model.WatchEvent;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class LenientDecodingTest {

  private final KubernetesSerialization serialization = LenientDecoding.serialization();

  LenientDecodingTest() {
    serialization.registerKubernetesResource(PostgresInstance.class);
  }

  @ParameterizedTest(name = "{1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "{service: {nodePort: 3000000000}} | spec.service.nodePort: 3000000000",
        "{service: {nodePort: many}}       | spec.service.nodePort: \"many\"",
        "{restartPolicy: Never}            | spec.restartPolicy: \"Never\"",
        "{version: \"19\"}                  | spec.version: \"19\"",
        "{version: \"2\"}                   | spec.version: \"2\"",
        "{storage: [1]}                    | spec.storage: a list",
        "{suspend: {by: me}}               | spec.suspend: an object",
        "{pod: {tolerations: [{tolerationSeconds: x}]}} |"
            + " spec.pod.tolerations[0].tolerationSeconds: \"x\"",
        "[]                                | spec: a list"
      })
  void namesFieldThatCannotBeDecodedAndDecodesTheRest(String spec, String error) {
    // When
    PostgresInstance instance = watched(spec);

    // Then
    assertThat(LenientDecoding.invalid(instance)).contains(error);
    assertThat(instance.getSpec()).isNull();
    assertThat(instance.getMetadata().getName()).isEqualTo("orders");
    assertThat(instance.getMetadata().getUid()).isEqualTo("u");
  }

  @Test
  void copyOfTheFrameworkKeepsTheError() {
    // Given
    PostgresInstance instance = watched("{restartPolicy: Never}");

    // When
    PostgresInstance copy = serialization.clone(instance);

    // Then
    assertThat(LenientDecoding.invalid(copy))
        .isEqualTo(LenientDecoding.invalid(instance))
        .isPresent();
  }

  @Test
  void containsTheErrorsOfABackup() {
    // When
    PostgresBackup backup =
        (PostgresBackup)
            event(
                """
                {"apiVersion": "postgresinstance.dev/v1alpha1", "kind": "PostgresBackup",
                 "metadata": {"name": "nightly", "uid": "u"},
                 "spec": {"instanceRef": ["orders"]}, "status": {"size": {}}}
                """);

    // Then
    assertThat(LenientDecoding.invalid(backup)).contains("spec.instanceRef: a list");
    assertThat(LenientDecoding.invalid(serialization.clone(backup))).isPresent();
    assertThat(backup.getSpec()).isNull();
    assertThat(backup.getStatus()).isNull();
    assertThat(backup.getMetadata().getName()).isEqualTo("nightly");
  }

  @Test
  void namesUnknownFieldsOfABackup() {
    // When
    PostgresBackup backup =
        serialization.unmarshal(
            """
            apiVersion: postgresinstance.dev/v1alpha1
            kind: PostgresBackup
            metadata: {name: nightly}
            spec: {instanceRef: {name: orders}, kind: incremental}
            """,
            PostgresBackup.class);

    // Then
    assertThat(LenientDecoding.unknown(backup)).contains("spec.kind");
    assertThat(backup.getSpec().instanceRef().name()).isEqualTo("orders");
  }

  /** They would take more memory than the rest. */
  @Test
  void leavesOutManagedFields() {
    // When
    PostgresInstance instance =
        serialization.unmarshal(
            document("{}").replace("uid: u", "uid: u, managedFields: [{manager: kubectl}]"),
            PostgresInstance.class);

    // Then
    assertThat(instance.getMetadata().getManagedFields()).isEmpty();
    assertThat(instance.getMetadata().getUid()).isEqualTo("u");
  }

  @Test
  void namesUnknownFieldsAndDecodesTheOthers() {
    // When
    PostgresInstance instance =
        watched("{version: '18', future: {a: [1, {b: 2}]}, service: {proxy: yes}, standby: null}");

    // Then
    assertThat(LenientDecoding.unknown(instance)).contains("spec.future, spec.service.proxy");
    assertThat(LenientDecoding.invalid(instance)).isEmpty();
    assertThat(instance.getSpec().version()).isEqualTo(PostgresVersion.V18);
  }

  @ParameterizedTest
  @MethodSource("examples")
  void knowsAllFieldsOfExamples(Path example) throws IOException {
    // When
    List<PostgresInstance> instances =
        Stream.of(Files.readString(example).split("(?m)^---$"))
            .map(yaml -> serialization.<KubernetesResource>unmarshal(yaml))
            .filter(PostgresInstance.class::isInstance)
            .map(PostgresInstance.class::cast)
            .toList();

    // Then
    assertThat(instances)
        .allSatisfy(
            instance -> {
              assertThat(instance.getSpec()).isNotNull();
              assertThat(LenientDecoding.unknown(instance)).isEmpty();
            });
  }

  static List<Path> examples() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("../examples"))) {
      return files.filter(file -> file.toString().endsWith(".yaml")).toList();
    }
  }

  @Test
  void leavesOutStatusThatCannotBeDecoded() {
    // When
    PostgresInstance instance =
        serialization.unmarshal(
            document("{}") + "\nstatus: {observedGeneration: first}", PostgresInstance.class);

    // Then
    assertThat(instance.getStatus()).isNull();
    assertThat(instance.getSpec()).isNotNull();
  }

  @Test
  void logsInvalidStatusWithItsInstance() {
    try (LogLines lines = new LogLines(LenientDecoding.class)) {
      // When
      serialization.unmarshal(document("{}") + "\nstatus: {storage: none}", PostgresInstance.class);

      // Then
      assertThat(lines.about(new ResourceID("orders", "shop")))
          .contains("Replacing an invalid status: status.storage: \"none\"");
    }
  }

  @Test
  void decodesLongNamesAndTexts() {
    // Given
    String longName = "n".repeat(1_000_000);

    // When
    PostgresInstance instance =
        instance(with("{\"%s\": 1, \"text\": \"%s\"}".formatted(longName, longName)));

    // Then
    assertThat(instance.getSpec()).isNotNull();
    assertThat(LenientDecoding.unknown(instance).orElseThrow()).hasSizeLessThan(1_000);
  }

  @ParameterizedTest
  @ValueSource(strings = {"future", "service", "parameters"})
  void reportsDeepNestingThatTheApiServerAccepts(String field) {
    // Given
    String deep = "[".repeat(9_900) + "]".repeat(9_900);

    // When
    PostgresInstance instance = instance(with("{\"%s\": %s}".formatted(field, deep)));

    // Then
    assertThat(LenientDecoding.invalid(instance)).contains("spec: more than 100 levels");
  }

  @ParameterizedTest
  @CsvSource({
    "{\"version\": \"%s\"}, spec.version",
    "'{\"service\": {\"advertisedHost\": \"%s\"}}', spec.service.advertisedHost",
    "{\"parameters\": {\"work_mem\": \"%s\"}}, spec.parameters.work_mem"
  })
  void reportsTextLongerThanAnyDefinitionAllows(String spec, String field) {
    // When
    PostgresInstance instance = instance(with(spec.formatted("1".repeat(40_000))));

    // Then
    assertThat(LenientDecoding.invalid(instance)).contains(field + ": more than 32768 characters");
    assertThat(instance.getSpec()).isNull();
  }

  private String with(String spec) {
    return json("{}").replace("{}", spec);
  }

  /** Decodes an instance as from a watch event. */
  private PostgresInstance watched(String spec) {
    return instance(json(spec));
  }

  private PostgresInstance instance(String object) {
    return (PostgresInstance) event(object);
  }

  private String json(String spec) {
    return serialization.asJson(serialization.unmarshal(document(spec), Object.class));
  }

  private Object event(String object) {
    WatchEvent event =
        serialization.unmarshal(
            "{\"type\": \"ADDED\", \"object\": " + object + "}", WatchEvent.class);
    return event.getObject();
  }

  private static String document(String spec) {
    return """
        apiVersion: postgresinstance.dev/v1alpha1
        kind: PostgresInstance
        metadata: {name: orders, namespace: shop, uid: u}
        spec: %s"""
        .formatted(spec);
  }
}
