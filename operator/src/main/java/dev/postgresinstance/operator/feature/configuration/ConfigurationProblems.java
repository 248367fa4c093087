package dev.postgresinstance.operator.feature.configuration;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.server.Restart;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.RememberedRefusal;
import dev.postgresinstance.operator.reconcile.InstanceStatus;
import dev.postgresinstance.operator.report.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** What is to be said of the server's configuration. */
public final class ConfigurationProblems {

  /** What PostgreSQL takes for {@code off}; it needs no more letters than tell it from others. */
  private static final Set<String> OFF =
      Set.of("off", "of", "false", "fals", "fal", "fa", "f", "no", "n", "0");

  private ConfigurationProblems() {}

  /**
   * What is not as it should be.
   *
   * @param settings what the server says, if the operator's own role could ask it
   * @param askedSoon whether it takes logins, so that the operator's own role is about to ask it
   */
  public static List<Problem> of(
      PostgresInstance instance,
      ConfigurationPlan plan,
      Optional<ServerSettings> settings,
      boolean askedSoon) {
    List<Problem> problems = new ArrayList<>();
    plan.refusal()
        .ifPresentOrElse(
            refusal -> problems.add(refused(instance, refusal)),
            () -> {
              boolean settled =
                  settings.map(server -> server.settled(plan.expected())).orElse(!askedSoon);
              if (!settled && !wasReady(instance)) {
                problems.add(configuring());
              }
            });
    List<String> unsafe = unsafe(instance);
    if (!unsafe.isEmpty()) {
      problems.add(
          new Problem(
              ConditionType.DATA_AT_RISK,
              Reason.UNSAFE_PARAMETERS,
              "spec.parameters switches off %s: when the server's node crashes or loses power, the data can be destroyed beyond repair. Use it only for data that can be made again."
                  .formatted(String.join(" and ", unsafe))));
    }
    return problems;
  }

  /** What waits for a restart, and how to have one. */
  public static Problem waiting(PostgresInstance instance, Restart.Waits waits) {
    return new Problem(
        ConditionType.PENDING_RESTART,
        Reason.RESTART_REQUIRED,
        "These wait for the next restart: %s. To have it now: kubectl annotate pgi %s %s=\"$(date)\" --overwrite"
            .formatted(
                String.join("; ", waits.what()), instance.getMetadata().getName(), Labels.RESTART));
  }

  /** What is asked for is not in force before the restart that it needs. */
  public static Problem restarting(Restart.Due due) {
    return new Problem(
        Reason.CONFIGURING, "The server is about to be restarted: %s.".formatted(due.why()));
  }

  /** That somebody has used {@code ALTER SYSTEM}, where PostgreSQL cannot forbid it. */
  public static String alterSystem(ServerSettings settings) {
    return "ALTER SYSTEM has set %s; the next start of the server sets that aside, use spec.parameters."
        .formatted(String.join(", ", settings.alterSystem()));
  }

  private static Problem refused(PostgresInstance instance, RememberedRefusal refusal) {
    return new Problem(
        Reason.PARAMETER_REFUSED,
        "PostgreSQL refuses spec.parameters, and stays on the last configuration that worked: %s. Correct them; to have the same tried again: kubectl annotate pgi %s %s=\"$(date)\" --overwrite"
            .formatted(refusal.words(), instance.getMetadata().getName(), Labels.RESTART));
  }

  private static Problem configuring() {
    return new Problem(
        Reason.CONFIGURING, "The server takes logins; it is about to load its new configuration.");
  }

  /** What only a new version of the operator configures otherwise makes no instance unready. */
  public static boolean wasReady(PostgresInstance instance) {
    return InstanceStatus.isReady(instance.getStatus())
        && instance.getMetadata().getGeneration().equals(instance.getStatus().observedGeneration());
  }

  private static List<String> unsafe(PostgresInstance instance) {
    Map<String, String> parameters =
        Optional.ofNullable(instance.getSpec().parameters()).orElse(Map.of());
    return Stream.of("fsync", "full_page_writes")
        .filter(
            name ->
                OFF.contains(
                    parameters.getOrDefault(name, "").strip().toLowerCase(java.util.Locale.ROOT)))
        .toList();
  }
}
