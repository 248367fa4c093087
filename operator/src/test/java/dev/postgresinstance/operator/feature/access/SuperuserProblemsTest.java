package dev.postgresinstance.operator.feature.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.access.SuperuserAccess.Closed;
import dev.postgresinstance.operator.feature.access.SuperuserAccess.Open;
import dev.postgresinstance.operator.feature.access.SuperuserAccess.Unchanged;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.report.Problem;
import dev.postgresinstance.operator.sql.Role;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SuperuserProblemsTest {

  private static final Open OPEN = new Open(new Role("postgres", "secret"), false);
  private static final SuperuserFindings OPENED = findings(OPEN, false);
  private static final SuperuserFindings KEPT_OUT = findings(new Closed(), false);
  private static final SuperuserFindings CLOSING = findings(new Closed(), true);
  private static final SuperuserFindings UNCHANGED = findings(new Unchanged(), false);
  private static final SuperuserFindings REJECTED =
      new SuperuserFindings(OPEN, Optional.of("FATAL: no such role"), false, List.of());

  private final Snapshot withAccess = Snapshots.of("superuserAccess: true");
  private final Snapshot withoutAccess = Snapshots.of("{}");

  @Test
  void reportsNothingOnceAccessIsAsRequested() {
    assertThat(SuperuserProblems.of(withAccess, OPENED)).isEmpty();
    assertThat(SuperuserProblems.of(withoutAccess, KEPT_OUT)).isEmpty();
  }

  @Test
  void reportsRejectedSuperuserWithItsSecret() {
    // When
    List<Problem> problems = SuperuserProblems.of(withAccess, REJECTED);

    // Then
    assertThat(problems)
        .containsExactly(
            new Problem(
                Reason.SUPERUSER_REFUSED,
                "The superuser postgres cannot log in with the password of Secret"
                    + " orders-superuser: FATAL: no such role"));
  }

  static Stream<SuperuserFindings> notOpened() {
    return Stream.of(KEPT_OUT, UNCHANGED);
  }

  @ParameterizedTest
  @MethodSource("notOpened")
  void reportsThatAccessIsBeingOpened(SuperuserFindings findings) {
    // When
    List<Problem> problems = SuperuserProblems.of(withAccess, findings);

    // Then
    assertThat(problems)
        .containsExactly(
            new Problem(Reason.CONFIGURING, "Superuser access over the network is being opened."));
  }

  static Stream<SuperuserFindings> notClosed() {
    return Stream.of(OPENED, REJECTED, CLOSING, UNCHANGED);
  }

  @ParameterizedTest
  @MethodSource("notClosed")
  void reportsThatAccessIsBeingClosed(SuperuserFindings findings) {
    // When
    List<Problem> problems = SuperuserProblems.of(withoutAccess, findings);

    // Then
    assertThat(problems)
        .containsExactly(
            new Problem(
                Reason.CONFIGURING,
                "The operator checks that superuser access over the network is closed."));
  }

  @Test
  void reportsNoProgressOfInstanceThatWasReady() {
    // Given
    Snapshot ready = ready(withoutAccess);

    // Then
    assertThat(SuperuserProblems.of(ready, CLOSING)).isEmpty();
  }

  @Test
  void reportsRejectedSuperuserOfInstanceThatWasReady() {
    // Given
    Snapshot ready = ready(withAccess);

    // Then
    assertThat(SuperuserProblems.of(ready, REJECTED))
        .extracting(Problem::reason)
        .containsExactly(Reason.SUPERUSER_REFUSED);
  }

  @Test
  void reportsOtherSuperusersWithCommandThatRemovesAttribute() {
    // When
    List<Problem> problems = SuperuserProblems.of(withoutAccess, others("ad\"min", "dba"));

    // Then
    assertThat(problems)
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.condition()).isEqualTo(ConditionType.OTHER_SUPERUSERS);
              assertThat(problem.reason()).isEqualTo(Reason.SUPERUSERS_FOUND);
              assertThat(problem.preventsReady()).isFalse();
              assertThat(problem.message())
                  .startsWith("The server has other superusers: \"ad\"\"min\", \"dba\". ")
                  .contains("orders-0", "-n shop", "NOSUPERUSER");
            });
  }

  @Test
  void namesAtMostTenOtherSuperusers() {
    // Given
    String[] names = IntStream.range(0, 12).mapToObj("dba_%d"::formatted).toArray(String[]::new);

    // When
    List<Problem> problems = SuperuserProblems.of(withoutAccess, others(names));

    // Then
    assertThat(problems)
        .singleElement()
        .extracting(Problem::message)
        .asString()
        .contains("\"dba_9\" and 2 more. ")
        .doesNotContain("dba_10");
  }

  @Test
  void reportsOtherSuperusersBesideRejectedOne() {
    // Given
    SuperuserFindings findings =
        new SuperuserFindings(OPEN, Optional.of("FATAL: no"), false, List.of("dba"));

    // When
    List<Problem> problems = SuperuserProblems.of(withAccess, findings);

    // Then
    assertThat(problems)
        .extracting(Problem::reason)
        .containsExactlyInAnyOrder(Reason.SUPERUSERS_FOUND, Reason.SUPERUSER_REFUSED);
  }

  private static Snapshot ready(Snapshot snapshot) {
    Condition ready = new ConditionBuilder().withType("Ready").withStatus("True").build();
    PostgresInstanceStatus status =
        new PostgresInstanceStatus(
            1L, List.of(ready), null, null, null, null, null, null, null, null, null, null);
    return Snapshots.withStatus(snapshot, status);
  }

  private static SuperuserFindings findings(SuperuserAccess access, boolean closing) {
    return new SuperuserFindings(access, Optional.empty(), closing, List.of());
  }

  private static SuperuserFindings others(String... names) {
    return new SuperuserFindings(new Closed(), Optional.empty(), false, List.of(names));
  }
}
