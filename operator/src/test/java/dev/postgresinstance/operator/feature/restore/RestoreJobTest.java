package dev.postgresinstance.operator.feature.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ArchiveStore;
import dev.postgresinstance.api.v1alpha1.S3Store;
import dev.postgresinstance.operator.feature.ReconcileInputs;
import dev.postgresinstance.operator.feature.backup.verification.VerificationStories;
import dev.postgresinstance.operator.feature.restore.RestoreSource.Archive;
import dev.postgresinstance.operator.feature.restore.RestoreSource.Awaited;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What depends on the spec. A golden file covers the whole Job. */
class RestoreJobTest {

  private static final String BUCKET = "archive: {instanceId: former, store: {s3: {bucket: b}}}";

  private final Snapshot pending = Restores.pending(Restores.FROM_ARCHIVE);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          target: {time: '2026-11-28T09:15:00Z'} | PGI_TARGET_TIME | 2026-11-28T09:15:00Z
          target: {lsn: 0/5000148}               | PGI_TARGET_LSN  | 0/5000148
          """)
  void programLearnsTarget(String target, String name, String value) {
    // When
    Job job = job(Restores.pending("source: {%s, %s}".formatted(BUCKET, target)));

    // Then
    assertThat(environment(container(job, "fetch")))
        .containsEntry(name, value)
        .containsEntry("PGI_SOURCE_INSTANCE_ID", "former")
        .containsEntry("PGI_S3_BUCKET", "b")
        .containsEntry("PGI_OWNER", "claim-uid")
        .doesNotContainKey("PGI_SOURCE_BACKUP");
  }

  @Test
  void latestStateHasNoTarget() {
    assertThat(environment(container(job(pending), "fetch")).keySet())
        .noneMatch(name -> name.startsWith("PGI_TARGET_"));
  }

  @Test
  void programLearnsWhatHasToReachTheArchive() {
    // Given
    Archive archive =
        new Archive(
            new ArchiveStore(
                new S3Store(null, null, "b", null, null, null, null, null, null), null),
            "former",
            Optional.empty(),
            Optional.of(new Awaited(Instant.parse("2026-11-28T09:15:01Z"), Duration.ofMinutes(5))));

    // When
    Job job =
        RestoreJob.desired(
            pending, RestoreOrder.ofSource(pending), archive, Restores.IMAGE, "operator:1", "");

    // Then
    assertThat(environment(container(job, "fetch")))
        .containsEntry("PGI_NOT_BEFORE", "2026-11-28T09:15:01Z")
        .containsEntry("PGI_NOT_BEFORE_TIMEOUT", "300");
    assertThat(environment(container(job(pending), "fetch"))).doesNotContainKey("PGI_NOT_BEFORE");
  }

  @Test
  void kubeletDoesNotExpandNamesOfDatabaseAndOwner() {
    // When
    Job job =
        job(Restores.pending(Restores.FROM_ARCHIVE + "\ndatabase: $(PGI_MAJOR)\nusername: a$b"));

    // Then
    assertThat(environment(container(job, "postgres")))
        .containsEntry("PGI_DATABASE", "$$(PGI_MAJOR)")
        .containsEntry("PGI_USERNAME", "a$$b");
  }

  @Test
  void serviceDoesNotFindPodOfRestore() {
    // When
    Map<String, String> labels = job(pending).getSpec().getTemplate().getMetadata().getLabels();

    // Then
    assertThat(labels).doesNotContainKey(Labels.INSTANCE).containsEntry(Labels.HELPER_OF, "orders");
  }

  @Test
  void differsByTemplateAndSecretsOnly() {
    // Given
    Job job = job(pending);
    Job withOtherSecret =
        Restores.plan(
                ReconcileInputs.withSecrets(ReconcileInputs.of(pending), Restores.credentials("2")))
            .create()
            .orElseThrow();
    Job withOtherImage =
        JobPlan.of(Restores.input(pending, Pods.NOW), "postgres:17.1", Restores.PROGRAM)
            .create()
            .orElseThrow();
    Job stored =
        new JobBuilder(job).editSpec().withCompletions(1).withParallelism(1).endSpec().build();

    // Then
    assertThat(RestoreJob.differs(stored, job(pending))).isFalse();
    assertThat(RestoreJob.differs(stored, withOtherSecret)).isTrue();
    assertThat(RestoreJob.differs(stored, withOtherImage)).isTrue();
  }

  @Test
  void configMapHasScriptUntilDataIsRestored() {
    // Given
    Snapshot running = Restores.withJob(pending, Restores.pod(1, "Running"));
    Snapshot complete = Restores.ended(running, "Complete");

    // Then
    assertThat(RestoreScript.data(running)).containsOnlyKeys(RestoreScript.KEY);
    assertThat(container(job(pending), "postgres").getCommand().getLast())
        .endsWith("/" + RestoreScript.KEY);
    assertThat(RestoreScript.data(complete)).isEmpty();
    assertThat(RestoreScript.data(Restores.pending("{}"))).isEmpty();
  }

  @Test
  void configMapHasScriptWhileBackupsAreVerified() {
    String backup = "backup: {store: {s3: {bucket: b}}%s}";

    assertThat(
            RestoreScript.data(Snapshots.of(backup.formatted(", verify: {schedule: 0 5 * * 0}"))))
        .containsOnlyKeys(RestoreScript.KEY);
    assertThat(
            RestoreScript.data(
                Snapshots.withAnnotation(
                    Snapshots.of(backup.formatted("")), Labels.VERIFY_BACKUP, "now")))
        .containsOnlyKeys(RestoreScript.KEY);
    assertThat(RestoreScript.data(Snapshots.of(backup.formatted("")))).isEmpty();
    assertThat(
            RestoreScript.data(
                Snapshots.of(backup.formatted("")).with(VerificationStories.job(""))))
        .containsOnlyKeys(RestoreScript.KEY);
  }

  @Test
  void configMapKeepsScriptOfJobOfEarlierVersion() {
    // Given
    Snapshot running = Restores.withJob(pending, Restores.pod(1, "Running"));
    Job earlier =
        new JobBuilder(running.get(ObjectKey.RESTORE_JOB).orElseThrow())
            .editSpec()
            .editTemplate()
            .editSpec()
            .editFirstContainer()
            .withCommand("/bin/bash", "/somewhere/restore-old.sh")
            .endContainer()
            .endSpec()
            .endTemplate()
            .endSpec()
            .build();
    Snapshot upgraded =
        running
            .with(earlier)
            .with(
                new ConfigMapBuilder()
                    .withNewMetadata()
                    .withName(Names.configMap(pending.instance()))
                    .withNamespace("shop")
                    .endMetadata()
                    .withData(Map.of("restore-old.sh", "echo old", "restore-older.sh", "echo"))
                    .build());

    // Then
    assertThat(RestoreScript.data(upgraded))
        .containsOnlyKeys(RestoreScript.KEY, "restore-old.sh")
        .containsEntry("restore-old.sh", "echo old");
  }

  private static Job job(Snapshot snapshot) {
    return Restores.plan(snapshot).create().orElseThrow();
  }

  private static Container container(Job job, String name) {
    return job.getSpec().getTemplate().getSpec().getContainers().stream()
        .filter(container -> name.equals(container.getName()))
        .findFirst()
        .orElseThrow();
  }

  private static Map<String, String> environment(Container container) {
    Map<String, String> environment = new HashMap<>();
    for (EnvVar variable : container.getEnv()) {
      environment.put(variable.getName(), variable.getValue());
    }
    return environment;
  }
}
