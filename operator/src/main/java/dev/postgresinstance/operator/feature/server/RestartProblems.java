package dev.postgresinstance.operator.feature.server;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.instance.KubectlCommand;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.report.Problem;

/** What is reported about restarts. */
public final class RestartProblems {

  private RestartProblems() {}

  /** Something waits for the next restart. */
  public static Problem waiting(PostgresInstance instance, Restart.Waiting waiting) {
    return new Problem(
        ConditionType.PENDING_RESTART,
        Reason.RESTART_REQUIRED,
        "These changes wait for the next restart: %s. To restart now: %s"
            .formatted(
                String.join("; ", waiting.what()),
                KubectlCommand.annotateWithDate(instance, Labels.RESTART)));
  }

  /** The spec is not in force before the restart that is about to happen. */
  public static Problem restarting(String why) {
    return new Problem(
        Reason.CONFIGURING, "The server is about to be restarted: %s.".formatted(why));
  }
}
