package dev.postgresinstance.operator.feature.crash;

import dev.postgresinstance.api.v1alpha1.CrashStatus;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.operator.instance.KubectlCommand;
import dev.postgresinstance.operator.instance.termination.LastTermination;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.util.Optional;

/** What a crash of a process means, and what to do. */
final class CrashProblems {

  private CrashProblems() {}

  /** The message for the last crash. */
  static String message(PostgresInstance instance, CrashStatus crash) {
    return "A process of the server crashed or was killed, so PostgreSQL ended all sessions and recovered at %s%s. The usual cause is that %s. The log names the process, the signal (9 if it was killed, usually for its memory) and its last statement: %s | grep -A 1 'terminated by signal'"
        .formatted(
            crash.lastTime(),
            crash.count() > 1 ? " (crash %d of this instance)".formatted(crash.count()) : "",
            hasMemoryLimit(instance)
                ? "it used more memory than spec.resources.limits.memory allows. "
                    + LastTermination.MEMORY_REMEDY
                : "the node ran out of memory. The spec has no resources.limits.memory, so the server can use all memory of the node. Set resources.requests.memory and resources.limits.memory, or lower shared_buffers, work_mem or max_connections in spec.parameters",
            KubectlCommand.logs(instance));
  }

  private static boolean hasMemoryLimit(PostgresInstance instance) {
    return Optional.ofNullable(instance.getSpec().resources())
        .map(ResourceRequirements::getLimits)
        .filter(limits -> limits.containsKey("memory"))
        .isPresent();
  }
}
