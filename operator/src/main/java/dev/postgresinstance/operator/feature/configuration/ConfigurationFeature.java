package dev.postgresinstance.operator.feature.configuration;

import dev.postgresinstance.operator.feature.Feature;
import dev.postgresinstance.operator.feature.ReconcileInput;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.report.ProblemLog;
import dev.postgresinstance.operator.sql.LoginResult.LoggedIn;
import dev.postgresinstance.operator.sql.SessionTask;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** PostgreSQL's parameters: what the server should load, and what it reports about that. */
public final class ConfigurationFeature implements Feature {

  @Override
  public List<SessionTask<?>> sessionTasks(Snapshot snapshot) {
    return List.of(new SettingsTask(snapshot.paused() ? "" : ConfigurationPlan.expected(snapshot)));
  }

  @Override
  public void assess(ReconcileInput input, ProblemLog log) {
    Optional<ServerSettings> settings = input.findings().get(SettingsTask.SETTINGS);
    boolean isAskedSoon =
        input.login() instanceof LoggedIn && input.findings().lockedOut().isEmpty();
    ConfigurationPlan plan = ConfigurationPlan.of(input.snapshot(), settings);
    log.addAll(ConfigurationProblems.of(input.snapshot(), plan, settings, isAskedSoon));
    log.note(
        settings
            .filter(server -> !server.alterSystem().isEmpty())
            .map(ConfigurationProblems::alterSystem));
  }

  /** Until the server sees the configuration that it should load. */
  @Override
  public Map<String, String> podAnnotations(ReconcileInput input) {
    Optional<ServerSettings> settings = input.findings().get(SettingsTask.SETTINGS);
    ConfigurationPlan plan = ConfigurationPlan.of(input.snapshot(), settings);
    return settings
        .filter(server -> !server.onDisk().equals(plan.expected()))
        .map(server -> Map.of(Labels.CONFIGURATION, plan.refreshAnnotation(input.now())))
        .orElse(Map.of());
  }
}
