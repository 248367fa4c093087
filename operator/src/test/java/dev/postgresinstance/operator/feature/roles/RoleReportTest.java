package dev.postgresinstance.operator.feature.roles;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.postgresinstance.api.v1alpha1.PostgresRoleStatus;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.roles.database.RoleAction;
import dev.postgresinstance.operator.feature.roles.database.RoleFinding;
import dev.postgresinstance.operator.feature.roles.database.RoleOutcome;
import dev.postgresinstance.operator.feature.roles.database.RoleOutcome.Exists;
import dev.postgresinstance.operator.feature.roles.database.RoleOutcome.Expired;
import dev.postgresinstance.operator.feature.roles.database.RoleOutcome.NotGrantable;
import dev.postgresinstance.operator.feature.roles.database.RoleOutcome.PasswordAccepted;
import dev.postgresinstance.operator.feature.roles.database.RoleOutcome.Refused;
import dev.postgresinstance.operator.feature.roles.database.RoleOutcome.Settled;
import dev.postgresinstance.operator.instance.RoleResource;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.report.EventMessage;
import dev.postgresinstance.operator.report.Problem;
import io.fabric8.kubernetes.api.model.Condition;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RoleReportTest {

  private static final Instant NOW = Instant.parse("2026-02-01T00:00:00.123Z");

  private final RoleResource role = RoleStories.role("dashboard", 1, "login: true");
  private final Snapshot orders = RoleStories.orders(role);

  @Test
  void reportsReadyRole() {
    // When
    PostgresRoleStatus status = status(finding(new Settled(), "16400"));

    // Then
    assertThat(status.conditions())
        .extracting(Condition::getType, Condition::getStatus, Condition::getReason)
        .containsExactly(tuple("Ready", "True", "RoleReady"));
    assertThat(status.name()).isEqualTo("dashboard");
    assertThat(status.oid()).isEqualTo("16400");
    assertThat(status.lastCorrection()).isNull();
    assertThat(status.observedGeneration()).isEqualTo(1);
  }

  @Test
  void saysHowToAcceptAnExistingRole() {
    // When
    PostgresRoleStatus status = status(finding(new Exists("16401", false), null));

    // Then
    assertThat(status.condition("Stalled")).isPresent();
    assertThat(status.condition("Ready").orElseThrow().getMessage())
        .contains(
            "kubectl exec -n shop orders-0 -c postgres -- psql -U postgres -c 'GRANT \"dashboard\" TO pgi_operator WITH ADMIN TRUE, INHERIT FALSE, SET FALSE'",
            "kubectl annotate --overwrite -n shop pgrole dashboard postgresinstance.dev/accept-role=16401");
    assertThat(status.oid()).isNull();
  }

  @Test
  void reportsRefusalsAsReconciling() {
    assertThat(status(finding(new Refused("No."), null)).condition("Reconciling")).isPresent();
    assertThat(
            status(finding(new NotGrantable("others"), null))
                .condition("Ready")
                .orElseThrow()
                .getMessage())
        .contains("GRANT \"others\" TO pgi_operator");
  }

  @Test
  void tellsAcceptedPasswordFromALogin() {
    // When
    PostgresRoleStatus blocked = status(finding(new PasswordAccepted("FATAL: no", true), "1"));
    PostgresRoleStatus busy = status(finding(new PasswordAccepted("FATAL: full", false), "1"));

    // Then
    assertThat(blocked.condition("Ready").orElseThrow().getReason()).isEqualTo("LoginRefused");
    assertThat(busy.condition("Ready").orElseThrow().getReason()).isEqualTo("RoleReady");
    assertThat(busy.condition("Ready").orElseThrow().getMessage())
        .contains("accepts the password, but refuses the connection: FATAL: full");
  }

  @Test
  void saysWhoseTimeIsOver() {
    // Given
    RoleFinding expired = finding(new Expired(), "16400");
    RoleResource ending = RoleStories.role("dashboard", 1, "validUntil: 2026-01-31T00:00:00Z");

    // Then
    assertThat(RoleProblems.state(role, orders, Optional.of(expired)).message())
        .contains("VALID UNTIL of its own");
    assertThat(
            RoleProblems.state(ending, RoleStories.orders(ending), Optional.of(expired)).message())
        .contains("spec.validUntil, 2026-01-31T00:00:00Z, is over");
  }

  @Test
  void saysWhyNobodyHasLookedYet() {
    assertThat(state(orders)).contains("next login");
    assertThat(state(Snapshots.withSpec(orders, "suspend: true"))).contains("suspended");
    assertThat(state(Snapshots.withSpec(orders, "paused: true"))).contains("paused");
  }

  @Test
  void keepsWhatItCannotReadNow() {
    // Given
    RoleResource published = RoleStories.published(orders, role, "secret");
    RoleFinding found = finding(new Settled(), "16400");
    Problem ready = RoleProblems.state(published, orders, Optional.of(found));
    PostgresRoleStatus before = RoleReport.status(published, ready, Optional.of(found), NOW);
    role.resource().setStatus(before);

    // When
    Problem problem = new Problem(Reason.MISSING_RIGHT, "The operator lacks permission.");
    PostgresRoleStatus status = RoleReport.unread(role.resource(), problem, NOW);

    // Then
    assertThat(status.condition("Ready").orElseThrow().getReason()).isEqualTo("MissingRight");
    assertThat(status.binding()).isNotNull().isEqualTo(before.binding());
    assertThat(status.name()).isEqualTo("dashboard");
    assertThat(status.oid()).isEqualTo("16400");
  }

  @Test
  void tellsCorrectionOnce() {
    // Given
    role.resource().setStatus(status(finding(new Settled(), "16400")));
    RoleFinding corrected =
        new RoleFinding(
            true,
            new Settled(),
            Optional.empty(),
            Optional.of("16400"),
            Optional.of(new RoleAction(NOW, false, "it could not log in")));

    // When
    PostgresRoleStatus next = status(corrected);

    // Then
    assertThat(next.lastCorrection().time()).isEqualTo("2026-02-01T00:00:00Z");
    assertThat(next.lastCorrection().message()).contains("it could not log in");
    assertThat(RoleReport.events(role.resource(), next))
        .extracting(EventMessage::reason)
        .containsExactly("RoleCorrected");

    // When
    role.resource().setStatus(next);

    // Then
    assertThat(status(corrected)).isEqualTo(next);
    assertThat(RoleReport.events(role.resource(), next)).isEmpty();
  }

  @Test
  void tellsNewRoleAsCorrectionOnlyIfThereWasAnother() {
    // Given
    RoleFinding created =
        new RoleFinding(
            true,
            new Settled(),
            Optional.empty(),
            Optional.of("16500"),
            Optional.of(new RoleAction(NOW, true, "it was missing")));

    // Then
    assertThat(status(created).lastCorrection()).isNull();

    // When
    role.resource().setStatus(status(created));

    // Then
    assertThat(status(created).lastCorrection()).isNull();

    // When
    role.resource().setStatus(status(finding(new Settled(), "16400")));

    // Then
    assertThat(status(created).lastCorrection().message()).contains("it was missing");
  }

  private String state(Snapshot snapshot) {
    Problem state = RoleProblems.state(role, snapshot, Optional.empty());
    assertThat(state.reason()).isEqualTo(Reason.ROLE_PENDING);
    return state.message();
  }

  private PostgresRoleStatus status(RoleFinding finding) {
    Problem state = RoleProblems.state(role, orders, Optional.of(finding));
    return RoleReport.status(role, state, Optional.of(finding), NOW);
  }

  private static RoleFinding finding(RoleOutcome outcome, String oid) {
    return new RoleFinding(
        true, outcome, Optional.empty(), Optional.ofNullable(oid), Optional.empty());
  }
}
