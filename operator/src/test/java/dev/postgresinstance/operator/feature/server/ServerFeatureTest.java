package dev.postgresinstance.operator.feature.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.feature.ReconcileInputs;
import dev.postgresinstance.operator.feature.configuration.SettingsReports;
import dev.postgresinstance.operator.feature.configuration.SettingsTask;
import dev.postgresinstance.operator.feature.image.ImageFeature;
import dev.postgresinstance.operator.feature.image.PostgresImages;
import dev.postgresinstance.operator.feature.storage.OfflineGrowth;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.report.Problem;
import dev.postgresinstance.operator.sql.LoginResult.LoggedIn;
import dev.postgresinstance.operator.sql.ServerFindings;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ServerFeatureTest {

  private static final String CHANGE = "pod: {labels: {team: shop}}";
  private static final String WHY = "the spec changed the resources or the settings of the pod";
  private static final Map<String, String> IN_USE =
      Map.of(OfflineGrowth.RESIZE_ERROR, "code = FailedPrecondition desc = in use");
  private static final ServerFindings CHECKPOINTED =
      ServerFindings.NONE
          .with(SettingsTask.SETTINGS, SettingsReports.healthy("1", "1"))
          .with(CheckpointTask.CHECKPOINTED, true);

  private final ServerFeature feature = new ServerFeature(new ImageFeature(PostgresImages.DEFAULT));
  private final Snapshot snapshot = Snapshots.initialized();
  private final Snapshot changed = Snapshots.withSpec(snapshot, CHANGE);

  @Test
  void keepsPodThatMatchesSpec() {
    // When
    PodPlan plan = plan(Pods.started(snapshot), snapshot, CHECKPOINTED);

    // Then
    assertThat(plan.keepsPod()).isTrue();
    assertThat(plan.request()).isEmpty();
    assertThat(plan.problem()).isEmpty();
  }

  @Test
  void keepsPodUntilServerHasMadeCheckpoint() {
    // When
    PodPlan plan =
        plan(
            Pods.started(snapshot), changed, CHECKPOINTED.with(CheckpointTask.CHECKPOINTED, false));

    // Then
    assertThat(plan.keepsPod()).isTrue();
    assertThat(plan.request()).contains(CheckpointTask.REQUEST);
    assertThat(plan.problem().map(Problem::message))
        .contains("The server is about to be restarted: " + WHY + ".");
  }

  @Test
  void replacesPodAfterCheckpoint() {
    // When
    PodPlan plan = plan(Pods.started(snapshot), changed, CHECKPOINTED);

    // Then
    assertThat(plan.replacement()).contains(WHY);
    assertThat(plan.withoutPod()).isEmpty();
    assertThat(plan.problem()).isPresent();
  }

  @Test
  void stopsPodWhileVolumeCanOnlyGrowUnused() {
    // Given
    Snapshot growing = Snapshots.resizing("1Gi", "2Gi", IN_USE);

    // When
    PodPlan plan = plan(Pods.started(growing), growing, CHECKPOINTED);

    // Then
    assertThat(plan.replacement()).isEmpty();
    assertThat(plan.withoutPod().map(child -> child.desired().getSpec().getReplicas())).contains(0);
    assertThat(plan.keepsPod()).isFalse();
  }

  @Test
  void announcesNoRestartWhereNoServerRuns() {
    // Given
    Pod pod = Pods.waiting(snapshot, "ErrImagePull", "not found");

    // When
    PodPlan plan = plan(pod, changed, ServerFindings.NONE);

    // Then
    assertThat(plan.replacement()).contains(Restart.NO_SERVER);
    assertThat(plan.problem()).isEmpty();
  }

  @Test
  void keepsPodWhileChangeWaitsForRequestedRestart() {
    // Given
    Snapshot manual = Snapshots.withSpec(snapshot, "{restartPolicy: Manual, " + CHANGE + "}");

    // When
    PodPlan plan = plan(Pods.started(snapshot), manual, CHECKPOINTED);

    // Then
    assertThat(plan.keepsPod()).isTrue();
    assertThat(plan.problem().map(Problem::message).orElseThrow())
        .startsWith("These changes wait for the next restart: the resources");
  }

  /** The plan after the StatefulSet for the spec was written. */
  private PodPlan plan(Pod pod, Snapshot spec, ServerFindings findings) {
    Snapshot written =
        Snapshots.with(
            spec.with(Pods.statefulSet(spec, PostgresImages.DEFAULT, Optional.empty())), pod);
    return feature.podPlan(pod, ReconcileInputs.of(written, new LoggedIn("17.6", findings)));
  }
}
