package dev.postgresinstance.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.postgresinstance.api.v1alpha1.PostgresBackup;
import dev.postgresinstance.operator.common.TextResource;
import dev.postgresinstance.operator.feature.Child;
import dev.postgresinstance.operator.feature.Feature;
import dev.postgresinstance.operator.feature.NewPasswords;
import dev.postgresinstance.operator.feature.ReconcileInput;
import dev.postgresinstance.operator.feature.ReconcileInputs;
import dev.postgresinstance.operator.feature.WritePhase;
import dev.postgresinstance.operator.feature.backup.job.BackupJob;
import dev.postgresinstance.operator.feature.image.PostgresImages;
import dev.postgresinstance.operator.feature.restore.RestoreScript;
import dev.postgresinstance.operator.feature.server.ServerConfigMap;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.sql.LoginResult;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * All children of an instance, and the Jobs of its backups: one folder for each scenario, with
 * {@code in.yaml} (the instance as the user wrote it, then the objects that exist already) and one
 * file for each child.
 *
 * <p>After a deliberate change: {@code mvn -pl operator -am test -Dtest=GoldenFilesTest
 * -Dsurefire.failIfNoSpecifiedTests=false -Dgolden.update}, and review the difference.
 */
class GoldenFilesTest {

  private static final Path SCENARIOS = Path.of("src/test/resources/golden");
  private static final String IN = "in.yaml";
  private static final boolean UPDATE = System.getProperty("golden.update") != null;
  private static final KubernetesSerialization YAML = new KubernetesSerialization();

  /** Sorts keys, because the order of immutable JDK maps differs between processes. */
  private static final YAMLMapper WRITER =
      YAMLMapper.builder()
          .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
          .disable(YAMLGenerator.Feature.SPLIT_LINES)
          .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
          .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .build();

  /** Not the default table, so that a new minor version of PostgreSQL changes no golden file. */
  private static final PostgresImages IMAGES =
      new PostgresImages(
          Map.of(
              "15", "postgres:15", "16", "postgres:16", "17", "postgres:17", "18", "postgres:18"));

  private static final List<Feature> FEATURES =
      Features.of(IMAGES, Optional.of("operator:1")).all();

  static List<Path> scenarios() throws IOException {
    return list(SCENARIOS);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("scenarios")
  void rendersChildrenOfGoldenFiles(Path scenario) throws IOException {
    // Given
    Snapshot snapshot = Snapshots.read(Files.readString(scenario.resolve(IN)));

    // When
    Map<String, String> children = rendered(snapshot);

    // Then
    if (UPDATE) {
      write(scenario, children);
    }
    assertThat(list(scenario).stream().map(file -> file.getFileName().toString()))
        .describedAs("a file for each child, and no file that nothing uses")
        .containsExactlyInAnyOrderElementsOf(
            Stream.concat(Stream.of(IN), children.keySet().stream()).toList());
    for (Map.Entry<String, String> child : children.entrySet()) {
      assertThat(child.getValue())
          .describedAs("%s/%s", scenario, child.getKey())
          .isEqualTo(Files.readString(scenario.resolve(child.getKey())));
    }
  }

  private static Map<String, String> rendered(Snapshot snapshot) throws IOException {
    Map<String, String> files = new TreeMap<>();
    for (HasMetadata child : desired(snapshot)) {
      files.put(
          "out-%s-%s.yaml".formatted(child.getKind(), child.getMetadata().getName()),
          WRITER.writeValueAsString(readable(child)));
    }
    return files;
  }

  /** The children in the order in which a reconciliation writes them, before any login. */
  private static List<HasMetadata> desired(Snapshot atStart) {
    NewPasswords passwords = new NewPasswords(counted());
    List<WritePhase> phases =
        new ArrayList<>(WritePhase.retainedUnit(atStart.instance().getSpec().deletionPolicy()));
    phases.addAll(
        List.of(
            WritePhase.CONFIGURATION, WritePhase.RESTORE, WritePhase.SERVER, WritePhase.BACKUP));
    List<HasMetadata> children = new ArrayList<>();
    Snapshot snapshot = atStart;
    for (WritePhase phase : phases) {
      for (Feature feature : FEATURES) {
        ReconcileInput input =
            ReconcileInputs.of(atStart, snapshot, new LoginResult.Pending(), passwords);
        for (Child<?> child : feature.children(phase, input)) {
          children.add(child.desired());
          // An object that exists already also has the fields that the API server adds.
          if (snapshot.get(child.key()).isEmpty()) {
            snapshot = snapshot.with(child.desired());
          }
        }
      }
    }
    atStart.surroundings().backups().forEach(backup -> children.add(job(backup, atStart)));
    return children;
  }

  /** Of the controller of backups, as it starts for a server with that image. */
  private static Job job(PostgresBackup backup, Snapshot snapshot) {
    return BackupJob.desired(
        backup, snapshot, "postgres:17", "operator:1", Instant.parse("2026-11-28T03:00:00Z"));
  }

  private static Supplier<String> counted() {
    AtomicInteger calls = new AtomicInteger();
    return () -> "random-" + calls.incrementAndGet();
  }

  private static HasMetadata readable(HasMetadata child) {
    return switch (child) {
      case Secret secret -> decoded(secret);
      case ConfigMap configMap -> withoutScript(configMap);
      case StatefulSet statefulSet -> withoutHash(statefulSet);
      case Job job -> withoutHash(job);
      default -> child;
    };
  }

  private static Secret decoded(Secret secret) {
    Map<String, String> text = new TreeMap<>(secret.getData());
    text.replaceAll(
        (key, data) ->
            withoutBlocks(new String(Base64.getDecoder().decode(data), StandardCharsets.UTF_8)));
    Secret decoded = new SecretBuilder(secret).withData(null).withStringData(text).build();
    decoded.getMetadata().getAnnotations().replace("postgresinstance.dev/certificate-hash", "HASH");
    return decoded;
  }

  /** Certificates and keys are random; CertificatesTest has what they contain. */
  private static String withoutBlocks(String text) {
    return text.replaceAll("(?s)-----BEGIN ([A-Z ]+)-----.*?-----END \\1-----\n", "(a $1)\n");
  }

  /** The scripts have their own tests; a change of a script changes no golden file. */
  private static ConfigMap withoutScript(ConfigMap configMap) {
    ConfigMap copy = YAML.clone(configMap);
    if (copy.getMetadata().getName().endsWith("-backup")) {
      copy.getData().replaceAll((name, text) -> "(the script %s)".formatted(name));
      return copy;
    }
    String script = copy.getData().remove(ServerConfigMap.START_KEY);
    assertThat(script).isEqualTo(TextResource.read(ServerConfigMap.class, "start.sh"));
    copy.getData().put("start-HASH.sh", "(the start script)");
    if (copy.getData().remove(RestoreScript.KEY) != null) {
      copy.getData().put("restore-HASH.sh", "(the restore script)");
    }
    return copy;
  }

  /** The hash covers the template, which is compared itself, and the name of the script. */
  private static StatefulSet withoutHash(StatefulSet statefulSet) {
    StatefulSet copy = YAML.clone(statefulSet);
    var template = copy.getSpec().getTemplate();
    if (copy.getMetadata().getName().endsWith("-backup")) {
      template.getMetadata().getAnnotations().replace(Labels.CONFIGURATION, "HASH");
      return copy;
    }
    template.getMetadata().getAnnotations().put(Labels.TEMPLATE_HASH, "HASH");
    template
        .getSpec()
        .getContainers()
        .getFirst()
        .getCommand()
        .replaceAll(word -> word.replace(ServerConfigMap.START_KEY, "start-HASH.sh"));
    return copy;
  }

  private static Job withoutHash(Job job) {
    Job copy = YAML.clone(job);
    copy.getMetadata().getAnnotations().put(Labels.RESTORE, "HASH");
    copy.getSpec()
        .getTemplate()
        .getSpec()
        .getContainers()
        .getFirst()
        .getCommand()
        .replaceAll(word -> word.replace(RestoreScript.KEY, "restore-HASH.sh"));
    return copy;
  }

  private static void write(Path scenario, Map<String, String> files) throws IOException {
    for (Path file : list(scenario)) {
      if (!file.endsWith(IN)) {
        Files.delete(file);
      }
    }
    for (Map.Entry<String, String> file : files.entrySet()) {
      Files.writeString(scenario.resolve(file.getKey()), file.getValue());
    }
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }
}
