package dev.postgresinstance.operator.feature.roles;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.feature.ReconcileInput;
import dev.postgresinstance.operator.feature.ReconcileInputs;
import dev.postgresinstance.operator.feature.roles.database.KeptRole;
import dev.postgresinstance.operator.feature.roles.database.RolesFindings;
import dev.postgresinstance.operator.feature.roles.database.RolesTask;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.sql.LoginResult.LoggedIn;
import dev.postgresinstance.operator.sql.ServerFindings;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RolesFeatureTest {

  private static final Snapshot ORDERS = RoleStories.orders();

  @Test
  void tellsTheNextSessionOnlyWhichResourcesTheApiServerDoesNotHave() {
    // Given
    RolesFindings findings = findings(Map.of(), Map.of("uid-1", "dashboard", "uid-2", "worker"));

    // When
    ReconcileInput input = ReconcileInputs.withoutRoles(input(findings), "uid-1");

    // Then
    assertThat(new RolesFeature().requests(input)).containsExactly(RolesTask.ownerIsGone("uid-1"));
  }

  @Test
  void notesWhatStaysAndWhetherSomebodyCanLogIn() {
    assertThat(RoleProblems.notes(findings(Map.of("a", new KeptRole(true, "b")), Map.of())))
        .singleElement()
        .asString()
        .startsWith("RoleOwnsObjects: role a stays")
        .contains("nobody can log in as it: b");
    assertThat(RoleProblems.notes(findings(Map.of("a", new KeptRole(false, "b")), Map.of())))
        .singleElement()
        .asString()
        .startsWith("RoleNotDropped: role a stays")
        .doesNotContain("nobody can log in");
  }

  private static ReconcileInput input(RolesFindings findings) {
    ServerFindings found = ServerFindings.NONE.with(RolesFindings.ROLES, findings);
    return ReconcileInputs.of(ORDERS, new LoggedIn("17.6", found));
  }

  private static RolesFindings findings(
      Map<String, KeptRole> kept, Map<String, String> unconfirmed) {
    return new RolesFindings(
        RoleClaims.request(ORDERS), Map.of(), kept, unconfirmed, Set.of(), true);
  }
}
