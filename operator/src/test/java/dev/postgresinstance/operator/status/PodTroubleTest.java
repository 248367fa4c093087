package dev.postgresinstance.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.children.Pods;
import dev.postgresinstance.operator.children.World;
import dev.postgresinstance.operator.children.Worlds;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PodTroubleTest {

  private static final int LIMIT = 500;

  private final World world = Worlds.withData(Worlds.of("{}"));

  @Test
  void runningPodHasNone() {
    // When
    Optional<Trouble> trouble = PodTrouble.of(world, Pods.started(world));

    // Then
    assertThat(trouble).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ContainerCreating", "PodInitializing", ""})
  void podOnItsWayHasNone(String reason) {
    // When
    Optional<Trouble> trouble = PodTrouble.of(world, Pods.waiting(world, reason, null));

    // Then
    assertThat(trouble).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull"})
  void imageThatCannotBeHadIsNamed(String reason) {
    // When
    Optional<Trouble> trouble = PodTrouble.of(world, Pods.waiting(world, reason, "not found"));

    // Then
    String image = Pods.started(world).getSpec().getContainers().getFirst().getImage();
    assertThat(trouble)
        .contains(
            new Trouble(
                Reason.IMAGE_UNAVAILABLE, "The image " + image + " cannot be had: not found"));
  }

  @Test
  void whereNothingIsSaidOfTheImageTheReasonIs() {
    // When
    Optional<Trouble> trouble = PodTrouble.of(world, Pods.waiting(world, "ErrImagePull", null));

    // Then
    assertThat(trouble).map(Trouble::message).get().asString().endsWith(": ErrImagePull");
  }

  @Test
  void containerThatCannotBeMadeIsACrashInTheKubeletsWords() {
    // Given
    Pod pod = Pods.waiting(world, "CreateContainerConfigError", "secret \"x\" not found");

    // When
    Optional<Trouble> trouble = PodTrouble.of(world, pod);

    // Then
    assertThat(trouble).contains(new Trouble(Reason.CRASHING, "secret \"x\" not found"));
  }

  @Test
  void podThatNoNodeTakesIsSaidInTheSchedulersWords() {
    // Given
    Pod pod = Pods.unscheduled(world, "0/1 nodes are available: 1 Insufficient memory.");

    // When
    Optional<Trouble> trouble = PodTrouble.of(world, pod);

    // Then
    assertThat(trouble)
        .contains(
            new Trouble(
                Reason.UNSCHEDULABLE,
                "No node takes the pod: 0/1 nodes are available: 1 Insufficient memory."));
  }

  @Test
  void podWhoseClaimHasNoVolumeIsSaidWithTheClass() {
    // Given
    World fast = Worlds.withData(Worlds.of("storage: {storageClassName: fast}"));
    Pod pod =
        Pods.unscheduled(
            fast, "0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.");

    // When
    Optional<Trouble> trouble = PodTrouble.of(fast, pod);

    // Then
    assertThat(trouble).map(Trouble::reason).contains(Reason.CLAIM_PENDING);
    assertThat(trouble)
        .map(Trouble::message)
        .get()
        .asString()
        .startsWith("Claim orders-data has no volume yet (storage class fast; ");
  }

  @Test
  void claimWithoutClassIsSaidToo() {
    // Given
    Pod pod = Pods.unscheduled(world, "persistentvolumeclaim \"orders-data\" not found");

    // When
    Optional<Trouble> trouble = PodTrouble.of(world, pod);

    // Then
    assertThat(trouble).map(Trouble::message).get().asString().contains("class none given");
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
  void whatTheScriptRefusedIsSaidInItsWords(String message, Reason reason, String sentence) {
    // Given
    Pod pod = Pods.backingOff(world, Pods.terminated(1, "Error", message + "\n"));

    // When
    Optional<Trouble> trouble = PodTrouble.of(world, pod);

    // Then
    assertThat(trouble).contains(new Trouble(reason, sentence));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"Running: yes", "Unknown: word", "dataMissing: small", "x DataMissing: y"})
  void otherWordsAreNotTakenForARefusal(String message) {
    // Given
    Pod pod = Pods.backingOff(world, Pods.terminated(3, "Error", message));

    // When
    Optional<Trouble> trouble = PodTrouble.of(world, pod);

    // Then
    assertThat(trouble).contains(new Trouble(Reason.CRASHING, "The server ended with exit code 3"));
  }

  @Test
  void ofACrashTheLastFatalLineIsSaidAndNoData() {
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
    Pod pod = Pods.backingOff(world, Pods.terminated(134, "Error", log));

    // When
    Optional<Trouble> trouble = PodTrouble.of(world, pod);

    // Then
    assertThat(trouble)
        .contains(
            new Trouble(
                Reason.CRASHING,
                "The server ended with exit code 134, PostgreSQL's last words: PANIC:  could not"
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
  void wordsOfATenantAreNotTakenForTheServers(String line) {
    // Given
    String log = "2026-01-01 00:00:00.000 UTC [9] " + line;
    Pod pod = Pods.ended(world, Pods.terminated(1, "Error", log));

    // When
    Optional<Trouble> trouble = PodTrouble.of(world, pod);

    // Then
    assertThat(trouble).contains(new Trouble(Reason.CRASHING, "The server ended with exit code 1"));
  }

  @Test
  void wordsToAClientAreNotTakenForTheServers() {
    // Given: whoever asks too early is refused, the probe and the operator itself each second
    String log =
        """
        2026-01-01 00:00:00.000 UTC [7] FATAL:  could not locate a valid checkpoint record
        2026-01-01 00:00:00.001 UTC [9] app@app FATAL:  the database system is starting up
        """;
    Pod pod = Pods.ended(world, Pods.terminated(1, "Error", log));

    // When
    Optional<Trouble> trouble = PodTrouble.of(world, pod);

    // Then
    assertThat(trouble)
        .map(Trouble::message)
        .get()
        .asString()
        .endsWith("last words: FATAL:  could not locate a valid checkpoint record");
  }

  @Test
  void outOfMemoryIsSaidWithTheWayOut() {
    // Given
    Pod pod = Pods.backingOff(world, Pods.terminated(137, "OOMKilled", "FATAL: x"));

    // When
    Optional<Trouble> trouble = PodTrouble.of(world, pod);

    // Then
    assertThat(trouble)
        .contains(
            new Trouble(
                Reason.OUT_OF_MEMORY,
                "The server was killed for using more memory than"
                    + " spec.resources.limits.memory allows. Raise that, or lower shared_buffers,"
                    + " work_mem or max_connections in spec.parameters."));
  }

  @Test
  void refusalHoldsWhileTheScriptTriesAgain() {
    // Given
    ContainerState refused = Pods.terminated(1, "Error", "DataMissing: empty");

    // When
    Optional<Trouble> trouble = PodTrouble.of(world, Pods.startingAgain(world, refused));

    // Then
    assertThat(trouble).contains(new Trouble(Reason.DATA_MISSING, "empty"));
  }

  @Test
  void refusalEndsOnceTheServerHasStarted() {
    // Given
    ContainerState refused = Pods.terminated(1, "Error", "DataMissing: empty");

    // When
    Optional<Trouble> trouble = PodTrouble.of(world, Pods.startedAgain(world, refused));

    // Then
    assertThat(trouble).isEmpty();
  }

  @Test
  void serverThatStartsAfterACrashIsStarting() {
    // Given
    ContainerState crashed = Pods.terminated(1, "Error", "");

    // When
    Optional<Trouble> trouble = PodTrouble.of(world, Pods.startingAgain(world, crashed));

    // Then
    assertThat(trouble).isEmpty();
  }

  @Test
  void longMessagesAreCut() {
    // Given
    String novel = "a".repeat(4000);

    // When
    Optional<Trouble> trouble =
        PodTrouble.of(world, Pods.ended(world, Pods.terminated(1, "", "DataCorrupt: " + novel)));

    // Then
    assertThat(trouble).map(Trouble::message).contains("a".repeat(LIMIT - 1) + "…");
  }

  @Test
  void messagesOfTheLimitAreWhole() {
    // Given
    String message = "a".repeat(LIMIT);

    // When
    Optional<Trouble> trouble =
        PodTrouble.of(world, Pods.waiting(world, "RunContainerError", message));

    // Then
    assertThat(trouble).map(Trouble::message).contains(message);
  }
}
