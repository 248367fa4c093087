package dev.postgresinstance.operator.instance.termination;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Most with log lines as PostgreSQL writes them with the log_line_prefix of the operator. */
class LastTerminationTest {

  private static final String STARTED =
      "2026-01-02 03:04:05.678 UTC [1] LOG:  starting PostgreSQL 17.6 on x86_64-pc-linux-gnu\n";
  private static final String NO_MEMORY =
      "2026-01-02 03:04:05.790 UTC [1] FATAL:  could not map anonymous shared memory: Cannot"
          + " allocate memory\n";
  private static final String NO_SPACE =
      "2026-01-02 03:04:06.123 UTC [27] PANIC:  could not write to file \"pg_wal/xlogtemp.27\": No"
          + " space left on device\n";
  private static final String CLIENT =
      "2026-01-02 03:04:07.000 UTC [77] app@shop FATAL:  password authentication failed for user"
          + " \"app\"\n";

  private final Snapshot snapshot = Snapshots.initialized();

  @Test
  void quotesFatalMessageOfServer() {
    // When
    Optional<String> message = LastTermination.message(ended(STARTED + NO_MEMORY));

    // Then
    assertThat(message)
        .contains("FATAL:  could not map anonymous shared memory: Cannot allocate memory");
  }

  @Test
  void quotesLastOfSeveralMessages() {
    // When
    Optional<String> message = LastTermination.message(ended(NO_MEMORY + STARTED + NO_SPACE));

    // Then
    assertThat(message)
        .contains(
            "PANIC:  could not write to file \"pg_wal/xlogtemp.27\": No space left on device");
  }

  @Test
  void ignoresMessagesToClients() {
    // When
    Optional<String> message = LastTermination.message(ended(NO_MEMORY + CLIENT));

    // Then
    assertThat(message).hasValueSatisfying(text -> assertThat(text).contains("shared memory"));
    assertThat(LastTermination.message(ended(CLIENT))).isEmpty();
  }

  @Test
  void quotesMessageBeforeServerCanLog() {
    // When
    Optional<String> message =
        LastTermination.message(
            ended("postgres: could not find the database system\nExpected to find it\n"));

    // Then
    assertThat(message).contains("could not find the database system");
  }

  /** What a log_line_prefix adds to messages of the server itself. */
  static Stream<String> prefixes() {
    return Stream.of(
        "",
        "2026-01-02 03:04:05 UTC [1]: [2-1] db=,user=,app=,client= ",
        "2026-01-02 03:04:05.678 CET [27] [startup] ",
        "1767322445.678 27 695731cd.1b @ ",
        "postgres[27]: ");
  }

  @ParameterizedTest
  @MethodSource("prefixes")
  void findsMessageBehindAnyPrefixAndInAnyVerbosity(String stamp) {
    // Given
    String terse = stamp + "LOG:  starting\n" + stamp + "FATAL:  could not map memory\n";
    String verbose =
        stamp
            + "FATAL:  XX000: could not map memory\n"
            + stamp
            + "LOCATION:  CreateAnonymousSegment, sysv_shmem.c:663\n";

    // Then
    assertThat(LastTermination.message(ended(terse))).contains("FATAL:  could not map memory");
    assertThat(LastTermination.message(ended(verbose))).contains("FATAL:  could not map memory");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2026-01-02 03:04:05 UTC [9]: [1-1] db=shop,user=app,app=[unknown],client=::1 FATAL:  no",
        "2026-01-02 03:04:05 UTC [9] FATAL:  the database system is in recovery mode",
        "FATAL:  password authentication failed for user \"app\"",
        "[9] FATAL:  role \"nobody\" does not exist",
        "[9] FATAL:  no pg_hba.conf entry for host \"::1\"",
        "[9] FATAL:  sorry, too many clients already",
        "[9] FATAL:  terminating connection due to administrator command",
        "[9] ERROR:  syntax error at or near \"FATAL:  x\"",
        "[9] STATEMENT:  SELECT 'FATAL:  x'"
      })
  void ignoresMessagesToClientsBehindAnyPrefix(String line) {
    // When
    Optional<String> message = LastTermination.message(ended("[1] FATAL:  broken\n" + line));

    // Then
    assertThat(message).contains("FATAL:  broken");
  }

  @ParameterizedTest
  @MethodSource("prefixes")
  void quotesWhatPostgresRejectsInItsFile(String stamp) {
    // Given
    String log =
        Stream.of(
                "LOG:  invalid value for parameter \"work_mem\": \"64M\"",
                "HINT:  Valid units are \"kB\" and \"MB\".",
                "LOG:  unrecognized configuration parameter \"foo\" in file \"/a.conf\" line 47",
                "FATAL:  configuration file \"/a.conf\" contains errors")
            .map(line -> stamp + line + "\n")
            .collect(Collectors.joining());

    // When
    Optional<String> message = LastTermination.message(ended("First start: creating.\n" + log));

    // Then
    assertThat(message)
        .contains(
            "invalid value for parameter \"work_mem\": \"64M\" (Valid units are \"kB\" and \"MB\".);"
                + " unrecognized configuration parameter \"foo\"");
  }

  @Test
  void quotesRejectedFileItselfWhereItsErrorsAreNotLogged() {
    // Given
    String log = "FATAL:  configuration file \"/a.conf\" contains errors";

    // Then
    assertThat(LastTermination.message(ended(log))).contains(log);
  }

  @Test
  void describesRefusalOfStartScript() {
    // Given
    Pod pod = Pods.backingOff(snapshot, Pods.terminated(1, "Error", "Crashing: No roles: nope."));

    // Then
    assertThat(LastTermination.describe(Optional.of(pod))).isEqualTo("No roles: nope.");
  }

  @ParameterizedTest
  @CsvSource(
      value = {
        "NULL",
        "''",
        "'2026-01-02 03:04:05.678 UTC [1] LOG:  database system is shut down'"
      },
      nullValues = "NULL")
  void findsNoMessageInOtherOutput(String output) {
    assertThat(LastTermination.message(ended(output))).isEmpty();
  }

  @Test
  void shortensMessageToScreenLength() {
    // Given
    String line = "2026-01-02 03:04:05.678 UTC [1] FATAL:  " + "x".repeat(1_000);

    // When
    Optional<String> message = LastTermination.message(ended(line));

    // Then
    assertThat(message)
        .hasValueSatisfying(text -> assertThat(text).hasSize(500).startsWith("FATAL:  xxx"));
  }

  @ParameterizedTest
  @CsvSource(
      value = {
        "'could not write to file: No space left on device', true",
        "'could not write to file: Input/output error', false",
        "NULL, false"
      },
      nullValues = "NULL")
  void recognizesFullVolumeByMessageOfOperatingSystem(String message, boolean full) {
    assertThat(LastTermination.isDiskFull(ended(message))).isEqualTo(full);
  }

  @ParameterizedTest
  @CsvSource({"OOMKilled, true, false", "StartError, false, true", "Error, false, false"})
  void recognizesReasonOfKubelet(String reason, boolean outOfMemory, boolean startError) {
    // Given
    ContainerStateTerminated termination = Pods.terminated(137, reason, "").getTerminated();

    // Then
    assertThat(LastTermination.isOutOfMemory(termination)).isEqualTo(outOfMemory);
    assertThat(LastTermination.isStartError(termination)).isEqualTo(startError);
  }

  @Test
  void describesKillForMemoryBeforeAnyMessage() {
    // Given
    Pod pod = Pods.startingAgain(snapshot, Pods.terminated(137, "OOMKilled", NO_MEMORY));

    // When
    String description = LastTermination.describe(Optional.of(pod));

    // Then
    assertThat(description)
        .isEqualTo("it was killed for using more memory than spec.resources.limits.memory allows");
  }

  @Test
  void describesTerminationByMessageOfServer() {
    // Given
    Pod pod = Pods.backingOff(snapshot, Pods.terminated(1, "Error", STARTED + NO_MEMORY));

    // When
    String description = LastTermination.describe(Optional.of(pod));

    // Then
    assertThat(description)
        .isEqualTo("FATAL:  could not map anonymous shared memory: Cannot allocate memory");
  }

  @Test
  void namesLogCommandWhenServerLeftNoMessage() {
    // Given
    Pod pod = Pods.backingOff(snapshot, Pods.terminated(1, "Error", STARTED));

    // When
    String description = LastTermination.describe(Optional.of(pod));

    // Then
    assertThat(description)
        .isEqualTo("kubectl logs -n shop orders-0 -c postgres --previous may show why");
  }

  @Test
  void saysThatThereIsNoPodLeft() {
    assertThat(LastTermination.describe(Optional.empty())).isEqualTo("no pod is left to ask");
  }

  private static ContainerStateTerminated ended(String message) {
    return Pods.terminated(1, "Error", message).getTerminated();
  }
}
