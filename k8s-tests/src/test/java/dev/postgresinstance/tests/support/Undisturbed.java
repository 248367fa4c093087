package dev.postgresinstance.tests.support;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import java.sql.SQLException;

/** A server whose operator lacks a right, as it was before. */
public final class Undisturbed {

  /** Of one kind of request in five seconds; what is tried again at once comes to hundreds. */
  private static final long FEW = 10;

  private final OperatorUnderTest operator;
  private final Instance instance;
  private final Pod pod;
  private final int alreadyLogged;

  /** As it is now. */
  public Undisturbed(OperatorUnderTest operator, Instance instance) {
    this.operator = operator;
    this.instance = instance;
    this.pod = instance.pod();
    this.alreadyLogged = operator.logs().length();
  }

  /** What the operator has logged since. */
  public String logged() {
    return operator.logs().substring(alreadyLogged);
  }

  /** No pod is ended, no session, nothing is asked for again and again, and nobody cries. */
  public void goesOnWithout(Right right) {
    operator.recorder().clear();
    try (Client session = Client.connect(instance)) {
      Steadily.that(
          "the server goes on",
          () -> {
            assertHasItsPod();
            assertThat(session.read("SELECT 'here'")).isEqualTo("here");
          });
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
    assertThat(operator.recorder().count(right)).isLessThan(FEW);
    assertThat(logged()).doesNotContain("\tat ");
    assertThat(logged().split("lacks the right to " + right)).hasSizeLessThan((int) FEW);
  }

  public void assertHasItsPod() {
    assertThat(instance.pod().getMetadata().getUid()).isEqualTo(pod.getMetadata().getUid());
  }
}
