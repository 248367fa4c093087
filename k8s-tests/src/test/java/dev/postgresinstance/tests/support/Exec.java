package dev.postgresinstance.tests.support;

import io.fabric8.kubernetes.client.dsl.ExecWatch;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A program that ran in an instance's container, as by `kubectl exec`. */
record Exec(String program, int code, String output, String errors) {

  private static final int SECONDS = 60;

  // 128 + SIGKILL
  private static final int KILLED = 137;

  /** The connection ended with the container. */
  private static final int CUT_OFF = -1;

  /** Runs it to its end; throws if it could not be started. */
  static Exec run(Instance instance, String... words) {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    ByteArrayOutputStream errors = new ByteArrayOutputStream();
    String program = String.join(" ", words);
    try (ExecWatch watch =
        TestCluster.client()
            .pods()
            .inNamespace(instance.namespace())
            .withName(instance.podName())
            .inContainer("postgres")
            .writingOutput(output)
            .writingError(errors)
            .exec(words)) {
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
      throw new IllegalStateException(program + " did not run to its end", e);
    }
  }

  /** Whether its container ended while it ran. */
  boolean wasKilled() {
    return code == KILLED || code == CUT_OFF;
  }

  /** It succeeded, or was killed together with all others. */
  Exec orFail(boolean killed) {
    if (code != 0 && !(killed && wasKilled())) {
      throw new AssertionError("%s ended with %d: %s".formatted(program, code, errors));
    }
    return this;
  }
}
