package dev.postgresinstance.operator.feature.roles;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.PostgresRoleStatus;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.roles.database.RoleRequest;
import dev.postgresinstance.operator.instance.RoleResource;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.report.Problem;
import dev.postgresinstance.operator.sql.Role;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RoleClaimsTest {

  @Test
  void asksForWhatTheSpecSays() {
    // Given
    String spec =
        """
        name: sales_reader
        memberOf: [b, a]
        connectionLimit: 10
        validUntil: "2027-01-31T01:00:00+01:00"
        parameters: {work_mem: 8MB}
        deletionPolicy: Delete
        """;
    RoleResource role = RoleStories.role("dashboard", 1, spec);
    RoleResource published = RoleStories.published(RoleStories.orders(role), role, "secret");

    // When
    RoleRequest request = RoleClaims.of(published, RoleStories.orders(published)).orElseThrow();

    // Then
    assertThat(request.name()).isEqualTo("sales_reader");
    assertThat(request.login()).isTrue();
    assertThat(request.memberOf()).containsExactly("a", "b");
    assertThat(request.connectionLimit()).contains(10);
    assertThat(request.validUntil()).contains(Instant.parse("2027-01-31T00:00:00Z"));
    assertThat(request.parameters()).containsEntry("work_mem", "8MB");
    assertThat(request.credentials()).contains(new Role("sales_reader", "secret"));
    assertThat(request.drop()).isTrue();
    assertThat(request.toString()).doesNotContain("secret");
  }

  @Test
  void givesTheRoleToTheOlderResource() {
    // Given
    RoleResource older = RoleStories.role("zebra", 1, "name: shared");
    RoleResource younger = RoleStories.role("ant", 2, "name: shared");
    Snapshot snapshot = RoleStories.orders(younger, older);

    // Then
    assertThat(RoleClaims.problem(older, snapshot)).isEmpty();
    assertThat(RoleClaims.problem(younger, snapshot))
        .get()
        .satisfies(
            problem -> {
              assertThat(problem.reason()).isEqualTo(Reason.CONFLICT);
              assertThat(problem.message()).contains("zebra", "shared");
            });
    assertThat(RoleClaims.request(snapshot).roles())
        .extracting(RoleRequest::uid)
        .containsExactly("uid-zebra");
    assertThat(RoleClaims.request(snapshot).uids())
        .containsExactlyInAnyOrder("uid-zebra", "uid-ant");
  }

  @Test
  void ofTwoFromTheSameSecondTheOneThatHasTheRoleKeepsIt() {
    // Given
    RoleResource first = RoleStories.role("zebra", 1, "name: shared");
    first
        .resource()
        .setStatus(new PostgresRoleStatus(1L, List.of(), "shared", "16402", null, null));
    RoleResource second = RoleStories.role("ant", 1, "name: shared");
    Snapshot snapshot = RoleStories.orders(second, first);

    // Then
    assertThat(RoleClaims.problem(first, snapshot)).isEmpty();
    assertThat(RoleClaims.problem(second, snapshot))
        .get()
        .extracting(Problem::reason)
        .isEqualTo(Reason.CONFLICT);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "name: app",
        "name: postgres",
        "name: public",
        "name: pg_monitor",
        "name: pgi_operator",
        "validUntil: \"2027-02-30T00:00:00Z\""
      })
  void refusesNamesOfOthersAndTimesThatDoNotExist(String spec) {
    RoleResource role = RoleStories.role("dashboard", 1, spec);

    assertThat(RoleClaims.problem(role, RoleStories.orders(role)).map(Problem::reason))
        .contains(Reason.ROLE_REFUSED);
    assertThat(RoleClaims.of(role, RoleStories.orders(role))).isEmpty();
  }
}
