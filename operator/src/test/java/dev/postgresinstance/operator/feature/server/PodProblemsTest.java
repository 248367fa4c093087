package dev.postgresinstance.operator.feature.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.report.Problem;
import dev.postgresinstance.operator.report.Rank;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PodProblemsTest {

  private static final int MAX_LENGTH = 500;

  private final Snapshot snapshot = Snapshots.withData(Snapshots.of("{}"));

  @Test
  void reportsNothingForRunningPod() {
    // When
    Optional<Problem> problem = PodProblems.of(snapshot, Pods.started(snapshot));

    // Then
    assertThat(problem).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ContainerCreating", "PodInitializing", ""})
  void reportsNothingWhileContainerIsCreated(String reason) {
    // When
    Optional<Problem> problem = PodProblems.of(snapshot, Pods.waiting(snapshot, reason, null));

    // Then
    assertThat(problem).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull"})
  void namesImageThatCannotBePulled(String reason) {
    // When
    Optional<Problem> problem =
        PodProblems.of(snapshot, Pods.waiting(snapshot, reason, "not found"));

    // Then
    String image = Pods.started(snapshot).getSpec().getContainers().getFirst().getImage();
    assertThat(problem)
        .contains(
            down(
                Reason.IMAGE_UNAVAILABLE,
                "The node cannot pull the image " + image + ": not found"));
  }

  @Test
  void reportsReasonOfFailedPullWithoutMessage() {
    // When
    Optional<Problem> problem =
        PodProblems.of(snapshot, Pods.waiting(snapshot, "ErrImagePull", null));

    // Then
    assertThat(problem).map(Problem::message).get().asString().endsWith(": ErrImagePull");
  }

  @Test
  void reportsContainerThatCannotBeCreatedWithMessageOfKubelet() {
    // Given
    Pod pod = Pods.waiting(snapshot, "CreateContainerConfigError", "secret \"x\" not found");

    // When
    Optional<Problem> problem = PodProblems.of(snapshot, pod);

    // Then
    assertThat(problem).contains(down(Reason.CRASHING, "secret \"x\" not found"));
  }

  @Test
  void reportsUnschedulablePodWithMessageOfScheduler() {
    // Given
    Pod pod = Pods.unscheduled(snapshot, "0/1 nodes are available: 1 Insufficient memory.");

    // When
    Optional<Problem> problem = PodProblems.of(snapshot, pod);

    // Then
    assertThat(problem)
        .contains(
            down(
                Reason.UNSCHEDULABLE,
                "No node accepts the pod: 0/1 nodes are available: 1 Insufficient memory."));
  }

  @Test
  void namesStorageClassOfPendingClaim() {
    // Given
    Snapshot fast = Snapshots.withData(Snapshots.of("storage: {storageClassName: fast}"));
    Pod pod =
        Pods.unscheduled(
            fast, "0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.");

    // When
    Optional<Problem> problem = PodProblems.of(fast, pod);

    // Then
    assertThat(problem).map(Problem::reason).contains(Reason.CLAIM_PENDING);
    assertThat(problem)
        .map(Problem::message)
        .get()
        .asString()
        .startsWith("Claim orders-data has no volume yet (storage class fast; ");
  }

  @Test
  void reportsPendingClaimWithoutStorageClass() {
    // Given
    Pod pod = Pods.unscheduled(snapshot, "persistentvolumeclaim \"orders-data\" not found");

    // When
    Optional<Problem> problem = PodProblems.of(snapshot, pod);

    // Then
    assertThat(problem).map(Problem::message).get().asString().contains("class none;");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          DataMissing: The volume is empty.        | DATA_MISSING             | The volume is empty.
          VolumeLocked: Another server has it.     | VOLUME_LOCKED            | Another server has it.
          SpecDoesNotMatchData: Set version: '17'. | SPEC_DOES_NOT_MATCH_DATA | Set version: '17'.
          Crashing: Asked to stop.                 | CRASHING                 | Asked to stop.
          """)
  void reportsRefusalOfStartScriptWithItsMessage(String message, Reason reason, String sentence) {
    // Given
    Pod pod = Pods.backingOff(snapshot, Pods.terminated(1, "Error", message + "\n"));

    // When
    Optional<Problem> problem = PodProblems.of(snapshot, pod);

    // Then
    assertThat(problem).contains(down(reason, sentence));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"Running: yes", "Unknown: word", "dataMissing: small", "x DataMissing: y"})
  void ignoresMessagesThatAreNoRefusalOfStartScript(String message) {
    // Given
    Pod pod = Pods.backingOff(snapshot, Pods.terminated(3, "Error", message));

    // When
    Optional<Problem> problem = PodProblems.of(snapshot, pod);

    // Then
    assertThat(problem).contains(down(Reason.CRASHING, "The server ended with exit code 3"));
  }

  @Test
  void reportsLastFatalLineOfCrashWithoutUserData() {
    // Given
    String log =
        """
        2026-01-01 00:00:00.000 UTC [7] FATAL:  the first
        2026-01-01 00:00:00.000 UTC [9] app@app ERROR:  duplicate key value
        2026-01-01 00:00:00.000 UTC [9] app@app DETAIL:  Key (card)=(4111) already exists.
        2026-01-01 00:00:00.000 UTC [9] app@app STATEMENT:  INSERT INTO cards VALUES (4111)
        2026-01-01 00:00:00.000 UTC [7] PANIC:  could not write to file "pg_wal/xlogtemp.1"
        2026-01-01 00:00:00.000 UTC [7] HINT:  Key 4111
        """;
    Pod pod = Pods.backingOff(snapshot, Pods.terminated(134, "Error", log));

    // When
    Optional<Problem> problem = PodProblems.of(snapshot, pod);

    // Then
    assertThat(problem)
        .contains(
            down(
                Reason.CRASHING,
                "The server ended with exit code 134, last message of PostgreSQL: PANIC:  could not"
                    + " write to file \"pg_wal/xlogtemp.1\""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "app@app STATEMENT:  SELECT 'FATAL: 4111'",
        "app@app DETAIL:  Failing row contains (4111, FATAL: x).",
        "app@app ERROR:  invalid input syntax: \"FATAL: 4111\"",
        "app@app LOG:  statement: SELECT 'PANIC: 4111'",
        "app@app STATEMENT:  SELECT 1\n\tFROM cards WHERE text = 'FATAL: 4111'",
        "app@app STATEMENT:  SELECT 1\nFATAL: 4111"
      })
  void ignoresFatalInMessagesThatQuoteUserText(String line) {
    // Given
    String log = "2026-01-01 00:00:00.000 UTC [9] " + line;
    Pod pod = Pods.ended(snapshot, Pods.terminated(1, "Error", log));

    // When
    Optional<Problem> problem = PodProblems.of(snapshot, pod);

    // Then
    assertThat(problem).contains(down(Reason.CRASHING, "The server ended with exit code 1"));
  }

  @Test
  void ignoresFatalMessagesToClients() {
    // Given: a starting server rejects the logins of the probe and the operator every second
    String log =
        """
        2026-01-01 00:00:00.000 UTC [7] FATAL:  could not locate a valid checkpoint record
        2026-01-01 00:00:00.001 UTC [9] app@app FATAL:  the database system is starting up
        """;
    Pod pod = Pods.ended(snapshot, Pods.terminated(1, "Error", log));

    // When
    Optional<Problem> problem = PodProblems.of(snapshot, pod);

    // Then
    assertThat(problem)
        .map(Problem::message)
        .get()
        .asString()
        .endsWith("last message of PostgreSQL: FATAL:  could not locate a valid checkpoint record");
  }

  @Test
  void reportsOutOfMemoryWithRemedy() {
    // Given
    Pod pod = Pods.backingOff(snapshot, Pods.terminated(137, "OOMKilled", "FATAL: x"));

    // When
    Optional<Problem> problem = PodProblems.of(snapshot, pod);

    // Then
    assertThat(problem)
        .contains(
            down(
                Reason.OUT_OF_MEMORY,
                "The server was killed because it used more memory than"
                    + " spec.resources.limits.memory allows. Raise the limit, or lower shared_buffers,"
                    + " work_mem or max_connections in spec.parameters."));
  }

  @Test
  void keepsRefusalWhileStartScriptTriesAgain() {
    // Given
    ContainerState refused = Pods.terminated(1, "Error", "DataMissing: empty");

    // When
    Optional<Problem> problem = PodProblems.of(snapshot, Pods.startingAgain(snapshot, refused));

    // Then
    assertThat(problem).contains(down(Reason.DATA_MISSING, "empty"));
  }

  @Test
  void dropsRefusalOnceServerHasStarted() {
    // Given
    ContainerState refused = Pods.terminated(1, "Error", "DataMissing: empty");

    // When
    Optional<Problem> problem = PodProblems.of(snapshot, Pods.startedAgain(snapshot, refused));

    // Then
    assertThat(problem).isEmpty();
  }

  @Test
  void reportsNothingWhileServerStartsAfterCrash() {
    // Given
    ContainerState crashed = Pods.terminated(1, "Error", "");

    // When
    Optional<Problem> problem = PodProblems.of(snapshot, Pods.startingAgain(snapshot, crashed));

    // Then
    assertThat(problem).isEmpty();
  }

  @Test
  void abbreviatesLongMessage() {
    // Given
    String longMessage = "a".repeat(4000);

    // When
    Optional<Problem> problem =
        PodProblems.of(
            snapshot, Pods.ended(snapshot, Pods.terminated(1, "", "DataCorrupt: " + longMessage)));

    // Then
    assertThat(problem).map(Problem::message).contains("a".repeat(MAX_LENGTH - 1) + "…");
  }

  @Test
  void keepsMessageOfMaximumLength() {
    // Given
    String message = "a".repeat(MAX_LENGTH);

    // When
    Optional<Problem> problem =
        PodProblems.of(snapshot, Pods.waiting(snapshot, "RunContainerError", message));

    // Then
    assertThat(problem).map(Problem::message).contains(message);
  }

  private static Problem down(Reason reason, String message) {
    return new Problem(reason, message).ranked(Rank.SERVER_DOWN);
  }
}
