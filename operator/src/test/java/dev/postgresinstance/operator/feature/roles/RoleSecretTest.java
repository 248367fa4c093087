package dev.postgresinstance.operator.feature.roles;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.postgresinstance.operator.feature.access.secret.LoginData;
import dev.postgresinstance.operator.feature.access.secret.PasswordRequest;
import dev.postgresinstance.operator.feature.roles.database.RoleFinding;
import dev.postgresinstance.operator.feature.roles.database.RoleOutcome;
import dev.postgresinstance.operator.feature.roles.database.RoleOutcome.Refused;
import dev.postgresinstance.operator.feature.roles.database.RoleOutcome.Settled;
import dev.postgresinstance.operator.feature.roles.database.RoleOutcome.Waiting;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.RoleResource;
import dev.postgresinstance.operator.instance.Snapshot;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RoleSecretTest {

  private static final RoleResource ROLE = RoleStories.role("dashboard", 1, "login: true");
  private static final Snapshot ORDERS = RoleStories.orders(ROLE);

  @Test
  void hasTheSameKeysAsThatOfTheInstanceAndGoesWithTheRole() {
    // When
    Secret secret = RoleSecret.desired(ORDERS, ROLE, "secret");

    // Then
    assertThat(secret.getMetadata().getName()).isEqualTo("dashboard-role");
    assertThat(secret.getData()).isEqualTo(LoginData.of(ORDERS, "dashboard", "secret", "shop"));
    assertThat(secret.getMetadata().getOwnerReferences())
        .extracting(OwnerReference::getKind, OwnerReference::getUid)
        .containsExactly(tuple("PostgresRole", "uid-dashboard"));
  }

  @Test
  void keepsItsPasswordUntilAnotherOneIsRequested() {
    // Given
    RoleResource published = RoleStories.published(ORDERS, ROLE, "first");

    // Then
    assertThat(password(published)).isEqualTo("first");

    // When
    RoleResource requested =
        RoleStories.published(ORDERS, RoleStories.role("dashboard", 1, "login: true"), "first");
    requested
        .resource()
        .getMetadata()
        .setAnnotations(Map.of(PasswordRequest.ROTATE_PASSWORD, "please"));

    // Then
    assertThat(password(requested)).isEqualTo("generated");
    Secret rotated = RoleSecret.desired(ORDERS, requested, "generated");
    assertThat(password(RoleStories.with(requested, rotated))).isEqualTo("generated");
  }

  @Test
  void isNotWrittenForTheRoleOfSomebodyElse() {
    // Given
    RoleFinding foreign = finding(false, new Refused("Role dashboard is a superuser."));
    RoleFinding missing = finding(true, new Waiting("no password"));
    RoleResource published = RoleStories.published(ORDERS, ROLE, "secret");

    // Then
    assertThat(RoleSecret.mayBeWritten(ROLE, Optional.empty())).isFalse();
    assertThat(RoleSecret.mayBeWritten(ROLE, Optional.of(foreign))).isFalse();
    assertThat(RoleSecret.mayBeWritten(ROLE, Optional.of(missing))).isTrue();
    assertThat(RoleSecret.mayBeWritten(published, Optional.of(foreign))).isFalse();
    assertThat(RoleSecret.mayBeWritten(published, Optional.empty())).isTrue();
  }

  @Test
  void getsNoNewPasswordBeforeASessionHasFoundTheRole() {
    // Given
    RoleResource role = RoleStories.role("dashboard", 1, "login: true");
    RoleResource requested = RoleStories.published(ORDERS, role, "first");
    role.resource().getMetadata().setAnnotations(Map.of(PasswordRequest.ROTATE_PASSWORD, "please"));

    // Then
    assertThat(RoleSecret.mayBeWritten(requested, Optional.empty())).isFalse();
    assertThat(RoleSecret.mayBeWritten(requested, Optional.of(finding(true, new Settled()))))
        .isTrue();
  }

  @Test
  void takesThePasswordOfTheUser() {
    // Given
    RoleResource role =
        RoleStories.role("worker", 1, "passwordSecretRef: {name: mine, key: password}");
    Secret mine = new SecretBuilder().withType("Opaque").addToData("password", "bXkgb3du").build();

    // Then
    assertThat(RoleSecret.password(role, Optional.of(mine), () -> "x").text()).contains("my own");
    assertThat(RoleSecret.password(role, Optional.empty(), () -> "x").fault())
        .contains("does not exist");
  }

  @Test
  void isLeftToTheGarbageCollectorWhereTheRoleDoesNotLogIn() {
    // Given
    Secret present = RoleSecret.desired(ORDERS, ROLE, "secret");

    // When
    Secret givenUp = RoleSecret.givenUp(ORDERS, ROLE, present);

    // Then
    assertThat(givenUp.getData()).isEqualTo(present.getData());
    assertThat(givenUp.getMetadata().getOwnerReferences())
        .extracting(OwnerReference::getUid)
        .containsExactly(Labels.NO_OWNER);
  }

  private static RoleFinding finding(boolean available, RoleOutcome outcome) {
    return new RoleFinding(
        available, outcome, Optional.empty(), Optional.empty(), Optional.empty());
  }

  private static String password(RoleResource role) {
    return RoleSecret.password(role, Optional.empty(), () -> "generated").text().orElseThrow();
  }
}
