package dev.postgresinstance.operator.feature.tls.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.sql.FindingKey;
import dev.postgresinstance.operator.sql.ServerFindings;
import dev.postgresinstance.operator.sql.Session;
import dev.postgresinstance.operator.sql.Sessions;
import java.lang.reflect.Method;
import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When the operator ends sessions without TLS, and what it reports of them. */
class PlainSessionsTaskTest {

  private static final PlainSessionsTask REQUIRED = new PlainSessionsTask(true);
  private static final PlainSessionsTask OPTIONAL = new PlainSessionsTask(false);
  private static final String END = "SELECT pgi.end_plain_sessions()";
  private static final String RELOAD = "SELECT pg_catalog.pg_reload_conf()";

  private final List<String> statements = new ArrayList<>();
  private String marker = "tls-required";
  private boolean isProven = true;
  private boolean hasFunction = true;
  private int count;
  private String[] roles = {};
  private boolean isAdmittedSince;

  @Test
  void countsSessionsAndEndsNoneWhileTlsIsNotRequired() throws SQLException {
    // Given
    marker = null;
    sessions("app", "dashboard");

    // When
    PlainSessions found = run(OPTIONAL, Optional.empty());

    // Then
    assertThat(found).isEqualTo(new PlainSessions(false, 2, List.of("app", "dashboard"), true));
    assertThat(statements).hasSize(1);
  }

  @Test
  void endsSessionsOnceServerRefusesFurtherOnes() throws SQLException {
    // Given
    sessions("app");

    // When
    PlainSessions found = run(REQUIRED, Optional.empty());

    // Then: until the next session has found none
    assertThat(found).isEqualTo(new PlainSessions(true, 1, List.of("app"), false));
    assertThat(statements).endsWith(END);

    // When
    sessions();
    PlainSessions after = run(REQUIRED, Optional.of(found));

    // Then
    assertThat(after).isEqualTo(new PlainSessions(true, 0, List.of(), true));
    assertThat(statements).containsOnlyOnce(END);
  }

  @Test
  void endsNothingBeforeServerHasLoadedRules() throws SQLException {
    // Given
    marker = "";
    sessions("app");

    // When
    PlainSessions found = run(REQUIRED, Optional.empty());

    // Then: what loads them is not settled
    assertThat(found).isEqualTo(new PlainSessions(false, 1, List.of("app"), true));
    assertThat(statements).doesNotContain(END);
  }

  @Test
  void sessionThatHasReadConfigurationItselfProvesNothing() throws SQLException {
    // Given
    isProven = false;
    sessions("app");

    // When
    PlainSessions found = run(REQUIRED, Optional.empty());

    // Then
    assertThat(found).isEqualTo(new PlainSessions(false, 1, List.of("app"), false));
    assertThat(statements).doesNotContain(END);
  }

  @Test
  void needsNoProofOfWhatIsNotRequired() throws SQLException {
    // Given: the clock of the server was set back after its last reload
    isProven = false;
    marker = null;

    // When, Then
    assertThat(run(OPTIONAL, Optional.empty()).isSettled()).isTrue();
    marker = "tls-required";
    assertThat(run(OPTIONAL, Optional.empty()).isSettled()).isFalse();
  }

  @Test
  void reloadsServerThatHasAdmittedSessionSinceItShouldRefuseIt() throws SQLException {
    // Given: it could not read the rules
    isAdmittedSince = true;
    sessions("app");

    // When
    PlainSessions found = run(REQUIRED, Optional.empty());

    // Then
    assertThat(found).isEqualTo(new PlainSessions(false, 1, List.of("app"), false));
    assertThat(statements).endsWith(RELOAD).doesNotContain(END);
  }

  @Test
  void serverWithoutFunctionKeepsSessionsUntilItsRestart() throws SQLException {
    // Given
    hasFunction = false;
    sessions("app");

    // When
    PlainSessions found = run(REQUIRED, Optional.empty());

    // Then
    assertThat(found).isEqualTo(new PlainSessions(true, 1, List.of("app"), true));
    assertThat(statements).doesNotContain(END);
  }

  @Test
  void asksSeldomWhileTlsIsNotRequired() throws SQLException {
    // Given
    marker = null;
    PlainSessions last = new PlainSessions(false, 3, List.of("app"), true);

    // When
    PlainSessions found = run(OPTIONAL, Optional.of(last));

    // Then
    assertThat(found).isEqualTo(last);
    assertThat(statements).isEmpty();
    assertThat(OPTIONAL.refreshInterval()).hasSeconds(60);
    assertThat(REQUIRED.refreshInterval()).isZero();
  }

  @Test
  void asksUntilServerAdmitsSessionsAgain() throws SQLException {
    // Given
    marker = null;

    // When
    PlainSessions found = run(OPTIONAL, Optional.of(new PlainSessions(true, 0, List.of(), true)));

    // Then
    assertThat(found.isRefused()).isFalse();
    assertThat(statements).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "1, 1", "10, 10", "11, 20", "20, 20", "101, 110"})
  void roundsNumberThatDrifts(int sessions, int reported) throws SQLException {
    // Given
    count = sessions;

    // When, Then
    assertThat(run(OPTIONAL, Optional.empty()).count()).isEqualTo(reported);
  }

  @Test
  void boundsWhatHostileServerReports() throws SQLException {
    // Given
    roles = IntStream.range(0, 1_000).mapToObj("x"::repeat).toArray(String[]::new);
    count = roles.length;

    // When
    PlainSessions found = run(OPTIONAL, Optional.empty());

    // Then
    assertThat(found.roles()).hasSize(8);
    roles = new String[] {"x".repeat(1_000)};
    assertThat(run(OPTIONAL, Optional.empty()).roles()).containsExactly("x".repeat(63));
  }

  private void sessions(String... names) {
    roles = names;
    count = names.length;
  }

  /** A session in which the previous finding is still valid. */
  private PlainSessions run(PlainSessionsTask task, Optional<PlainSessions> previous)
      throws SQLException {
    FindingKey<PlainSessions> key = PlainSessionsTask.PLAIN_SESSIONS;
    Session session =
        Sessions.of(
            Sessions.proxy(Connection.class, (self, method, arguments) -> statement()),
            previous.map(last -> ServerFindings.NONE.with(key, last)).orElse(ServerFindings.NONE),
            task.refreshInterval().isZero() ? Set.of(key) : Set.of());
    PlainSessions found = task.run(session).orElseThrow();
    assertThat(task.isSettled(found)).isEqualTo(found.isSettled());
    return found;
  }

  private Statement statement() {
    return Sessions.proxy(
        Statement.class,
        (self, method, arguments) ->
            switch (method.getName()) {
              case "execute" -> statements.add((String) arguments[0]);
              case "executeQuery" -> {
                statements.add((String) arguments[0]);
                yield Sessions.proxy(ResultSet.class, this::value);
              }
              default -> null;
            });
  }

  private Object value(Object row, Method get, Object[] column) {
    return switch (get.getName()) {
      case "next" -> true;
      case "getString" -> marker;
      case "getInt" -> count;
      case "getArray" -> Sessions.proxy(Array.class, (self, method, arguments) -> roles);
      case "getBoolean" ->
          switch ((int) column[0]) {
            case 2 -> isProven;
            case 3 -> hasFunction;
            case 6 -> isAdmittedSince;
            default -> true; // whether a reload is safe
          };
      default -> null;
    };
  }
}
