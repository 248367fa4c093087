package dev.postgresinstance.tests.support;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import java.sql.SQLException;

/**
 * The baseline of a server, to assert that a missing permission of the operator does not affect it.
 */
public final class UnaffectedServer {

  /** Limit for one kind of request in five seconds; retries without backoff amount to hundreds. */
  private static final long MAX_REQUESTS = 10;

  private final OperatorUnderTest operator;
  private final Instance instance;
  private final Pod pod;
  private final int logLengthBefore;

  /** Takes the current pod and the current length of the log as the baseline. */
  public UnaffectedServer(OperatorUnderTest operator, Instance instance) {
    this.operator = operator;
    this.instance = instance;
    this.pod = instance.pod();
    this.logLengthBefore = operator.logs().length();
  }

  /** The log of the operator since the baseline. */
  public String newLogs() {
    return operator.logs().substring(logLengthBefore);
  }

  /**
   * Fails if the pod or a session ends, if the operator retries without backoff, or if it floods
   * the log.
   */
  public void assertRunsWithout(Permission permission) {
    long before = operator.recorder().count(permission);
    try (Client session = Client.connect(instance)) {
      Consistently.that(
          "the server keeps running",
          () -> {
            assertKeepsPod();
            assertThat(session.read("SELECT 'here'")).isEqualTo("here");
          });
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
    assertThat(operator.recorder().count(permission) - before).isLessThan(MAX_REQUESTS);
    assertThat(newLogs()).doesNotContain("\tat ");
    assertThat(newLogs().split("lacks permission to " + permission))
        .hasSizeLessThan((int) MAX_REQUESTS);
  }

  /** Fails if the instance has another pod than at the baseline. */
  public void assertKeepsPod() {
    instance.assertHas(pod);
  }
}
