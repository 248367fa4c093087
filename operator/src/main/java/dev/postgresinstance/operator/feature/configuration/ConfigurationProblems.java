package dev.postgresinstance.operator.feature.configuration;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.instance.KubectlCommand;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.RememberedRefusal;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.report.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Problems of the server's configuration. */
final class ConfigurationProblems {

  /** What PostgreSQL reads as {@code off}: any unambiguous prefix counts. */
  private static final Set<String> OFF =
      Set.of("off", "of", "false", "fals", "fal", "fa", "f", "no", "n", "0");

  private ConfigurationProblems() {}

  /**
   * The problems.
   *
   * @param settings what the server reports; empty if the operator's own role could not ask
   * @param isAskedSoon whether the server accepts logins, so that the operator's role is about to
   *     ask
   */
  static List<Problem> of(
      Snapshot snapshot,
      ConfigurationPlan plan,
      Optional<ServerSettings> settings,
      boolean isAskedSoon) {
    PostgresInstance instance = snapshot.instance();
    List<Problem> problems = new ArrayList<>();
    if (plan.refusal().isPresent()) {
      problems.add(rejected(instance, plan, plan.refusal().get()));
    } else {
      boolean isSettled =
          settings.map(server -> server.isSettled(plan.expected())).orElse(!isAskedSoon);
      if (!isSettled && !snapshot.previousStatus().wasReady()) {
        problems.add(
            new Problem(Reason.CONFIGURING, "The server is about to load its new configuration."));
      }
    }
    List<String> unsafe = unsafeParameters(instance);
    if (!unsafe.isEmpty()) {
      problems.add(
          new Problem(
              ConditionType.DATA_AT_RISK,
              Reason.UNSAFE_PARAMETERS,
              "spec.parameters switches off %s: when the server's node crashes or loses power, the data can be damaged beyond repair. Use this only for data that can be created again."
                  .formatted(String.join(" and ", unsafe))));
    }
    return problems;
  }

  /** That somebody used {@code ALTER SYSTEM}, which PostgreSQL before 17 cannot forbid. */
  static String alterSystem(ServerSettings settings) {
    return "ALTER SYSTEM has set %s. The next start of the server discards this; use spec.parameters."
        .formatted(String.join(", ", settings.alterSystem()));
  }

  private static Problem rejected(
      PostgresInstance instance, ConfigurationPlan plan, RememberedRefusal refusal) {
    return new Problem(
        Reason.PARAMETER_REFUSED,
        "spec.parameters cannot take effect; the server %s: %s. Correct the parameters. To try the same ones again: %s"
            .formatted(
                plan.fallsBackToDefaults()
                    ? "runs without any of them"
                    : "keeps the last configuration that worked",
                refusal.message(),
                KubectlCommand.annotateWithDate(instance, Labels.RESTART)));
  }

  private static List<String> unsafeParameters(PostgresInstance instance) {
    Map<String, String> parameters = Parameters.ofUser(instance.getSpec());
    return Stream.of("fsync", "full_page_writes")
        .filter(
            name ->
                OFF.contains(parameters.getOrDefault(name, "").strip().toLowerCase(Locale.ROOT)))
        .toList();
  }
}
