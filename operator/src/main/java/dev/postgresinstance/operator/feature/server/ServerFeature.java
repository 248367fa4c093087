package dev.postgresinstance.operator.feature.server;

import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.operator.feature.Child;
import dev.postgresinstance.operator.feature.Child.Fallback;
import dev.postgresinstance.operator.feature.Feature;
import dev.postgresinstance.operator.feature.ReconcileInput;
import dev.postgresinstance.operator.feature.WritePhase;
import dev.postgresinstance.operator.feature.configuration.ConfigurationPlan;
import dev.postgresinstance.operator.feature.configuration.SettingsTask;
import dev.postgresinstance.operator.feature.data.DataRecord;
import dev.postgresinstance.operator.feature.image.ImageFeature;
import dev.postgresinstance.operator.feature.restore.Restore;
import dev.postgresinstance.operator.feature.restore.inplace.InPlaceServer;
import dev.postgresinstance.operator.feature.storage.OfflineGrowth;
import dev.postgresinstance.operator.instance.DatabaseContainer;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.report.Observation;
import dev.postgresinstance.operator.report.Problem;
import dev.postgresinstance.operator.report.StatusBuilder;
import dev.postgresinstance.operator.sql.LoginResult.LoggedIn;
import dev.postgresinstance.operator.sql.SessionTask;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The pod that runs the server: StatefulSet, start script, and what the pod mounts.
 *
 * @param image decides the image of the next pod
 */
public record ServerFeature(ImageFeature image) implements Feature {

  @Override
  public List<SessionTask<?>> sessionTasks(Snapshot snapshot) {
    return List.of(new CheckpointTask());
  }

  @Override
  public List<Child<?>> children(WritePhase phase, ReconcileInput input) {
    return switch (phase) {
      case CONFIGURATION ->
          List.of(
              Child.of(
                  ObjectKey.CONFIG_MAP, ServerConfigMap.desired(input.snapshot(), plan(input))));
      case SERVER ->
          List.of(
              InPlaceServer.before(
                  input,
                  Restore.before(
                      input.snapshot(),
                      Child.of(ObjectKey.STATEFUL_SET, statefulSet(input))
                          .orElse(
                              rejection ->
                                  rejection.isImmutableStatefulSet()
                                      ? Optional.of(new Fallback.Replace<>())
                                      : Optional.empty()))));
      default -> List.of();
    };
  }

  /** The configuration that the server should have. */
  private static ConfigurationPlan plan(ReconcileInput input) {
    return ConfigurationPlan.of(input.snapshot(), input.findings().get(SettingsTask.SETTINGS));
  }

  /**
   * The StatefulSet as it should be, without replicas while an expansion needs the volume unused.
   */
  private StatefulSet statefulSet(ReconcileInput input) {
    Snapshot snapshot = input.snapshot();
    StatefulSet desired =
        ServerStatefulSet.desired(
            snapshot, image.plan(input), DataRecord.after(input.atStart(), input.login()));
    return OfflineGrowth.of(snapshot, input.now()).applyTo(snapshot, desired);
  }

  /** What happens to the pod, after the StatefulSet is written. */
  public PodPlan podPlan(Pod pod, ReconcileInput input) {
    Snapshot snapshot = input.snapshot();
    Restart restart =
        Restart.of(
            snapshot,
            pod,
            snapshot.get(ObjectKey.STATEFUL_SET).orElseThrow(),
            plan(input),
            input.findings().get(SettingsTask.SETTINGS),
            input.now());
    return switch (restart) {
      case Restart.None none -> PodPlan.keep(Optional.empty());
      case Restart.Waiting waiting ->
          PodPlan.keep(Optional.of(RestartProblems.waiting(snapshot.instance(), waiting)));
      case Restart.Postponed later ->
          PodPlan.keep(Optional.of(RestartProblems.restarting(later.why())));
      case Restart.Due due -> podPlan(pod, due, input);
    };
  }

  private PodPlan podPlan(Pod pod, Restart.Due due, ReconcileInput input) {
    Optional<Problem> problem =
        Optional.of(RestartProblems.restarting(due.why()))
            .filter(restarting -> DatabaseContainer.isRunning(pod)); // or no server is restarted
    if (CheckpointTask.isNeeded(input.findings())) {
      return PodPlan.keepUntil(CheckpointTask.REQUEST, problem);
    }
    return OfflineGrowth.isDue(input.snapshot())
        ? PodPlan.stop(withoutPod(input), problem)
        : PodPlan.replace(due.why(), problem);
  }

  /** The StatefulSet without replicas: the first step of an expansion of an unused volume. */
  private Child<StatefulSet> withoutPod(ReconcileInput input) {
    return Child.of(
        ObjectKey.STATEFUL_SET,
        new OfflineGrowth.Away(Optional.empty()).applyTo(input.snapshot(), statefulSet(input)));
  }

  @Override
  public List<Problem> problems(Observation observation, Instant now) {
    return ServerProblems.of(observation, now).stream().toList();
  }

  @Override
  public void report(Observation observation, Instant now, StatusBuilder status) {
    Optional<String> runningImageId =
        observation
            .snapshot()
            .pod()
            .filter(pod -> observation.login() instanceof LoggedIn)
            .flatMap(DatabaseContainer::status)
            .map(ContainerStatus::getImageID);
    String version =
        observation.login() instanceof LoggedIn loggedIn
            ? loggedIn.serverVersion()
            : status.previous().get(PostgresInstanceStatus::version).orElse(null);
    status.server(
        version,
        runningImageId
            .or(() -> status.previous().get(PostgresInstanceStatus::imageID))
            .orElse(null));
  }
}
