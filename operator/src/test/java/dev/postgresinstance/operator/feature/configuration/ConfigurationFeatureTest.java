package dev.postgresinstance.operator.feature.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.feature.ReconcileInput;
import dev.postgresinstance.operator.feature.ReconcileInputs;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.sql.LoginResult.LoggedIn;
import dev.postgresinstance.operator.sql.ServerFindings;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ConfigurationFeatureTest {

  private final ConfigurationFeature feature = new ConfigurationFeature();
  private final Snapshot snapshot = Snapshots.initialized();
  private final String expected = ConfigurationPlan.of(snapshot, Optional.empty()).expected();

  @Test
  void refreshesVolumeUntilServerSeesConfiguration() {
    assertThat(feature.podAnnotations(input(onDisk("another"))))
        .containsOnlyKeys(Labels.CONFIGURATION);
    assertThat(feature.podAnnotations(input(onDisk(expected)))).isEmpty();
  }

  @Test
  void refreshesNothingWhileServerReportsNothing() {
    assertThat(feature.podAnnotations(input(ServerFindings.NONE))).isEmpty();
  }

  private static ServerFindings onDisk(String hash) {
    return ServerFindings.NONE.with(SettingsTask.SETTINGS, SettingsReports.healthy("1", hash));
  }

  private ReconcileInput input(ServerFindings findings) {
    return ReconcileInputs.of(snapshot, new LoggedIn("17.6", findings));
  }
}
