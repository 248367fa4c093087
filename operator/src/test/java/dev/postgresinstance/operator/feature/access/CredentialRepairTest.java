package dev.postgresinstance.operator.feature.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postgresinstance.operator.sql.LoginResult.LoginRejected;
import dev.postgresinstance.operator.sql.Role;
import dev.postgresinstance.operator.sql.ServerFindings;
import dev.postgresinstance.operator.sql.Session;
import dev.postgresinstance.operator.sql.SessionRequest;
import dev.postgresinstance.operator.sql.Sessions;
import java.sql.SQLException;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CredentialRepairTest {

  private static final Role ROLE = new Role("shop\"owner", "clear-password");
  private static final Set<SessionRequest> ALL =
      Set.of(CredentialRepair.SET_PASSWORD, CredentialRepair.CREATE_DATABASE);
  private static final String WRONG_PASSWORD = "28P01";
  private static final String NO_SUCH_DATABASE = "3D000";

  private final RecordingConnection server = new RecordingConnection();

  @ParameterizedTest
  @CsvSource({"false, true, true", "true, false, true", "false, false, false"})
  void setsRejectedPasswordOnRequestOrBeforeItIsPublished(
      boolean unpublished, boolean requested, boolean repaired) throws SQLException {
    // Given
    Set<SessionRequest> requests = requested ? Set.of(CredentialRepair.SET_PASSWORD) : Set.of();

    // When
    boolean result = repair(new CredentialRepair(unpublished), WRONG_PASSWORD, requests);

    // Then
    assertThat(result).isEqualTo(repaired);
    assertThat(server.statements().isEmpty()).isNotEqualTo(repaired);
  }

  @ParameterizedTest
  @ValueSource(strings = {"28000", "42501", "53300", "55000", "57P03"})
  void repairsNothingElse(String sqlState) throws SQLException {
    // When
    boolean result = repair(new CredentialRepair(true), sqlState, ALL);

    // Then
    assertThat(result).isFalse();
    assertThat(server.statements()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"true, ALTER", "false, CREATE"})
  void setsVerifierAfterLockTimeoutAndCreatesMissingRole(boolean exists, String verb)
      throws SQLException {
    // Given
    server.setHasRows(exists);

    // When
    repair(new CredentialRepair(false), WRONG_PASSWORD, ALL);

    // Then
    assertThat(server.statements()).hasSize(2);
    assertThat(server.statements().getFirst()).isEqualTo("SET lock_timeout = '1s'");
    assertThat(server.statements().getLast())
        .startsWith(verb + " ROLE \"shop\"\"owner\" LOGIN PASSWORD 'SCRAM-SHA-256$")
        .endsWith("' VALID UNTIL 'infinity'")
        .doesNotContain(ROLE.password());
  }

  @Test
  void doesNotCreateDatabaseWithoutRequest() throws SQLException {
    // When
    boolean result =
        repair(new CredentialRepair(true), NO_SUCH_DATABASE, Set.of(CredentialRepair.SET_PASSWORD));

    // Then
    assertThat(result).isFalse();
    assertThat(server.statements()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"15, ''", "16, ' WITH INHERIT FALSE, SET TRUE'"})
  void createsDatabaseAsTemporaryMemberOfItsOwner(int major, String option) throws SQLException {
    // Given
    server.setMajorVersion(major);

    // When
    boolean result = repair(new CredentialRepair(false), NO_SUCH_DATABASE, ALL);

    // Then
    assertThat(result).isTrue();
    assertThat(server.statements())
        .containsExactly(
            "GRANT \"shop\"\"owner\" TO CURRENT_USER" + option,
            "CREATE DATABASE \"shop-db\" OWNER \"shop\"\"owner\" TEMPLATE template0",
            "REVOKE \"shop\"\"owner\" FROM CURRENT_USER GRANTED BY CURRENT_USER");
  }

  @Test
  void revokesMembershipWhenDatabaseCannotBeCreated() {
    // Given
    server.failOn("CREATE DATABASE");

    // When
    assertThatThrownBy(() -> repair(new CredentialRepair(false), NO_SUCH_DATABASE, ALL))
        // Then
        .isInstanceOf(SQLException.class);
    assertThat(server.statements().getLast()).startsWith("REVOKE ");
  }

  private boolean repair(CredentialRepair repair, String sqlState, Set<SessionRequest> requests)
      throws SQLException {
    Session session = Sessions.of(server.connection(), requests);
    return repair.repair(
        session, "shop-db", ROLE, new LoginRejected(sqlState, "FATAL: no", ServerFindings.NONE));
  }
}
