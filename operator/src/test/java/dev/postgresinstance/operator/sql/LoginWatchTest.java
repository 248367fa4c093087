package dev.postgresinstance.operator.sql;

import static dev.postgresinstance.operator.sql.ScriptedLogins.LOGGED_IN;
import static dev.postgresinstance.operator.sql.ScriptedLogins.NEXT_REQUEST;
import static dev.postgresinstance.operator.sql.ScriptedLogins.QUICK;
import static dev.postgresinstance.operator.sql.ScriptedLogins.REQUEST;
import static dev.postgresinstance.operator.sql.ScriptedLogins.SLOW;
import static dev.postgresinstance.operator.sql.ScriptedLogins.STARTING;
import static dev.postgresinstance.operator.sql.ScriptedLogins.configured;
import static dev.postgresinstance.operator.sql.ScriptedLogins.loaded;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.sql.LoginResult.LoggedIn;
import dev.postgresinstance.operator.sql.LoginResult.LoginRejected;
import dev.postgresinstance.operator.sql.LoginResult.Pending;
import dev.postgresinstance.operator.sql.LoginResult.Unreachable;
import dev.postgresinstance.operator.sql.ScriptedLogins.LoadingTask;
import dev.postgresinstance.operator.sql.ScriptedLogins.MeasuringTask;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The delays between logins, and what a watch knows when a session begins. */
class LoginWatchTest {

  private static final Duration FIRST_RETRY = Duration.ofMillis(250);
  private static final Duration SHORTEST_INTERVAL = Duration.ofMillis(5250);
  private static final Duration LONGEST_INTERVAL = Duration.ofMillis(8750);
  private static final ServerFindings SIZE = ServerFindings.NONE.with(MeasuringTask.SIZE, 10L);

  private final LoginWatch<String> watch = new LoginWatch<>("orders", REQUEST);

  @ParameterizedTest
  @CsvSource({
    "1, 0, 5250",
    "1, 1, 8750",
    "350, 0.5, 7000",
    "500, 0.5, 10000",
    "1000, 0, 15000",
    "1000, 1, 25000",
    "5000, 1, 25000"
  })
  void intervalGrowsWithNumberOfInstances(int instances, double random, long millis) {
    assertThat(LoginWatch.interval(instances, random)).isEqualTo(Duration.ofMillis(millis));
  }

  @Test
  void delayAfterFailureGrowsByTenPercentUpToFiveSeconds() {
    // Given
    watch.result = STARTING;

    // When
    List<Duration> delays = Stream.generate(() -> watch.nextDelay(1)).limit(50).toList();

    // Then
    assertThat(delays)
        .startsWith(
            FIRST_RETRY, Duration.ofMillis(275), Duration.ofMillis(303), Duration.ofMillis(333))
        .isSorted()
        .endsWith(Duration.ofSeconds(5), Duration.ofSeconds(5));
  }

  @Test
  void delayStartsOverAfterSettledLogin() {
    // Given
    watch.result = STARTING;
    for (int failure = 0; failure < 10; failure++) {
      watch.nextDelay(1);
    }
    watch.result = LOGGED_IN;

    // When
    Duration settled = watch.nextDelay(1);
    watch.result = STARTING;
    Duration failed = watch.nextDelay(1);

    // Then
    assertThat(settled).isBetween(SHORTEST_INTERVAL, LONGEST_INTERVAL);
    assertThat(failed).isEqualTo(FIRST_RETRY);
  }

  @Test
  void delayAfterSettledLoginDependsOnNumberOfInstances() {
    // Given
    watch.result = LOGGED_IN;

    // When
    Duration delay = watch.nextDelay(1000);

    // Then
    assertThat(delay).isBetween(Duration.ofSeconds(15), Duration.ofSeconds(25));
  }

  static Stream<LoginResult> unsettled() {
    return Stream.of(
        new Pending(),
        new Unreachable("refused"),
        new LoginRejected("53300", "FATAL: too many", SIZE),
        new LoggedIn("17.6", ServerFindings.NONE),
        new LoggedIn("17.6", SIZE.lockedOut("FATAL: no")),
        loaded("bb", false));
  }

  @ParameterizedTest
  @MethodSource("unsettled")
  void loginIsRepeatedSoonUntilItIsSettled(LoginResult result) {
    // Given: the request expects configuration aa
    watch.result = result;

    // When
    Duration delay = watch.nextDelay(1);

    // Then
    assertThat(delay).isEqualTo(FIRST_RETRY);
  }

  @Test
  void findingIsDueUntilItWasRefreshed() {
    // Given
    Set<FindingKey<?>> before = watch.input().due();
    watch.result = LOGGED_IN;

    // When
    watch.markRefreshed(before);

    // Then
    assertThat(before).contains(MeasuringTask.SIZE);
    assertThat(watch.input().due()).doesNotContain(MeasuringTask.SIZE);
  }

  @Test
  void findingStaysDueWhenTasksDidNotComplete() {
    // Given
    watch.result = new LoggedIn("17.6", SIZE.lockedOut("FATAL: no"));

    // When
    watch.markRefreshed(watch.input().due());

    // Then
    assertThat(watch.input().due()).contains(MeasuringTask.SIZE);
  }

  @Test
  void inputHoldsPreviousResultAndRequests() {
    // Given
    watch.result = LOGGED_IN;
    watch.requests.add(QUICK);

    // When
    LoginSession.Input input = watch.input();

    // Then
    assertThat(input.previous()).isEqualTo(LOGGED_IN);
    assertThat(input.requests()).containsExactly(QUICK);
  }

  @Test
  void successorForSameLoginKeepsResultAndFreshFindings() {
    // Given
    watch.result = LOGGED_IN;
    watch.markRefreshed(Set.of(MeasuringTask.SIZE, LoadingTask.LOADED));

    // When: the configuration to load changes
    LoginWatch<String> successor = watch.successor(configured("bb"));

    // Then
    assertThat(successor.key).isEqualTo("orders");
    assertThat(successor.request).isEqualTo(configured("bb"));
    assertThat(successor.result).isEqualTo(LOGGED_IN);
    assertThat(successor.input().due())
        .contains(LoadingTask.LOADED)
        .doesNotContain(MeasuringTask.SIZE);
  }

  @Test
  void successorRefreshesFindingsOfChangedTasks() {
    // Given
    LoginWatch<String> before = new LoginWatch<>("orders", cataloging("SELECT 1"));
    before.result = LOGGED_IN;
    before.markRefreshed(Set.of(CatalogTask.CATALOG));

    // When
    LoginWatch<String> same = before.successor(cataloging("SELECT 1"));
    LoginWatch<String> changed = before.successor(cataloging("SELECT 2"));

    // Then
    assertThat(same.input().due()).isEmpty();
    assertThat(changed.input().due()).containsExactly(CatalogTask.CATALOG);
  }

  @Test
  void successorForAnotherServerKnowsNothing() {
    // Given
    watch.result = LOGGED_IN;
    watch.markRefreshed(Set.of(MeasuringTask.SIZE));

    // When
    LoginWatch<String> successor = watch.successor(NEXT_REQUEST);

    // Then
    assertThat(successor.result).isEqualTo(new Pending());
    assertThat(successor.input().due()).contains(MeasuringTask.SIZE);
  }

  @Test
  void successorOfSlowWatchIsSlow() {
    // Given
    watch.slow = true;

    // When
    LoginWatch<String> successor = watch.successor(NEXT_REQUEST);

    // Then
    assertThat(successor.isSlow()).isTrue();
  }

  @Test
  void watchIsSlowWhileServerIsUnreachableOrRequestIsSlow() {
    // Given
    LoginWatch<String> requested = new LoginWatch<>("requested", REQUEST);
    LoginWatch<String> unreachable = new LoginWatch<>("unreachable", REQUEST);

    // When
    watch.requests.add(QUICK);
    requested.requests.add(SLOW);
    unreachable.result = new Unreachable("timed out");

    // Then
    assertThat(watch.isSlow()).isFalse();
    assertThat(requested.isSlow()).isTrue();
    assertThat(unreachable.isSlow()).isTrue();
  }

  private static LoginRequest cataloging(String query) {
    return new LoginRequest(
        REQUEST.server(),
        REQUEST.host(),
        REQUEST.port(),
        Optional.empty(),
        REQUEST.database(),
        REQUEST.role(),
        REQUEST.operator(),
        REQUEST.repair(),
        List.of(new CatalogTask(query)));
  }

  /** A task with a query, whose finding is refreshed once an hour. */
  private record CatalogTask(String query) implements SessionTask<String> {

    private static final FindingKey<String> CATALOG = FindingKey.of(String.class);

    @Override
    public FindingKey<String> finding() {
      return CATALOG;
    }

    @Override
    public Optional<String> run(Session session) {
      throw new AssertionError("no session runs");
    }

    @Override
    public Duration refreshInterval() {
      return Duration.ofHours(1);
    }
  }
}
