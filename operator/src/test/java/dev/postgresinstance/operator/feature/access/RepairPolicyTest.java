package dev.postgresinstance.operator.feature.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.feature.access.SuperuserAccess.Open;
import dev.postgresinstance.operator.feature.data.UserConsent;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.sql.LoginResult;
import dev.postgresinstance.operator.sql.LoginResult.LoggedIn;
import dev.postgresinstance.operator.sql.LoginResult.LoginRejected;
import dev.postgresinstance.operator.sql.Role;
import dev.postgresinstance.operator.sql.ServerFindings;
import dev.postgresinstance.operator.sql.SessionRequest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RepairPolicyTest {

  private static final Credentials CREDENTIALS = new Credentials("p", true, "o", "s");

  private final Snapshot fresh = Snapshots.of("{}");
  private final Snapshot snapshot =
      fresh
          .with(AppSecret.desired(fresh, CREDENTIALS, Optional.empty(), Pods.NOW))
          .with(OperatorSecret.desired(fresh, CREDENTIALS, Optional.empty(), false));

  static Stream<LoginResult> rejectedPasswords() {
    SuperuserFindings superusers =
        new SuperuserFindings(
            new Open(new Role("postgres", "p"), false), Optional.of("no"), false, List.of());
    ServerFindings findings = ServerFindings.NONE.with(SuperuserTask.SUPERUSERS, superusers);
    return Stream.of(rejected("28P01"), new LoggedIn("17.6", findings));
  }

  @ParameterizedTest
  @MethodSource("rejectedPasswords")
  void repairsRejectedPasswordWhenCachedSecretsAreCurrent(LoginResult login) {
    // When
    Set<SessionRequest> requests = RepairPolicy.of(snapshot, login, secret -> true);

    // Then
    assertThat(requests).containsExactly(CredentialRepair.SET_PASSWORD);
  }

  @ParameterizedTest
  @ValueSource(strings = {"orders-app", "orders-operator"})
  void doesNotRepairPasswordFromStaleSecret(String stale) {
    // When
    Set<SessionRequest> requests =
        RepairPolicy.of(
            snapshot, rejected("28P01"), secret -> !secret.getMetadata().getName().equals(stale));

    // Then
    assertThat(requests).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"28000", "42501", "55000", "53300", "57P03", "3D000"})
  void doesNotRepairWhatWasConfiguredOnPurpose(String sqlState) {
    // When
    Set<SessionRequest> requests = RepairPolicy.of(snapshot, rejected(sqlState), secret -> true);

    // Then
    assertThat(requests).isEmpty();
  }

  @Test
  void createsMissingDatabaseOnRequest() {
    // Given
    snapshot.instance().getMetadata().setAnnotations(Map.of(UserConsent.RECREATE_DATABASE, "now"));

    // When
    Set<SessionRequest> requests = RepairPolicy.of(snapshot, rejected("3D000"), secret -> true);

    // Then
    assertThat(requests).containsExactly(CredentialRepair.CREATE_DATABASE);
  }

  @Test
  void readsNoSecretWhenLoginSucceeds() {
    // When
    Set<SessionRequest> requests =
        RepairPolicy.of(
            snapshot,
            new LoggedIn("17.6", ServerFindings.NONE),
            secret -> {
              throw new AssertionError("read " + Names.appSecret(snapshot.instance()));
            });

    // Then
    assertThat(requests).isEmpty();
  }

  private static LoginResult rejected(String sqlState) {
    return new LoginRejected(sqlState, "FATAL: no", ServerFindings.NONE);
  }
}
