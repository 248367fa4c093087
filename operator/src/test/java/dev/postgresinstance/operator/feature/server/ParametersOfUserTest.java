package dev.postgresinstance.operator.feature.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.feature.access.CredentialRepair;
import dev.postgresinstance.operator.feature.access.SuperuserAccess;
import dev.postgresinstance.operator.feature.access.SuperuserTask;
import dev.postgresinstance.operator.feature.configuration.ServerSettings;
import dev.postgresinstance.operator.feature.configuration.ServerSettings.Login;
import dev.postgresinstance.operator.feature.configuration.SettingsTask;
import dev.postgresinstance.operator.feature.standby.CommitTask;
import dev.postgresinstance.operator.feature.standby.Commits;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.sql.LoginMonitor;
import dev.postgresinstance.operator.sql.LoginRequest;
import dev.postgresinstance.operator.sql.LoginResult;
import dev.postgresinstance.operator.sql.LoginResult.LoggedIn;
import dev.postgresinstance.operator.sql.LoginResult.LoginRejected;
import dev.postgresinstance.operator.sql.Role;
import dev.postgresinstance.operator.sql.SessionTask;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The operator's sessions on a server with parameters of the user, in containers of the real image.
 * Needs only docker.
 */
@Execution(ExecutionMode.SAME_THREAD)
class ParametersOfUserTest {

  private static final Pattern HASH = Pattern.compile("configuration = '(\\w+)'");
  private static final String EXEMPTION =
      "ALTER ROLE \"pgi_operator\" SET session_preload_libraries = '$libdir/plpgsql';\n\n";

  private static Workbench workbench;

  /** For tests that change only the configuration and the password of the application. */
  private static TestVolume sharedVolume;

  private static TestPod sharedPod;
  private static TestServer sharedServer;

  private TestVolume volume;
  private TestPod pod;
  private TestServer server;
  private final LoginMonitor<String> logins =
      new LoginMonitor<>(key -> {}, () -> true, (key, login) -> login.get());
  private String password = TestPod.APP_PASSWORD;

  @BeforeAll
  static void prepare() {
    Docker.makeSureOfImage();
    workbench = new Workbench();
    sharedVolume = workbench.emptyVolume();
    sharedPod = sharedVolume.pod().reachable().roles(TestPod.rolesWith(TestPod.APP_PASSWORD));
    sharedServer = sharedPod.start().awaitReady();
  }

  @AfterAll
  static void end() {
    if (sharedVolume != null) {
      sharedVolume.close();
    }
    workbench.close();
  }

  @AfterEach
  void removeVolume() {
    logins.close();
    if (volume != null) {
      volume.close();
    }
  }

  @ParameterizedTest
  @CsvSource({"session_preload_libraries", "local_preload_libraries"})
  void takesBackLibraryWithWhichNoSessionBegins(String name) {
    // Given
    useSharedServer();
    String broken = TestPod.configurationWith(Map.of(name, "pg_hint_plan"));

    // When
    LoginResult rejected =
        awaitSettings(
            broken,
            settings ->
                settings.loaded().equals(hash(broken))
                    && settings.login() instanceof Login.Rejected);

    // Then
    assertThat(rejected).isInstanceOf(LoginRejected.class);
    assertThat(settings(rejected).login().toString()).contains("pg_hint_plan\": No such file");

    // When
    LoginResult accepted =
        awaitSettings(
            TestPod.working(),
            settings ->
                settings.loaded().equals(hash(TestPod.working()))
                    && settings.login() instanceof Login.Accepted);

    // Then
    assertThat(accepted).isInstanceOf(LoggedIn.class);
  }

  @Test
  void reloadsNoNewLibraryWhileRoleIsNotExemptFromIt() {
    // Given: the roles as an earlier version of the operator has set them
    String roles = TestPod.rolesWith(password);
    assertThat(roles).contains(EXEMPTION);
    start(roles.replace(EXEMPTION, ""));
    String next = TestPod.configurationWith(Map.of("session_preload_libraries", "auto_explain"));

    // When
    LoginResult result = awaitSettings(next, settings -> settings.onDisk().equals(hash(next)));

    // Then
    ServerSettings settings = settings(result);
    assertThat(settings.loaded()).isEqualTo(hash(TestPod.working()));
    assertThat(settings.pendingRestart()).containsExactly("session_preload_libraries");
    assertThat(settings.isSettled(hash(next))).isTrue();
    assertThat(result).isInstanceOf(LoggedIn.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          synchronous_standby_names           | ANY 1 (node1, node2)
          statement_timeout                   | 1ms
          idle_session_timeout                | 1ms
          idle_in_transaction_session_timeout | 1ms
          exit_on_error                       | on
          client_min_messages                 | debug5
          default_transaction_isolation       | serializable
          default_transaction_deferrable      | on
          default_transaction_read_only       | on
          standard_conforming_strings         | off
          session_replication_role            | replica
          row_security                        | off
          max_stack_depth                     | 100kB
          temp_file_limit                     | 0
          dynamic_library_path                | /nowhere
          bytea_output                        | escape
          DateStyle                           | German
          search_path                         | nowhere
          """)
  void setsPasswordAndTakesBackAnyParameter(String name, String value) {
    // Given
    useSharedServer();
    String next = TestPod.configurationWith(Map.of(name, value));
    awaitSettings(next, settings -> settings.loaded().equals(hash(next)));

    // When
    password = "second secret";
    await(next, new SettingsTask(hash(next)), result -> result.findings().isComplete());

    // Then
    awaitSettings(TestPod.working(), settings -> settings.loaded().equals(hash(TestPod.working())));
    assertThat(server.query("app", password, "app", "SELECT 1")).isEqualTo("1");
  }

  @Test
  void noParameterOfUserWritesVerifiersToTheLog() {
    // Given
    useSharedServer();
    String next =
        TestPod.configurationWith(
            Map.ofEntries(
                Map.entry("log_statement", "all"),
                Map.entry("log_duration", "on"),
                Map.entry("log_min_duration_statement", "0"),
                Map.entry("log_min_duration_sample", "0"),
                Map.entry("log_transaction_sample_rate", "1"),
                Map.entry("log_min_messages", "debug5"),
                Map.entry("log_min_error_statement", "debug5"),
                Map.entry("log_parameter_max_length_on_error", "-1"),
                Map.entry("log_parser_stats", "on"),
                Map.entry("log_planner_stats", "on"),
                Map.entry("log_executor_stats", "on"),
                Map.entry("debug_print_parse", "on"),
                Map.entry("debug_print_rewritten", "on"),
                Map.entry("debug_print_plan", "on"),
                Map.entry("session_preload_libraries", "auto_explain"),
                Map.entry("auto_explain.log_min_duration", "0"),
                Map.entry("auto_explain.log_nested_statements", "on"),
                Map.entry("auto_explain.log_parameter_max_length", "-1")));
    awaitSettings(next, settings -> settings.loaded().equals(hash(next)));

    // When
    password = "second secret";
    SuperuserAccess open =
        new SuperuserAccess.Open(new Role(Names.SUPERUSER, "secret of the superuser"), true);
    await(next, new SuperuserTask(open), LoggedIn.class::isInstance);

    // Then
    assertThat(server.query("app", password, "app", "SELECT 1")).isEqualTo("1");
    assertThat(server.query(Names.SUPERUSER, "secret of the superuser", "app", "SELECT 1"))
        .isEqualTo("1");
    assertThat(server.log()).contains("SELECT 1").doesNotContain("SCRAM-SHA-256$");
  }

  @Test
  void reportsCommitsThatWaitForStandby() {
    // Given
    start(TestPod.rolesWith(password));
    String next =
        TestPod.configurationWith(Map.of("synchronous_standby_names", "FIRST 2 (node1, node2)"));
    awaitSettings(next, settings -> settings.loaded().equals(hash(next)));

    // When
    server.exec("timeout 30 psql -U postgres -c 'CREATE TABLE t ()' >/dev/null 2>&1 &");
    Commits waiting = awaitCommits(next, Commits::stuck);

    // Then
    assertThat(waiting.isStandbyMissing()).isTrue();
    assertThat(waiting.required()).isEqualTo(2);
    assertThat(waiting.confirming()).isZero();
    assertThat(waiting.standbyNames()).isEqualTo("FIRST 2 (node1, node2)");

    // When
    server.superuserQuery(
        "SET synchronous_commit = local; ALTER DATABASE app SET synchronous_commit = local");

    // Then
    assertThat(awaitCommits(next, commits -> commits.level().equals("local")).isStandbyMissing())
        .isFalse();

    // When
    server.superuserQuery(
        "SET synchronous_commit = local; ALTER ROLE app SET synchronous_commit = remote_write");

    // Then
    assertThat(
            awaitCommits(next, commits -> commits.level().equals("remote_write"))
                .isStandbyMissing())
        .isTrue();
  }

  @Test
  void readsLevelOfCommitsFromConfiguration() {
    // Given
    useSharedServer();
    String next =
        TestPod.configurationWith(
            Map.of("synchronous_standby_names", "*", "synchronous_commit", "off"));

    // When
    awaitSettings(next, settings -> settings.loaded().equals(hash(next)));

    // Then
    assertThat(awaitCommits(next, commits -> true).level()).isEqualTo("off");
  }

  private void useSharedServer() {
    pod = sharedPod;
    server = sharedServer;
    awaitSettings(TestPod.working(), settings -> settings.loaded().equals(hash(TestPod.working())));
  }

  private void start(String roles) {
    volume = workbench.emptyVolume();
    pod = volume.pod().reachable().roles(roles);
    server = pod.start().awaitReady();
  }

  private LoginResult awaitSettings(String configuration, Predicate<ServerSettings> expected) {
    return await(
        configuration,
        new SettingsTask(hash(configuration)),
        result -> result.findings().get(SettingsTask.SETTINGS).filter(expected).isPresent());
  }

  private Commits awaitCommits(String configuration, Predicate<Commits> expected) {
    LoginResult last =
        await(
            configuration,
            new CommitTask("app", "app"),
            result -> result.findings().get(CommitTask.COMMITS).filter(expected).isPresent());
    return last.findings().get(CommitTask.COMMITS).orElseThrow();
  }

  /** Repeats the login and the task until the result is as expected. */
  private LoginResult await(
      String configuration, SessionTask<?> task, Predicate<LoginResult> expected) {
    pod.configuration(configuration, TestPod.working());
    LoginRequest request = request(task);
    logins.forget("orders"); // the next login follows at once
    return Awaitility.await()
        .atMost(Duration.ofMinutes(2))
        .until(() -> logins.lastResult("orders", request), expected);
  }

  private LoginRequest request(SessionTask<?> task) {
    return new LoginRequest(
        "container",
        "127.0.0.1",
        server.port(),
        Optional.empty(),
        "app",
        new Role("app", password),
        new Role(Names.OPERATOR_ROLE, TestPod.OPERATOR_PASSWORD),
        new CredentialRepair(true),
        List.of(task));
  }

  private static ServerSettings settings(LoginResult result) {
    return result.findings().get(SettingsTask.SETTINGS).orElseThrow();
  }

  private static String hash(String configuration) {
    return Optional.of(HASH.matcher(configuration)).filter(Matcher::find).orElseThrow().group(1);
  }
}
