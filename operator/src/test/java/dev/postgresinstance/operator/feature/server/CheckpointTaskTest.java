package dev.postgresinstance.operator.feature.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.feature.configuration.ServerSettings;
import dev.postgresinstance.operator.feature.configuration.SettingsTask;
import dev.postgresinstance.operator.feature.storage.VolumeTask;
import dev.postgresinstance.operator.feature.storage.VolumeUse;
import dev.postgresinstance.operator.sql.ServerFindings;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CheckpointTaskTest {

  private static final ServerSettings SETTINGS =
      new ServerSettings("a.conf", "1", "-", "1", "1", List.of(), List.of(), List.of());

  @ParameterizedTest(name = "checkpointed: {0}, {1} % used, full: {2}, needed: {3}")
  @CsvSource({
    "false,  5, false, true",
    "false, 80, false, true",
    "true,   5, false, false",
    // A checkpoint on a full volume crashes the server.
    "false, 85, false, false",
    "false, 70, true,  false"
  })
  void needsCheckpointBeforeRestartUnlessVolumeIsNearlyFull(
      boolean checkpointed, int percent, boolean full, boolean needed) {
    // Given
    ServerFindings findings =
        ServerFindings.NONE
            .with(SettingsTask.SETTINGS, SETTINGS)
            .with(CheckpointTask.CHECKPOINTED, checkpointed)
            .with(VolumeTask.VOLUME_USE, new VolumeUse(percent, 100, full));

    // When
    boolean needs = CheckpointTask.isNeeded(findings);

    // Then
    assertThat(needs).isEqualTo(needed);
  }
}
