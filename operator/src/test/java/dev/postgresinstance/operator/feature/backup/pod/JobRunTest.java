package dev.postgresinstance.operator.feature.backup.pod;

import static dev.postgresinstance.operator.feature.backup.job.BackupStories.ended;
import static dev.postgresinstance.operator.feature.backup.job.BackupStories.job;
import static dev.postgresinstance.operator.feature.backup.job.BackupStories.pod;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.instance.SchedulingEvidence;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class JobRunTest {

  private static final String RESULT =
      "{\"reason\":\"Rejected\",\"message\":\"The store is full\"}";

  @Test
  void programSaysWhyItFailed() {
    // Given
    Pod pod =
        pod(
            "nightly-1",
            "Failed",
            ended("postgres", 1, "Error", RESULT.replace("The store is full", "Broken pipe")),
            ended("upload", 1, "Error", "a line of the log\n\n" + RESULT));

    // Then
    assertThat(run(pod).failure()).contains("The store is full");
  }

  @Test
  void lackOfMemoryExplainsTheFailureOfTheOtherContainer() {
    // Given
    Pod pod =
        pod(
            "nightly-1",
            "Failed",
            ended("postgres", 137, "OOMKilled", ""),
            ended("upload", 1, "Error", RESULT));

    // Then
    assertThat(run(pod).failure())
        .contains("Container postgres was killed because it used more memory than its limit.");
  }

  @Test
  void lastLineOfALogSaysWhyAScriptFailed() {
    // Given
    Pod pod =
        pod(
            "nightly-1",
            "Failed",
            ended(
                "postgres",
                1,
                "Error",
                "pg_basebackup: error: connection to server failed: FATAL:  no entry\n"),
            ended("upload", 0, "Completed", ""));

    // Then
    assertThat(run(pod).failure())
        .contains(
            "Container postgres ended with: pg_basebackup: error: connection to server failed: FATAL:  no entry");
  }

  @Test
  void namesTheLogOfAContainerThatLeftNothing() {
    // Given
    Pod pod = pod("nightly-1", "Failed", ended("upload", 2, "Error", ""));

    // Then
    assertThat(run(pod).failure())
        .contains(
            "Container upload ended with exit code 2; kubectl logs -n shop nightly-1 -c upload may show why.");
  }

  @Test
  void reportsAnEviction() {
    // Given
    Pod pod =
        new PodBuilder(pod("nightly-1", "Failed", ended("upload", 137, "Error", "")))
            .editStatus()
            .withReason("Evicted")
            .withMessage("The node was low on resource: ephemeral-storage. ")
            .endStatus()
            .build();

    // Then
    assertThat(run(pod).failure())
        .contains(
            "Pod nightly-1 was ended: Evicted: The node was low on resource: ephemeral-storage.");
  }

  @Test
  void nothingFailedInAPodThatRuns() {
    // Given
    Pod pod = pod("nightly-1", "Running", ended("postgres", 0, "Completed", ""));

    // Then
    assertThat(run(pod).failure()).isEmpty();
    assertThat(run(pod).obstacle()).isEmpty();
  }

  @Test
  void resultIsThatOfThePodThatSucceeded() {
    // Given
    Pod failed = pod("nightly-1", "Failed", ended("upload", 1, "Error", RESULT));
    Pod succeeded = pod("nightly-2", "Succeeded", ended("upload", 0, "Completed", "{\"size\":7}"));

    // When
    Optional<ContainerEnd> end = run(succeeded, failed).success("upload");

    // Then
    assertThat(end.flatMap(ContainerEnd::result).orElseThrow().path("size").asInt()).isEqualTo(7);
  }

  @Test
  void quotaPreventsThePod() {
    // Given
    String message = "pods \"nightly-1\" is forbidden: exceeded quota: pods, requested: pods=1";

    // Then
    assertThat(refused(message).obstacle())
        .contains(
            "The pod cannot be created: %s. Raise the quota, or delete objects that are not needed."
                .formatted(message));
  }

  @Test
  void admissionPreventsThePod() {
    assertThat(refused("denied by policy").obstacle())
        .contains("The cluster rejects the pod: denied by policy. The Job keeps trying.");
  }

  @Test
  void noNodeAcceptsThePod() {
    // Given
    Pod pod =
        new PodBuilder(pod("nightly-1", "Pending"))
            .editStatus()
            .addNewCondition()
            .withType("PodScheduled")
            .withStatus("False")
            .withMessage("0/1 nodes are available.")
            .endCondition()
            .endStatus()
            .build();

    // Then
    assertThat(run(pod).obstacle()).contains("No node accepts the pod: 0/1 nodes are available.");
  }

  @Test
  void volumeCannotBeMounted() {
    // Given
    SchedulingEvidence evidence =
        new SchedulingEvidence(
            Optional.empty(),
            Optional.empty(),
            Optional.of("MountVolume.SetUp failed: secret \"s3\" not found"),
            Optional.empty());

    // Then
    assertThat(new JobRun(job(), List.of(pod("nightly-1", "Pending")), evidence).obstacle())
        .contains(
            "A volume of the pod cannot be mounted: MountVolume.SetUp failed: secret \"s3\" not found. The node keeps trying; kubectl describe -n shop pod nightly-1 shows more.");
  }

  private static JobRun run(Pod... pods) {
    return new JobRun(job(), List.of(pods), SchedulingEvidence.NONE);
  }

  private static JobRun refused(String message) {
    return new JobRun(
        job(),
        List.of(),
        new SchedulingEvidence(
            Optional.of(message), Optional.empty(), Optional.empty(), Optional.empty()));
  }
}
