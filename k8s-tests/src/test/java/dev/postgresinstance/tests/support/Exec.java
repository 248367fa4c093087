package dev.postgresinstance.tests.support;

import io.fabric8.kubernetes.client.dsl.ExecWatch;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The result of a program that ran in a container by exec. */
record Exec(String program, int code, String output, String errors) {

  private static final int SECONDS = 180;

  // 128 + SIGKILL
  private static final int KILLED = 137;

  /** The exec connection ended because the container ended. */
  private static final int CUT_OFF = -1;

  /** Runs a program in the container of the server, as {@link #inPod} does. */
  static Exec run(Instance instance, String... command) {
    return inPod(instance, instance.podName(), Cluster.CONTAINER, command);
  }

  /**
   * Runs a program in a pod of an instance to its end; throws if it cannot be started or does not
   * end in time.
   */
  static Exec inPod(Instance instance, String pod, String container, String... command) {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    ByteArrayOutputStream errors = new ByteArrayOutputStream();
    String program = String.join(" ", command);
    try (ExecWatch watch =
        TestCluster.client()
            .pods()
            .inNamespace(instance.namespace())
            .withName(pod)
            .inContainer(container)
            .writingOutput(output)
            .writingError(errors)
            .exec(command)) {
      int code = watch.exitCode().get(SECONDS, TimeUnit.SECONDS);
      return new Exec(
          program,
          code,
          output.toString(StandardCharsets.UTF_8).strip(),
          errors.toString(StandardCharsets.UTF_8).strip());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException(program + " did not finish", e);
    }
  }

  /** Whether the container ended while the program ran. */
  boolean wasKilled() {
    return code == KILLED || code == CUT_OFF;
  }

  /**
   * Throws unless the program succeeded or, if {@code killed}, was killed together with its
   * container.
   */
  Exec orFail(boolean killed) {
    if (code != 0 && !(killed && wasKilled())) {
      throw new AssertionError("%s ended with %d: %s".formatted(program, code, errors));
    }
    return this;
  }
}
