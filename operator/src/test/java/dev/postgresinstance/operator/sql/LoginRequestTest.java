package dev.postgresinstance.operator.sql;

import static dev.postgresinstance.operator.sql.ScriptedLogins.REQUEST;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.sql.tls.TlsTrust;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LoginRequestTest {

  private static final Role APP = REQUEST.role();
  private static final Role OPERATOR = REQUEST.operator();

  static Stream<LoginRequest> otherLogins() {
    return Stream.of(
        request("containerd://2", "10.96.0.7", 5432, "app", APP, OPERATOR),
        request("containerd://1", "10.96.0.8", 5432, "app", APP, OPERATOR),
        request("containerd://1", "10.96.0.7", 5433, "app", APP, OPERATOR),
        request("containerd://1", "10.96.0.7", 5432, "shop", APP, OPERATOR),
        request("containerd://1", "10.96.0.7", 5432, "app", new Role("app", "new"), OPERATOR),
        request("containerd://1", "10.96.0.7", 5432, "app", APP, new Role("pgi_operator", "new")));
  }

  @ParameterizedTest
  @MethodSource("otherLogins")
  void isAnotherLoginForAnotherServerOrRole(LoginRequest other) {
    assertThat(REQUEST.isSameLogin(other)).isFalse();
  }

  @Test
  void isSameLoginWithOtherRepairAndTasks() {
    // Given
    LoginRequest other =
        request(REQUEST.server(), REQUEST.host(), REQUEST.port(), "app", APP, OPERATOR);

    // Then
    assertThat(other).isNotEqualTo(REQUEST);
    assertThat(REQUEST.isSameLogin(other)).isTrue();
  }

  @Test
  void isSameLoginOnceTlsIsKnownToBeRequired() {
    // Given
    LoginRequest before = trusting(new TlsTrust("authority", "orders.shop.svc", false));

    // Then
    assertThat(before.isSameLogin(trusting(new TlsTrust("authority", "orders.shop.svc", true))))
        .isTrue();
    assertThat(before.isSameLogin(trusting(new TlsTrust("other", "orders.shop.svc", false))))
        .isFalse();
    assertThat(before.isSameLogin(REQUEST)).isFalse();
  }

  private static LoginRequest trusting(TlsTrust trust) {
    return new LoginRequest(
        REQUEST.server(),
        REQUEST.host(),
        REQUEST.port(),
        Optional.of(trust),
        REQUEST.database(),
        APP,
        OPERATOR,
        REQUEST.repair(),
        REQUEST.tasks());
  }

  @Test
  void textNamesRolesWithoutPasswords() {
    // When
    String text = REQUEST.toString();

    // Then
    assertThat(text).contains("app", "pgi_operator").doesNotContain("secret");
  }

  /** A request with another repair, and without tasks. */
  private static LoginRequest request(
      String server, String host, int port, String database, Role role, Role operator) {
    LoginRepair repair = (session, name, owner, rejected) -> true;
    return new LoginRequest(
        server, host, port, Optional.empty(), database, role, operator, repair, List.of());
  }
}
