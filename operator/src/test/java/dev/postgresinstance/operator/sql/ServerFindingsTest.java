package dev.postgresinstance.operator.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.feature.configuration.ServerSettings;
import dev.postgresinstance.operator.feature.storage.VolumeUse;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServerFindingsTest {

  @ParameterizedTest(name = "made: {0}, {1} % used, full: {2}; needed: {3}")
  @CsvSource({
    "false,  5, false, true",
    "false, 80, false, true",
    "true,   5, false, false",
    // A checkpoint that finds no room crashes the server.
    "false, 85, false, false",
    "false, 70, true,  false"
  })
  void checkpointPrecedesARestartWhereThereIsRoom(
      boolean made, int percent, boolean full, boolean needed) {
    // Given
    ServerFindings findings =
        new ServerFindings(
            Optional.of("73"),
            Optional.of(settings(made)),
            Optional.of(new VolumeUse(percent, 100, full)),
            Optional.empty(),
            Optional.empty());

    // When
    boolean needs = findings.needsCheckpoint();

    // Then
    assertThat(needs).isEqualTo(needed);
  }

  private static ServerSettings settings(boolean checkpointed) {
    return new ServerSettings(
        "a.conf", "1", "-", "1", "1", List.of(), List.of(), List.of(), List.of(), checkpointed);
  }
}
