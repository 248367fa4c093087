package dev.postgresinstance.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.feature.Feature;
import dev.postgresinstance.operator.feature.ReconcileInput;
import dev.postgresinstance.operator.feature.ReconcileInputs;
import dev.postgresinstance.operator.feature.access.AppSecret;
import dev.postgresinstance.operator.feature.access.CredentialRepair;
import dev.postgresinstance.operator.feature.access.Credentials;
import dev.postgresinstance.operator.feature.access.OperatorSecret;
import dev.postgresinstance.operator.feature.access.SuperuserAccess;
import dev.postgresinstance.operator.feature.access.SuperuserTask;
import dev.postgresinstance.operator.feature.backup.ArchiveAccess;
import dev.postgresinstance.operator.feature.backup.ArchiveTask;
import dev.postgresinstance.operator.feature.configuration.SettingsTask;
import dev.postgresinstance.operator.feature.crash.CrashTask;
import dev.postgresinstance.operator.feature.data.SystemIdentifierTask;
import dev.postgresinstance.operator.feature.image.CollationTask;
import dev.postgresinstance.operator.feature.image.PostgresImages;
import dev.postgresinstance.operator.feature.server.CheckpointTask;
import dev.postgresinstance.operator.feature.standby.CommitTask;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.report.Rejection;
import dev.postgresinstance.operator.sql.LoginRequest;
import dev.postgresinstance.operator.sql.Role;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LoginRequestsTest {

  private static final List<Feature> FEATURES =
      Features.of(PostgresImages.DEFAULT, Optional.of("operator:1")).all();

  private static final Credentials CREDENTIALS = new Credentials("p", true, "o", "s");

  private final Snapshot exposed = Snapshots.withNodePort(Snapshots.of("database: shop"), 30432);
  private final Snapshot withSecrets =
      exposed
          .with(AppSecret.desired(exposed, CREDENTIALS, Optional.empty(), Pods.NOW))
          .with(OperatorSecret.desired(exposed, CREDENTIALS, Optional.empty(), false));
  private final Snapshot running = Snapshots.with(withSecrets, Pods.starting(exposed));

  @Test
  void usesServiceInsideTheCluster() {
    // When
    Optional<LoginRequest> request = LoginRequests.of(ReconcileInputs.of(running), FEATURES, false);

    // Then
    assertThat(request).contains(request("10.96.0.7", 5432, "p"));
  }

  @Test
  void usesNodePortOfPodsNodeOutsideTheCluster() {
    // When
    Optional<LoginRequest> request = LoginRequests.of(ReconcileInputs.of(running), FEATURES, true);

    // Then
    assertThat(request).contains(request("172.18.0.2", 30432, "p"));
  }

  @Test
  void provesPasswordThatIsNotPublishedYet() {
    // Given
    Credentials pending = new Credentials("new", false, "o", "s");
    Snapshot snapshot =
        Snapshots.with(
            exposed.with(OperatorSecret.desired(exposed, pending, Optional.empty(), false)),
            Pods.starting(exposed));

    // When
    Optional<LoginRequest> request =
        LoginRequests.of(ReconcileInputs.of(snapshot), FEATURES, false);

    // Then
    assertThat(request).contains(request("10.96.0.7", 5432, "new", true));
  }

  @Test
  void doesNotSetPasswordThatCannotBePublished() {
    // Given
    Credentials pending = new Credentials("new", false, "o", "s");
    Snapshot snapshot =
        Snapshots.with(
            Snapshots.withData(exposed)
                .with(OperatorSecret.desired(exposed, pending, Optional.empty(), false)),
            Pods.starting(exposed));
    ReconcileInput input =
        ReconcileInputs.rejecting(
            ReconcileInputs.of(snapshot), new Rejection(403, "no"), "orders-app");

    // When
    Optional<LoginRequest> request = LoginRequests.of(input, FEATURES, false);

    // Then
    assertThat(request).contains(request("10.96.0.7", 5432, "new", false));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void isEmptyWithoutPod(boolean byNodePort) {
    // When
    Optional<LoginRequest> request =
        LoginRequests.of(ReconcileInputs.of(withSecrets), FEATURES, byNodePort);

    // Then
    assertThat(request).isEmpty();
  }

  @Test
  void isEmptyWhileContainerDoesNotRun() {
    // Given
    Snapshot snapshot =
        Snapshots.with(withSecrets, Pods.waiting(exposed, "ErrImagePull", "not found"));

    // When
    Optional<LoginRequest> request =
        LoginRequests.of(ReconcileInputs.of(snapshot), FEATURES, false);

    // Then
    assertThat(request).isEmpty();
  }

  @Test
  void isEmptyForPodThatIsBeingDeleted() {
    // Given
    Snapshot snapshot = Snapshots.with(withSecrets, Pods.terminating(Pods.started(exposed)));

    // When
    Optional<LoginRequest> request =
        LoginRequests.of(ReconcileInputs.of(snapshot), FEATURES, false);

    // Then
    assertThat(request).isEmpty();
  }

  @Test
  void isEmptyBeforePasswordIsStored() {
    // Given: a password that only this process knows would be lost with the process
    Snapshot snapshot = Snapshots.with(exposed, Pods.starting(exposed));

    // When
    Optional<LoginRequest> request =
        LoginRequests.of(ReconcileInputs.of(snapshot), FEATURES, false);

    // Then
    assertThat(request).isEmpty();
  }

  private static LoginRequest request(String host, int port, String password) {
    return request(host, port, password, false);
  }

  private static LoginRequest request(String host, int port, String password, boolean unpublished) {
    return new LoginRequest(
        "containerd://1",
        host,
        port,
        Optional.empty(),
        "shop",
        new Role("app", password),
        new Role("pgi_operator", "o"),
        new CredentialRepair(unpublished),
        List.of(
            new SystemIdentifierTask(),
            new SuperuserTask(new SuperuserAccess.Closed()),
            new CheckpointTask(),
            new SettingsTask(""),
            new CollationTask(),
            new CommitTask("shop", "app"),
            new CrashTask(),
            new ArchiveTask(new ArchiveAccess.Closed())));
  }
}
