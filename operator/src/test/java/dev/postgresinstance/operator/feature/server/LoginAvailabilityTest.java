package dev.postgresinstance.operator.feature.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.reconcile.Statuses;
import dev.postgresinstance.operator.sql.LoginResult;
import dev.postgresinstance.operator.sql.LoginResult.LoggedIn;
import dev.postgresinstance.operator.sql.LoginResult.LoginRejected;
import dev.postgresinstance.operator.sql.LoginResult.Pending;
import dev.postgresinstance.operator.sql.LoginResult.Unreachable;
import dev.postgresinstance.operator.sql.ServerFindings;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LoginAvailabilityTest {

  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678Z");
  private static final Instant LATER = NOW.plusSeconds(60);
  private static final LoginResult LOGGED_IN = new LoggedIn("17.6", ServerFindings.NONE);
  private static final LoginResult PENDING = new Pending();
  private static final LoginResult UNREACHABLE = new Unreachable("Connection refused");
  private static final LoginResult REJECTED =
      new LoginRejected(
          "28P01", "FATAL: password authentication failed for user \"app\"", ServerFindings.NONE);
  private static final LoginResult NOT_YET =
      new LoginRejected("57P03", "FATAL: the database system is starting up", ServerFindings.NONE);

  private final Snapshot served = Snapshots.initialized();

  @Test
  void reportsStartingDuringUsualStart() {
    // When
    PostgresInstanceStatus status =
        Statuses.of(pod(Pods.starting(served)), NOT_YET, Pods.STARTED.plusSeconds(4));

    // Then
    assertThat(Statuses.ready(status).getReason()).isEqualTo("Starting");
    assertThat(Statuses.ready(status).getMessage()).isEqualTo("The server is starting.");
  }

  @ParameterizedTest
  @CsvSource({"119, 1 minute", "125, 2 minutes"})
  void reportsRecoveringWhenStartTakesLong(int seconds, String duration) {
    // When
    PostgresInstanceStatus status =
        Statuses.of(pod(Pods.starting(served)), NOT_YET, Pods.STARTED.plusSeconds(seconds));

    // Then
    assertThat(Statuses.ready(status).getReason()).isEqualTo("Recovering");
    assertThat(Statuses.ready(status).getMessage())
        .contains(
            "since 2026-01-01T00:00:00Z, for %s: ".formatted(duration),
            "the database system is starting");
  }

  @Test
  void reportsStartingWhenServerThatHasNotStartedIsUnreachable() {
    // When
    PostgresInstanceStatus status = Statuses.of(pod(Pods.starting(served)), UNREACHABLE, NOW);

    // Then
    assertThat(Statuses.ready(status).getReason()).isEqualTo("Starting");
  }

  @ParameterizedTest
  @CsvSource({"29, false", "31, true"})
  void namesLogWhenNoServerAnswersForHalfAMinute(int seconds, boolean named) {
    // When
    PostgresInstanceStatus status =
        Statuses.of(pod(Pods.starting(served)), UNREACHABLE, Pods.STARTED.plusSeconds(seconds));

    // Then
    assertThat(Statuses.ready(status).getReason()).isEqualTo("Starting");
    assertThat(
            Statuses.ready(status)
                .getMessage()
                .endsWith("kubectl logs -n shop orders-0 -c postgres"))
        .isEqualTo(named);
  }

  @ParameterizedTest
  @CsvSource({"2026-01-02T03:04:00Z, Starting", "2026-01-02T03:03:54Z, OperatorCannotConnect"})
  void toleratesUnreachableServerForTenSecondsAfterPodBecameReady(String since, String reason) {
    // Given
    Pod ready =
        new PodBuilder(Pods.started(served))
            .editStatus()
            .addNewCondition()
            .withType("Ready")
            .withStatus("True")
            .withLastTransitionTime(since)
            .endCondition()
            .endStatus()
            .build();

    // When
    PostgresInstanceStatus status = Statuses.of(pod(ready), UNREACHABLE, NOW);

    // Then
    assertThat(Statuses.ready(status).getReason()).isEqualTo(reason);
  }

  @ParameterizedTest
  @CsvSource({"2026-01-01T00:00:00Z, True", "2025-12-31T23:59:59Z, False"})
  void keepsAvailableOnlyWhenLoginToThisContainerSucceeded(String availableSince, String expected) {
    // Given: the container has been running since midnight, and no login was tried yet
    Snapshot snapshot = pod(Pods.starting(served));
    PostgresInstance instance = snapshot.instance();
    instance.setStatus(
        Statuses.of(pod(Pods.started(served)), LOGGED_IN, Instant.parse(availableSince)));

    // When
    PostgresInstanceStatus status = Statuses.of(snapshot, PENDING, NOW);

    // Then
    assertThat(Statuses.summary(status)).anyMatch(c -> c.startsWith("Available " + expected));
  }

  @Test
  void keepsStatusOfStartedServerUntilFirstLoginOfNewOperatorProcess() {
    // Given
    Snapshot published = Snapshots.withPublishedPassword(pod(Pods.started(served)));
    Snapshot snapshot = Statuses.written(published, LOGGED_IN, NOW);

    // When
    PostgresInstanceStatus status = Statuses.of(snapshot, PENDING, LATER);

    // Then
    assertThat(status).isEqualTo(snapshot.instance().getStatus());
  }

  @Test
  void staysUnavailableWhileLoginIsPendingAfterRejection() {
    // Given
    Snapshot snapshot = Statuses.written(pod(Pods.started(served)), REJECTED, NOW);

    // When
    PostgresInstanceStatus status = Statuses.of(snapshot, PENDING, LATER);

    // Then
    assertThat(Statuses.ready(status).getReason()).isEqualTo("Starting");
  }

  @Test
  void treatsPreviousStatusWithoutConditionsAsNotAvailable() {
    // Given: another writer set a status without conditions
    PostgresInstance instance = new KubernetesSerialization().clone(served.instance());
    instance.setStatus(
        new PostgresInstanceStatus(
            1L, null, null, null, null, null, null, null, null, null, null, null));
    Snapshot snapshot = Snapshots.withInstance(served, instance);

    // When
    PostgresInstanceStatus status =
        Statuses.of(Snapshots.with(snapshot, Pods.started(snapshot)), PENDING, NOW);

    // Then
    assertThat(Statuses.ready(status).getReason()).isEqualTo("Starting");
  }

  private Snapshot pod(Pod pod) {
    return Snapshots.with(served, pod);
  }
}
