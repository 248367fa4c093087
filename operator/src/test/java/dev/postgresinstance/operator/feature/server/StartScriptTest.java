package dev.postgresinstance.operator.feature.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.postgresinstance.operator.feature.configuration.Configuration;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Runs the start script in containers of the real image, with the restrictions of the pod. Needs
 * only docker.
 */
@Execution(ExecutionMode.CONCURRENT)
class StartScriptTest {

  private static final String OTHER_MAJOR = Docker.MAJOR.equals("16") ? "15" : "16";

  /** Log parameters with which a server says least, and in another form. */
  private static final Map<String, String> SILENT =
      Map.of(
          "log_min_messages", "panic",
          "log_line_prefix", "%t [%p]: [%l-1] db=%d,user=%u,app=%a,client=%h ",
          "log_error_verbosity", "verbose");

  /** Data with one row, whose server was stopped. Tests use copies of it. */
  private static TestVolume original;

  private static Workbench workbench;

  private static String originalSystemIdentifier;
  private static Duration firstStart;

  private final List<TestVolume> volumes = new ArrayList<>();

  @BeforeAll
  static void createData() {
    Docker.makeSureOfImage();
    workbench = new Workbench();
    original = workbench.emptyVolume();
    TestServer server = original.pod().start().awaitLine("First start");
    long begin = System.nanoTime();
    server.awaitLine("starting PostgreSQL");
    firstStart = Duration.ofNanos(System.nanoTime() - begin);
    server.awaitReady();
    server.query("CREATE TABLE greeting AS SELECT 'hello' AS word");
    originalSystemIdentifier = systemIdentifier(server);
    server.stop();
  }

  @AfterAll
  static void removeData() {
    if (original != null) {
      original.close();
      workbench.close();
    }
  }

  @AfterEach
  void removeVolumes() {
    volumes.forEach(TestVolume::close);
  }

  @Test
  void firstStartCreatesRoleAndDatabase() {
    // Given
    TestPod pod = emptyVolume().pod();

    // When
    TestServer server = pod.start().awaitReady();

    // Then
    assertThat(server.query("SELECT current_user || ' in ' || current_database()"))
        .isEqualTo("app in app");
    assertThat(server.query("CREATE TABLE t AS SELECT 1 AS one; SELECT one FROM t")).isEqualTo("1");
    assertThat(server.query("app", "wrong", "app", "SELECT 1")).contains("authentication failed");
    assertThat(server.query("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = 'app'"))
        .isEqualTo("f");
    assertThat(server.query("app", TestPod.APP_PASSWORD, "postgres", "SELECT 1"))
        .contains("permission denied");
    assertThat(server.superuserQuery("SELECT rolname FROM pg_authid WHERE rolcanlogin ORDER BY 1"))
        .isEqualTo("app\npgi_operator\npostgres");
  }

  @Test
  void triesBrokenConfigurationOnceInAPod() {
    // Given
    TestPod pod = original().pod().configuration(broken(), TestPod.working());
    TestServer first = pod.start();
    assertThat(first.awaitEnd()).isNotZero();
    assertThat(first.log()).contains("nope");

    // When
    TestServer second = pod.start().awaitReady();

    // Then
    assertThat(second.query("SELECT word FROM greeting")).isEqualTo("hello");
    assertThat(second.superuserQuery("SHOW postgres_instance.started"))
        .isEqualTo("b.conf %s %s".formatted(hash(TestPod.working()), hash(broken())));
  }

  @Test
  void retriesConfigurationOnceIfItsReadyServerWasKilled() {
    // Given
    TestPod pod = original().pod().configuration(better(), TestPod.working());
    TestServer first = pod.start();
    awaitLogins(first);
    first.signal("KILL").awaitEnd();

    // When
    TestServer second = pod.start();

    // Then
    awaitLogins(second);
    assertThat(second.superuserQuery("SHOW postgres_instance.started"))
        .isEqualTo("a.conf %s -".formatted(hash(better())));

    // When
    second.signal("KILL").awaitEnd();
    TestServer third = pod.start().awaitReady();

    // Then
    assertThat(third.superuserQuery("SHOW postgres_instance.started"))
        .isEqualTo("b.conf %s %s".formatted(hash(TestPod.working()), hash(better())));
  }

  @Test
  void newPodTriesUnprovenConfigurationAgain() {
    // Given
    TestPod pod = original().pod().configuration(better(), TestPod.working());
    pod.start().awaitReady().stop();

    // When: the configuration is not proven, because the operator has not logged in to its server
    TestServer again = original().pod().configuration(better(), TestPod.working()).start();

    // Then: the next pod tries it
    again.awaitReady();
    assertThat(again.superuserQuery("SHOW work_mem")).isEqualTo("8MB");
    assertThat(again.superuserQuery("SHOW postgres_instance.started"))
        .isEqualTo("a.conf %s -".formatted(hash(better())));
  }

  @Test
  void firstStartFallsBackFromBrokenConfiguration() {
    // Given
    TestPod pod = emptyVolume().pod().configuration(broken(), TestPod.working());
    pod.start().awaitEnd();

    // When
    TestServer second = pod.start().awaitReady();

    // Then
    assertThat(second.query("SELECT 1")).isEqualTo("1");
  }

  /** The log parameters hide or change most of what PostgreSQL says. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      textBlock =
          """
          work_mem                      | 64M       | invalid value for parameter "work_mem": "64M" (Valid units
          foo                           | bar       | unrecognized configuration parameter "foo"
          shared_preload_libraries      | nope      | FATAL:  could not access file "nope": No such file
          """)
  void firstStartDoesWithoutWhatPostgresRejects(String name, String value, String words) {
    assertFirstStartDoesWithout(name, value, words);
  }

  @Tag("long")
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      textBlock =
          """
          timezone                      | US/Nope   | invalid value for parameter "TimeZone": "US/Nope"
          max_connections               | 0         | 0 is outside the valid range for parameter "max_connections"
          wal_level                     | some      | invalid value for parameter "wal_level": "some" (Available values
          server_version                | 1         | parameter "server_version" cannot be changed
          superuser_reserved_connections | 500      | "superuser_reserved_connections" (500) plus
          synchronous_standby_names     | ((        | invalid value for parameter "synchronous_standby_names": "((" (syntax error
          """)
  void firstStartDoesWithoutAnythingThatPostgresRejects(String name, String value, String words) {
    assertFirstStartDoesWithout(name, value, words);
  }

  private void assertFirstStartDoesWithout(String name, String value, String words) {
    // Given
    Map<String, String> parameters = new TreeMap<>(SILENT);
    parameters.put(name, value);
    TestPod pod = emptyVolume().pod();
    pod.configuration(TestPod.configurationWith(parameters), TestPod.working());
    TestServer first = pod.start();
    assertThat(first.awaitEnd()).isNotZero();
    assertThat(first.terminationMessage()).isEmpty();

    // When
    TestServer second = pod.start().awaitReady();

    // Then
    assertThat(second.superuserQuery("SHOW postgres_instance.started")).startsWith("b.conf ");
    assertThat(second.superuserQuery("SHOW postgres_instance.objections")).startsWith(words);
    assertThat(second.superuserQuery("SHOW log_min_messages")).isEqualTo("warning");
    assertComplete(second);
  }

  @Test
  void listsAllThatPostgresRejects() {
    // Given
    String configuration =
        TestPod.configurationWith(Map.of("work_mem", "64M", "bytea_output", "x", "jit", "perhaps"));
    TestPod pod = original().pod().configuration(configuration, TestPod.working());
    pod.start().awaitEnd();

    // When
    TestServer second = pod.start().awaitReady();

    // Then
    assertThat(second.superuserQuery("SHOW postgres_instance.objections"))
        .contains("\"work_mem\"", "\"bytea_output\"", "\"jit\"")
        .doesNotContain("a.conf");
  }

  @Test
  void configurationThatHidesItsErrorsIsTriedAgainWithoutHidingThem() {
    // Given: an error that only the start itself shows
    TestPod pod = original().pod().configuration(silentlyFailing(), TestPod.working());
    TestServer first = pod.start();
    assertThat(first.awaitEnd()).isNotZero();
    assertThat(first.log()).doesNotContain("FATAL");

    // When
    TestServer second = pod.start();

    // Then
    assertThat(second.awaitEnd()).isNotZero();
    assertThat(second.log()).contains("could not map anonymous shared memory");
    TestServer third = pod.start().awaitReady();
    assertThat(third.superuserQuery("SHOW postgres_instance.started")).startsWith("b.conf ");
    assertThat(third.superuserQuery("SHOW log_min_messages")).isEqualTo("warning");
  }

  @Test
  void onlyConfigurationShowsItsErrorsAfterAFailedStart() {
    // Given
    TestPod pod = original().pod().configuration(silentlyFailing(), silentlyFailing());
    TestServer first = pod.start();
    assertThat(first.awaitEnd()).isNotZero();
    assertThat(first.log()).doesNotContain("FATAL");

    // When
    TestServer second = pod.start();

    // Then
    assertThat(second.awaitEnd()).isNotZero();
    assertThat(second.log()).contains("could not map anonymous shared memory");
  }

  @Test
  void silentConfigurationStaysSilentAfterItsReadyServerWasKilled() {
    // Given
    String silent = TestPod.configurationWith(SILENT);
    TestPod pod = original().pod().configuration(silent, silent);
    TestServer first = pod.start();
    awaitLogins(first);
    first.signal("KILL").awaitEnd();

    // When
    TestServer second = pod.start();

    // Then
    awaitLogins(second);
    assertThat(second.superuserQuery("SHOW log_min_messages")).isEqualTo("panic");
  }

  @Test
  void killedFirstStartIsNoTrialOfTheConfiguration() {
    // Given
    TestVolume volume = emptyVolume();
    TestPod pod = volume.pod().configuration(better(), TestPod.working()).that("kill before mv 1");
    assertThat(pod.start().awaitEnd()).isEqualTo(137);

    // When
    TestServer server = pod.that("go on").start().awaitReady();

    // Then
    assertThat(server.superuserQuery("SHOW work_mem")).isEqualTo("8MB");
  }

  @Test
  void createsDataWithLargeSegments() {
    // Given: PostgreSQL's default of min_wal_size does not allow them
    String configuration =
        TestPod.configurationWith(Map.of("min_wal_size", "256MB", "max_wal_size", "256MB"));
    TestPod pod = emptyVolume().pod().configuration(configuration, configuration);

    // When
    TestServer server = pod.initdb("--locale=C.UTF-8", "--wal-segsize=128").start().awaitReady();

    // Then
    assertThat(server.superuserQuery("SHOW wal_segment_size")).isEqualTo("128MB");
    assertThat(server.query("SELECT 1")).isEqualTo("1");
  }

  @Test
  void parametersOfUserStopNeitherFirstStartNorChangeOfRoles() {
    // Given: a commit would wait for a standby, and a session would end at once or not begin
    Map<String, String> parameters =
        Map.of(
            "synchronous_standby_names", "ANY 1 (node1, node2)",
            "session_preload_libraries", "nope",
            "local_preload_libraries", "nope",
            "idle_session_timeout", "1ms",
            "statement_timeout", "1ms",
            "default_transaction_read_only", "on",
            "default_transaction_isolation", "serializable",
            "exit_on_error", "on",
            "max_stack_depth", "100kB",
            "log_statement", "all");
    String configuration = TestPod.configurationWith(parameters);
    TestPod pod = emptyVolume().pod().configuration(configuration, TestPod.working());

    // When
    TestServer first = pod.start().awaitReady();

    // Then
    first.stop();
    TestServer second = pod.roles(TestPod.rolesWith("second secret")).start().awaitReady();
    assertThat(second.log()).contains("Setting the roles").doesNotContain("SCRAM-SHA-256");
  }

  @Test
  void movesSettingsOfAlterSystemAside() {
    // Given
    TestVolume volume = original();
    TestServer before = volume.pod().start().awaitReady();
    before.exec("echo \"work_mem = '9MB'\" >> /pgdata/" + Docker.MAJOR + "/postgresql.auto.conf");
    before.stop();

    // When
    TestServer after = volume.pod().start().awaitReady();

    // Then
    assertThat(after.superuserQuery("SHOW work_mem")).isEqualTo("4MB");
    assertThat(after.log()).contains("to postgresql.auto.conf.set-aside");
    assertThat(after.exec("cat /pgdata/" + Docker.MAJOR + "/postgresql.auto.conf.set-aside"))
        .contains("work_mem = '9MB'");
  }

  @Test
  void releasesAPartOfTheReserveAtAStartOnAFullVolume() {
    // Given
    TestVolume volume = original();
    volume.pod().available(900_000_000).start().awaitReady().stop();
    assertThat(volume.shell("ls -A").lines()).contains("reserve.1", "reserve.4");
    TestPod full = volume.pod().available(1_000_000);

    // When
    TestServer server = full.start().awaitReady();

    // Then
    assertThat(server.log()).contains("releasing a part of its reserve");
    assertThat(volume.shell("ls -A").lines()).doesNotContain("reserve.1").contains("reserve.2");
  }

  @Test
  void preloadsStatementStatisticsIfTheImageContainsThem() {
    // When
    TestServer server = original().pod().start().awaitReady();

    // Then
    assertThat(server.superuserQuery("SHOW shared_preload_libraries"))
        .isEqualTo("pg_stat_statements");
  }

  @Test
  void usesOwnConfigurationAndIgnoresTheEnvironmentOfTheImage() {
    // Given
    TestPod pod = original().pod();

    // When
    TestServer server = pod.start().awaitReady();

    // Then
    assertThat(
            server.superuserQuery(
                """
                SELECT string_agg(name || '=' || setting, ' ' ORDER BY name) FROM pg_settings
                WHERE name IN ('TimeZone', 'data_checksums', 'lc_messages', 'max_wal_size', 'port',
                    'server_encoding', 'work_mem')"""))
        .isEqualTo(
            "TimeZone=UTC data_checksums=on lc_messages=C max_wal_size=204 port=5432"
                + " server_encoding=UTF8 work_mem=4096");
    assertThat(
            server.superuserQuery(
                """
                SELECT string_agg(type || ' ' || user_name[1] || ' ' || auth_method, ', '
                    ORDER BY line_number)
                FROM pg_hba_file_rules"""))
        .isEqualTo(
            "local postgres peer, local all scram-sha-256,"
                + " host +pgi_superuser_access scram-sha-256, host postgres reject,"
                + " host all scram-sha-256");
    assertThat(
            server
                .exec("tr '\\0' '\\n' < /proc/$(< /var/run/postgresql/start.pid)/environ")
                .lines())
        .contains("LC_ALL=C", "TMPDIR=/tmp")
        .noneMatch(variable -> variable.matches("(PG[^I]|POSTGRES_|LANG|TZ).*"));
  }

  @Test
  void restartKeepsDataAndAppliesChangedRoles() {
    // Given
    TestPod pod = original().pod().systemIdentifier(originalSystemIdentifier);
    pod.roles(TestPod.rolesWith("second secret"));

    // When
    TestServer server = pod.start().awaitReady();

    // Then
    assertThat(server.query("app", "second secret", "app", "SELECT word FROM greeting"))
        .isEqualTo("hello");
    assertThat(server.query("SELECT 1")).contains("authentication failed");
    assertThat(systemIdentifier(server)).isEqualTo(originalSystemIdentifier);
    assertThat(server.log()).doesNotContain(TestPod.verifier("second secret"));
  }

  @Test
  void serverItselfRecoversAfterACrash() {
    // Given
    TestPod pod = original().pod();
    crashAfter(pod, "INSERT INTO greeting VALUES ('committed')");

    // When
    TestServer server = pod.start().awaitReady();

    // Then
    assertThat(server.log()).contains("automatic recovery in progress");
    assertThat(server.query("SELECT count(*) FROM greeting")).isEqualTo("2");
  }

  @Test
  void appliesChangedRolesAfterACrashWithoutLosingData() {
    // Given
    TestPod pod = original().pod();
    crashAfter(pod, "INSERT INTO greeting VALUES ('committed')");
    pod.roles(TestPod.rolesWith("second secret"));

    // When
    TestServer server = pod.start().awaitReady();

    // Then
    assertThat(server.query("app", "second secret", "app", "SELECT count(*) FROM greeting"))
        .isEqualTo("2");
  }

  @ParameterizedTest
  @ValueSource(ints = {20, 65})
  void recoversFirstStartKilledAfterPercentOfItsTime(int percent) throws Exception {
    assertRecoversFirstStartKilledAfter(percent);
  }

  @Tag("long")
  @ParameterizedTest
  @ValueSource(ints = {5, 35, 50, 80, 95})
  void recoversFirstStartKilledAfterFurtherPercentages(int percent) throws Exception {
    assertRecoversFirstStartKilledAfter(percent);
  }

  private void assertRecoversFirstStartKilledAfter(int percent) throws Exception {
    // Given
    TestVolume volume = emptyVolume();
    TestServer killed = volume.pod().start().awaitLine("First start");
    Thread.sleep(firstStart.multipliedBy(percent).dividedBy(100));
    killed.signal("KILL");
    assertThat(killed.awaitEnd()).as("exit code of: %s", killed.log()).isEqualTo(137);

    // When
    TestServer server = volume.pod().start().awaitReady();

    // Then
    assertComplete(server);
  }

  @ParameterizedTest
  @ValueSource(strings = {"before sync 1", "before mv 1"})
  void startsOverIfFirstStartWasKilledBeforeTheRename(String moment) {
    // Given
    TestVolume volume = emptyVolume();
    TestServer killed = volume.pod().that("kill " + moment).start();
    assertThat(killed.awaitEnd()).as("exit code of: %s", killed.log()).isEqualTo(137);

    // When
    TestServer server = volume.pod().start().awaitReady();

    // Then
    assertThat(server.log()).contains("First start");
    assertComplete(server);
  }

  @ParameterizedTest
  @ValueSource(strings = {"after mv 1", "after mv 2"})
  void continuesIfFirstStartWasKilledAfterTheRename(String moment) {
    assertContinuesIfKilled(moment);
  }

  @Tag("long")
  @ParameterizedTest
  @ValueSource(strings = {"after sync 2", "after sync 3"})
  void continuesIfFirstStartWasKilledAfterFlush(String moment) {
    assertContinuesIfKilled(moment);
  }

  private void assertContinuesIfKilled(String moment) {
    // Given
    TestVolume volume = emptyVolume();
    TestServer killed = volume.pod().that("kill " + moment).start();
    assertThat(killed.awaitEnd()).as("exit code of: %s", killed.log()).isEqualTo(137);

    // When
    TestServer server = volume.pod().start().awaitReady();

    // Then
    assertThat(server.log()).doesNotContain("First start");
    assertComplete(server);
  }

  @Test
  void secondContainerOnTheVolumeStartsNoServerAndWritesNothing() {
    // Given
    TestVolume volume = original();
    TestServer first = volume.pod().start().awaitReady();
    first.freeze();
    String before = volume.listing();

    // When
    TestServer second = volume.pod().start();

    // Then
    assertThat(second.awaitRefusal()).startsWith("VolumeLocked: ");
    assertThat(volume.listing()).isEqualTo(before);
    first.thaw();
    assertThat(first.query("SELECT word FROM greeting")).isEqualTo("hello");
  }

  @Test
  void everyProcessOfTheServerHoldsTheLock() {
    // Given
    TestPod pod = original().pod();

    // When
    TestServer server = pod.start().awaitReady();

    // Then
    assertThat(
            server.exec(
                """
                for process in /proc/[0-9]*; do
                  if [[ $(readlink $process/exe) == */postgres ]]; then readlink $process/fd/9; fi
                done"""))
        .satisfies(
            lock -> assertThat(lock.lines()).hasSizeGreaterThan(4).containsOnly("/pgdata/lock"));
  }

  /** A change to the volume of a stopped server, a change to the pod, and the expected reason. */
  static Stream<Arguments> mismatchedVolumes() {
    UnaryOperator<TestPod> ordinary = pod -> pod;
    UnaryOperator<TestPod> knowing = pod -> pod.systemIdentifier(originalSystemIdentifier);
    String data = Docker.MAJOR;
    String renamed = "mv %1$s %2$s; echo %2$s > %2$s/PG_VERSION".formatted(data, OTHER_MAJOR);
    return Stream.of(
        arguments("mv %s %s".formatted(data, OTHER_MAJOR), knowing, "VolumeOfAnotherInstance: "),
        arguments("rm -rf $(ls -A)", knowing, "DataMissing: "),
        arguments("rm -rf " + data, ordinary, "DataMissing: "),
        arguments("rm -rf %s/*".formatted(data), ordinary, "DataMissing: "),
        arguments("true", other("another-id"), "VolumeOfAnotherInstance: "),
        arguments("rm -rf " + data, other("another-id"), "VolumeOfAnotherInstance: "),
        arguments("rm instance-id", ordinary, "VolumeOfAnotherInstance: "),
        arguments(
            "rm instance-id && echo other > instance-id.new",
            ordinary,
            "VolumeOfAnotherInstance: "),
        arguments("mv %s/* . && rm instance-id".formatted(data), ordinary, "VolumeOfAnother"),
        arguments("mv %s pgdata && rm instance-id".formatted(data), ordinary, "VolumeOfAnother"),
        arguments(renamed, knowing, "SpecDoesNotMatchData: "),
        arguments(
            "echo %s > %s/PG_VERSION".formatted(OTHER_MAJOR, data),
            ordinary,
            "SpecDoesNotMatchData: "),
        arguments(
            "true",
            (UnaryOperator<TestPod>) pod -> pod.systemIdentifier("7000000000000000001"),
            "SpecDoesNotMatchData: "),
        arguments("true", adopting("another-id", "third-id"), "VolumeOfAnotherInstance: "),
        arguments("rm -rf " + data, adopting("another-id", TestPod.INSTANCE_ID), "DataMissing: "),
        arguments("rm instance-id", adopting(TestPod.INSTANCE_ID, "73"), "VolumeOfAnotherInst"),
        arguments(
            renamed,
            (UnaryOperator<TestPod>) TestPod::acceptingAnEmptyVolume,
            "SpecDoesNotMatchData: "),
        arguments(
            "true",
            (UnaryOperator<TestPod>) pod -> pod.acceptingAnEmptyVolume().instanceId("another-id"),
            "VolumeOfAnotherInstance: "),
        arguments("rm %s/global/pg_control".formatted(data), knowing, "DataCorrupt: "),
        arguments(": > %s/global/pg_control".formatted(data), knowing, "DataCorrupt: "),
        arguments("rm %s/PG_VERSION".formatted(data), knowing, "DataCorrupt: "),
        arguments("rm -rf %s/base".formatted(data), knowing, "DataCorrupt: "));
  }

  private static UnaryOperator<TestPod> other(String id) {
    return pod -> pod.instanceId(id);
  }

  private static UnaryOperator<TestPod> adopting(String own, String adopted) {
    return pod -> pod.instanceId(own).adopting(adopted);
  }

  @ParameterizedTest(name = "{0}: {2}")
  @MethodSource("mismatchedVolumes")
  void refusesMismatchedVolumeAndDoesNotChangeIt(
      String damage, UnaryOperator<TestPod> special, String reason) {
    // Given
    TestVolume volume = remembered(original.copyAfter(damage));
    String before = volume.listing();

    // When
    TestServer server = special.apply(volume.pod()).start();

    // Then
    assertThat(server.awaitRefusal()).startsWith(reason);
    assertThat(volume.listing()).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mkdir 20261128; echo dump > 20261128/orders.sql",
        "cp -a MAJOR OTHER; echo OTHER > OTHER/PG_VERSION",
        "mkdir -m 0 secret; chown 0 secret"
      })
  void startsOwnDataWhateverLiesBesideIt(String addition) {
    assertStartsBeside(addition);
  }

  @Tag("long")
  @ParameterizedTest
  @ValueSource(
      strings = {
        "mkdir 20261128; cp MAJOR/PG_VERSION 20261128",
        "cp -a MAJOR before; cp MAJOR/PG_VERSION .",
        "echo 1 > 15; ln -s /nowhere 14; ln -s MAJOR 13",
        "mkdir $'1\n2'; cp MAJOR/PG_VERSION $'1\n2'; touch $'\nPG_VERSION\n'"
      })
  void startsOwnDataBesideFurtherFiles(String addition) {
    assertStartsBeside(addition);
  }

  private void assertStartsBeside(String addition) {
    // Given
    String shell = addition.replace("MAJOR", Docker.MAJOR).replace("OTHER", OTHER_MAJOR);
    TestVolume volume = remembered(original.copyAfter(shell));

    // When
    TestServer server = volume.pod().start().awaitReady();

    // Then
    assertThat(server.query("SELECT word FROM greeting")).isEqualTo("hello");
  }

  @Test
  void foldersWithoutDataDoNotPreventTheFirstStart() {
    // Given
    TestVolume volume = emptyVolume();
    volume.shell("mkdir 20261128; echo dump > 20261128/orders.sql; chown -R 999:999 20261128");

    // When
    TestServer server = volume.pod().start().awaitReady();

    // Then
    assertThat(server.query("SELECT 1")).isEqualTo("1");
  }

  /** What root did to the volume, and what the message names. */
  static Stream<Arguments> inaccessibleFiles() {
    String data = Docker.MAJOR;
    String root = "user 0 and group 0";
    return Stream.of(
        arguments("chown -R 0:0 " + data, data + " on the volume: it belongs to " + root),
        arguments("chown -R 0:0 .; chmod 755 .", "the root folder on the volume: it belongs to"),
        arguments("chown 0:0 lock", "lock on the volume: it belongs to " + root),
        arguments("chown 0:0 instance-id", "instance-id on the volume: it belongs to " + root),
        arguments("chown 0:0 roles.sha256", "roles.sha256 on the volume: it belongs to " + root),
        arguments("chmod 0 %s".formatted(data), data + " on the volume: it belongs to user 999"),
        arguments("chown 0:0 %s/PG_VERSION".formatted(data), data + "/PG_VERSION on the volume"),
        arguments("chown 0:0 %s/global".formatted(data), data + "/global on the volume"),
        arguments(
            "chown 0:0 %s/global/pg_control".formatted(data), data + "/global/pg_control on the"),
        arguments("chown -R 0:0 %s/pg_wal".formatted(data), data + "/pg_wal on the volume"));
  }

  @ParameterizedTest
  @MethodSource("inaccessibleFiles")
  void namesFileThatTheServerMayNotUseWithItsOwner(String damage, String file) {
    // Given
    TestVolume volume = remembered(original.copyAfter(damage));
    String before = volume.listing();

    // When
    TestServer server = volume.pod().systemIdentifier(originalSystemIdentifier).start();

    // Then
    assertThat(server.awaitRefusal())
        .startsWith("VolumeAccessDenied: The server runs as user 999, which cannot use ")
        .contains(file, "Nothing was changed. This does not mean that data is missing.");
    assertThat(volume.listing()).isEqualTo(before);
  }

  @Test
  void unreadableFolderOnNewVolumeMayContainData() {
    // Given
    TestVolume volume = emptyVolume();
    volume.shell("mkdir -m 700 pgdata");

    // When
    TestServer server = volume.pod().start();

    // Then
    assertThat(server.awaitRefusal()).startsWith("VolumeAccessDenied: ").contains("pgdata");
  }

  @Test
  void reportsReadOnlyVolume() {
    // When
    TestServer server = original().pod().readOnly().start();

    // Then
    assertThat(server.awaitRefusal()).startsWith("VolumeUnavailable: The volume is read-only");
  }

  @Test
  void refusesToStartInAPodWhoseDataHasVanished() {
    // Given
    TestVolume volume = emptyVolume();
    TestPod pod = volume.pod();
    pod.start().awaitReady().stop();
    volume.shell("rm -rf $(ls -A)");

    // When
    TestServer server = pod.start();

    // Then
    assertThat(server.awaitRefusal()).startsWith("DataMissing: ");
    assertThat(volume.shell("ls -A")).isEqualTo("lock");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "rm -rf [0-9]* instance-id roles.sha256",
        "/usr/bin/find . -path './[0-9]*' -delete"
      })
  void createsNewDatabaseOnAcceptedEmptyVolume(String damage) {
    // Given
    TestVolume volume = remembered(original.copyAfter(damage));
    TestPod pod = volume.pod().systemIdentifier(originalSystemIdentifier).acceptingAnEmptyVolume();

    // When
    TestServer server = pod.start().awaitReady();

    // Then
    assertComplete(server);
    assertThat(systemIdentifier(server)).isNotEqualTo(originalSystemIdentifier);
    assertThat(volume.shell("ls")).doesNotContain("instance-id.new");
  }

  @Test
  void acceptsAnEmptyVolumeOnlyOnceInAPod() {
    // Given
    TestVolume volume = remembered(original.copyAfter("rm -rf $(ls -A)"));
    TestPod pod = volume.pod().systemIdentifier(originalSystemIdentifier).acceptingAnEmptyVolume();
    pod.start().awaitReady().stop();
    volume.shell("rm -rf $(ls -A)");

    // When
    TestServer server = pod.start();

    // Then
    assertThat(server.awaitRefusal()).startsWith("DataMissing: ");
    assertThat(volume.shell("ls -A")).isEqualTo("lock");
  }

  @Test
  void nextPodContinuesWithDataOnAcceptedVolume() {
    // Given: the operator has not recorded the new data yet
    TestVolume volume = remembered(original.copyAfter("rm -rf [0-9]* instance-id roles.sha256"));
    TestPod first = volume.pod().systemIdentifier(originalSystemIdentifier);
    first.acceptingAnEmptyVolume().start().awaitReady().stop();
    TestPod second = volume.pod().systemIdentifier(originalSystemIdentifier);

    // When
    TestServer server = second.acceptingAnEmptyVolume().start().awaitReady();

    // Then
    assertThat(server.log()).doesNotContain("First start");
    assertComplete(server);
  }

  /** What a restore has left on the volume when it was killed. */
  static Stream<Arguments> partsOfRestore() {
    String staging = "mv %1$s %1$s.restore; rm instance-id roles.sha256; ".formatted(Docker.MAJOR);
    String ours = "echo %s > restoring; chown 999:999 restoring".formatted(TestPod.INSTANCE_ID);
    String almost =
        "; echo '{}' > restored.json; echo %s > instance-id.new; chown 999:999 restored.json instance-id.new"
            .formatted(TestPod.INSTANCE_ID);
    return Stream.of(
        arguments("nothing", "rm -rf [0-9]* instance-id roles.sha256"),
        arguments("files", staging + ours),
        arguments("all but the name", staging + ours + almost));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("partsOfRestore")
  void orderedRestoreIsNeverReplacedByAnEmptyDatabase(String what, String left) {
    // Given
    TestVolume volume = remembered(original.copyAfter(left));
    String before = volume.listing();

    // When
    TestServer server = volume.pod().restored().start();

    // Then
    assertThat(server.awaitRefusal())
        .isEqualTo(
            "DataMissing: This instance is created from a backup, but the volume contains no data. No empty database was created in its place, and nothing was changed.");
    assertThat(volume.listing()).isEqualTo(before);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("partsOfRestore")
  void partOfRestoreDoesNotPassForData(String what, String left) {
    // Given
    TestVolume volume = remembered(original.copyAfter(left));

    // When: another instance of the same name, without a source
    TestServer server = volume.pod().start().awaitReady();

    // Then
    assertComplete(server);
    assertThat(server.query("SELECT to_regclass('greeting') IS NULL")).isEqualTo("t");
    assertThat(systemIdentifier(server)).isNotEqualTo(originalSystemIdentifier);
    assertThat(volume.shell("ls")).doesNotContain("restor");
  }

  @Test
  void incompleteRestoreOfAnotherInstanceStays() {
    // Given
    TestVolume volume =
        remembered(
            original.copyAfter(
                "mv %1$s %1$s.restore; rm instance-id; echo other > restoring; chown 999:999 restoring"
                    .formatted(Docker.MAJOR)));
    String before = volume.listing();

    // When
    TestServer server = volume.pod().start();

    // Then
    assertThat(server.awaitRefusal())
        .startsWith("VolumeOfAnotherInstance: The volume contains an incomplete restore");
    assertThat(volume.listing()).isEqualTo(before);
  }

  /** The restore was killed after it gave the data its name: the data is complete. */
  @ParameterizedTest
  @ValueSource(strings = {"mv instance-id instance-id.new", "true"})
  void startsWithRestoredDataAndPasswordsOfThisInstance(String last) {
    // Given: data of an instance with other passwords
    TestVolume volume =
        remembered(original.copyAfter(last + "; rm roles.sha256; echo '{}' > restored.json"));
    TestPod pod = volume.pod().restored().roles(TestPod.rolesWith("new secret"));

    // When
    TestServer server = pod.start().awaitReady();

    // Then
    assertThat(systemIdentifier(server)).isEqualTo(originalSystemIdentifier);
    assertThat(server.query("app", "new secret", "app", "SELECT word FROM greeting"))
        .isEqualTo("hello");
    assertThat(server.query("app", TestPod.APP_PASSWORD, "app", "SELECT 1"))
        .contains("authentication failed");
    assertThat(volume.shell("cat instance-id")).isEqualTo(TestPod.INSTANCE_ID);
  }

  @Test
  void acceptedEmptyVolumeNeedsNoRestore() {
    // Given
    TestVolume volume = emptyVolume();

    // When
    TestServer server = volume.pod().restored().acceptingAnEmptyVolume().start().awaitReady();

    // Then
    assertComplete(server);
  }

  @Test
  void keepsExistingDataIfAnEmptyVolumeIsAccepted() {
    // Given
    TestPod pod = original().pod().systemIdentifier(originalSystemIdentifier);

    // When
    TestServer server = pod.acceptingAnEmptyVolume().start().awaitReady();

    // Then
    assertThat(server.query("SELECT word FROM greeting")).isEqualTo("hello");
  }

  @Test
  void adoptsVolumeOfAnotherInstanceByItsId() {
    // Given: this instance also had other data before
    TestVolume volume = original();
    TestPod pod = volume.pod().instanceId("new-id").systemIdentifier("7000000000000000001");
    pod.adopting(TestPod.INSTANCE_ID).start().awaitReady().stop();
    assertThat(volume.shell("cat instance-id")).isEqualTo("new-id");

    // When: the same pod restarts, and the next pod starts before the operator records the data
    pod.start().awaitReady().stop();
    TestPod next = volume.pod().instanceId("new-id").systemIdentifier("7000000000000000001");
    TestServer server = next.adopting(TestPod.INSTANCE_ID).start().awaitReady();

    // Then
    assertThat(server.query("SELECT word FROM greeting")).isEqualTo("hello");
    assertThat(systemIdentifier(server)).isEqualTo(originalSystemIdentifier);
  }

  @Test
  void adoptsDataWithoutOwnerByItsSystemIdentifier() {
    // Given
    TestVolume volume = remembered(original.copyAfter("rm instance-id"));

    // When
    TestServer server = volume.pod().adopting(originalSystemIdentifier).start().awaitReady();

    // Then
    assertThat(server.query("SELECT word FROM greeting")).isEqualTo("hello");
    assertComplete(server);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          other    | SELECT 1;
          postgres | DROP DATABASE postgres;
          """)
  void adoptsDataOfAnySuperuserAndWithoutDatabasesOfThisOperator(
      String superuser, String statements) {
    assertAdopts(superuser, statements);
  }

  @Tag("long")
  @ParameterizedTest
  @ValueSource(
      strings = {
        "ALTER DATABASE template1 IS_TEMPLATE false;\n\nDROP DATABASE template1;",
        "DROP EXTENSION plpgsql;"
      })
  void adoptsDataWithoutTemplateOrLanguage(String statements) {
    assertAdopts("postgres", statements);
  }

  @Tag("long")
  @Test
  void adoptedDataKeepsItsOtherSuperusers() {
    // When
    TestServer server = assertAdopts("postgres", "CREATE ROLE second SUPERUSER;");

    // Then
    assertThat(server.superuserQuery("SELECT rolsuper FROM pg_roles WHERE rolname = 'second'"))
        .isEqualTo("t");
  }

  private TestServer assertAdopts(String superuser, String statements) {
    // Given: data of another server
    TestVolume volume = emptyVolume();
    createForeignData(volume, superuser, statements);
    String identifier = foreignIdentifier(volume);
    assertThat(volume.pod().start().awaitRefusal())
        .startsWith("VolumeOfAnotherInstance: ")
        .endsWith("postgresinstance.dev/adopt: " + identifier);

    // When
    TestServer server = volume.pod().adopting(identifier).start().awaitReady();

    // Then
    assertThat(server.superuserQuery("SHOW is_superuser")).isEqualTo("on");
    assertThat(server.query("app", TestPod.APP_PASSWORD, "postgres", "SELECT 1"))
        .contains("permission denied");
    assertThat(volume.shell("cat instance-id")).isEqualTo(TestPod.INSTANCE_ID);
    return server;
  }

  /** What prevents an adoption, and what the message names. */
  static Stream<Arguments> obstacles() {
    String data = Docker.MAJOR;
    return Stream.of(
        arguments("touch %s/standby.signal".formatted(data), "standby.signal"),
        arguments("touch %s/recovery.signal".formatted(data), "recovery.signal"),
        arguments("ln -s /elsewhere/ts %s/pg_tblspc/16999".formatted(data), "/elsewhere/ts"));
  }

  @ParameterizedTest
  @MethodSource("obstacles")
  void neitherOffersNorPerformsAdoptionOfUnusableData(String damage, String obstacle) {
    // Given
    TestVolume volume = remembered(original.copyAfter("rm instance-id; " + damage));
    String before = volume.listing();

    // Then
    assertThat(volume.pod().start().awaitRefusal())
        .startsWith("VolumeOfAnotherInstance: ")
        .contains("It cannot be adopted: ", obstacle)
        .doesNotContain("postgresinstance.dev/adopt");
    assertThat(volume.pod().adopting(originalSystemIdentifier).start().awaitRefusal())
        .startsWith("VolumeOfAnotherInstance: The data on the volume cannot be adopted: ")
        .contains(obstacle);
    assertThat(volume.listing()).isEqualTo(before);
  }

  @Test
  void doesNotClaimAdoptedDataThatPostgresRejects() {
    // Given: a locale that the image does not have
    TestVolume volume = emptyVolume();
    createForeignData(
        volume, "postgres", "UPDATE pg_database SET datcollate = 'xx_YY', datctype = 'xx_YY';");
    TestPod pod = volume.pod().adopting(foreignIdentifier(volume));

    // When
    TestServer server = pod.start();

    // Then
    assertThat(server.awaitRefusal())
        .startsWith("VolumeOfAnotherInstance: The data on the volume cannot be adopted, and")
        .contains("locale");
    assertThat(volume.shell("ls")).doesNotContain("instance-id", "reserve");
  }

  @Test
  void setsRolesOfAdoptedDataAlthoughTheFingerprintIsTheSame() {
    // Given: other data under the fingerprint of this instance's roles
    TestVolume volume = original();
    TestServer before = volume.pod().start().awaitReady();
    before.superuserQuery("ALTER ROLE app PASSWORD 'other'");
    before.stop();
    TestPod pod = volume.pod().systemIdentifier("7000000000000000001");

    // When
    TestServer server = pod.adopting(originalSystemIdentifier).start().awaitReady();

    // Then
    assertThat(server.query("SELECT word FROM greeting")).isEqualTo("hello");
  }

  @Test
  void adoptsOtherDataThanBeforeByItsSystemIdentifier() {
    // Given
    TestPod pod = original().pod().systemIdentifier("7000000000000000001");

    // When
    TestServer server = pod.adopting(originalSystemIdentifier).start().awaitReady();

    // Then
    assertThat(server.query("SELECT word FROM greeting")).isEqualTo("hello");
  }

  @Test
  void acceptsDataKnownToTheOperatorWithoutIdentityFile() {
    // Given
    TestVolume volume = remembered(original.copyAfter("rm instance-id"));
    TestPod pod = volume.pod().systemIdentifier(originalSystemIdentifier);

    // When
    TestServer server = pod.start().awaitReady();

    // Then
    assertThat(server.query("SELECT word FROM greeting")).isEqualTo("hello");
    assertComplete(server);
  }

  @Test
  void removesGroupPermissionsFromTheDataDirectory() {
    // Given
    TestVolume volume = remembered(original.copyAfter("chmod -R g+rwX,g+s " + Docker.MAJOR));

    // When
    TestServer server = volume.pod().start().awaitReady();

    // Then
    assertThat(server.exec("stat -c %A /pgdata/" + Docker.MAJOR)).matches("drwx--[-S]---");
  }

  @Test
  void refusesImageOfAnotherMajorVersionBeforeWriting() {
    // Given
    TestVolume volume = emptyVolume();
    TestPod pod = volume.pod().major(OTHER_MAJOR);

    // When
    TestServer server = pod.start();

    // Then
    assertThat(server.awaitRefusal())
        .startsWith("ImageDoesNotFit: ")
        .contains("(PostgreSQL) " + Docker.MAJOR, "spec.version is " + OTHER_MAJOR);
    assertThat(volume.shell("ls -A")).isEqualTo("lost+found");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ALTER ROLE nobody PASSWORD 'VERIFIER';",
        "ALTER ROLE app PASSWORD 'VERIFIER;",
        "ALTER ROLE app PASSWORD VERIFIER;"
      })
  void firstStartFailsOnBrokenRolesWithoutLoggingAVerifier(String statement) {
    // Given
    TestVolume volume = emptyVolume();
    String verifier = TestPod.verifier("secret");
    TestPod pod = volume.pod();
    pod.roles(statement.replace("VERIFIER", verifier) + "\n\n-- database\nSELECT 1;\n\n");

    // When
    TestServer server = pod.start();

    // Then
    assertThat(server.awaitRefusal()).startsWith("InitializationFailed: ");
    assertThat(server.log())
        .doesNotContain(verifier)
        .doesNotContain(verifier.substring(verifier.indexOf(':')));
    assertThat(volume.shell("ls -A").lines()).containsExactlyInAnyOrder("lock", "lost+found");
  }

  @Test
  void brokenRolesDoNotDamageExistingData() {
    // Given
    TestVolume volume = original();
    TestPod pod = volume.pod().roles("ALTER ROLE nobody LOGIN;\n\n-- database\n");
    TestServer refused = pod.start();
    assertThat(refused.awaitRefusal())
        .isEqualTo(
            "Crashing: PostgreSQL could not set the roles: FATAL: role \"nobody\" does not exist");
    pod.roles(TestPod.rolesWith("second secret"));

    // When
    TestServer server = pod.start().awaitReady();

    // Then
    assertThat(server.query("app", "second secret", "app", "SELECT word FROM greeting"))
        .isEqualTo("hello");
  }

  @Test
  void reportsErrorOfInitdbAndAllowsAnotherAttempt() {
    // Given
    TestVolume volume = emptyVolume();
    TestServer refused = volume.pod().initdb("--locale-provider=libc", "--locale=xx_YY").start();
    assertThat(refused.awaitRefusal())
        .startsWith("InitializationFailed: ")
        .contains("invalid locale name \"xx_YY\"");

    // When
    TestServer server = volume.pod().start().awaitReady();

    // Then
    assertComplete(server);
  }

  @ParameterizedTest
  @ValueSource(strings = {"12m", "42m"})
  void reportsVolumeTooSmallForTheFirstStart(String size) {
    // Given
    TestPod pod = emptyVolume().pod().room(size);

    // When
    TestServer server = pod.start();

    // Then
    assertThat(server.awaitRefusal()).startsWith("DiskFull: ").contains("No space left on device");
  }

  @Test
  void startsAlthoughAnotherProcessHasTheIdOfAKilledServer() {
    // Given
    String bystander = workbench.exec("setpriv --reuid 999 sleep 600 > /dev/null 2>&1 & echo $!");
    TestPod pod = original().pod();
    TestServer killed = pod.start().awaitReady();
    killed.exec(
        "sed -i 1s/.*/%s/ /pgdata/%s/postmaster.pid /var/run/postgresql/.s.PGSQL.5432.lock"
            .formatted(bystander, Docker.MAJOR));
    killed.signal("KILL").awaitEnd();

    // When
    TestServer server = pod.sharingProcessesOf(workbench.container()).start().awaitReady();

    // Then
    assertThat(server.query("SELECT word FROM greeting")).isEqualTo("hello");
  }

  @Test
  void openSessionDoesNotDelayTheShutdown() throws Exception {
    // Given
    TestServer server = original().pod().start().awaitReady();
    Thread session =
        Thread.ofVirtual().start(() -> server.query("SELECT 'open' FROM pg_sleep(600)"));
    await()
        .until(
            () ->
                server.superuserQuery(
                    "SELECT count(*) FROM pg_stat_activity WHERE usename = 'app'"),
            "1"::equals);

    // When
    server.stop();

    // Then
    assertThat(server.log()).contains("database system is shut down");
    assertThat(session.join(Duration.ofSeconds(60))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"INT", "TERM"})
  void signalStopsTheFirstStartPromptly(String signal) {
    // Given
    TestVolume volume = emptyVolume();
    TestServer server = volume.pod().withoutInit().that("hang before sync 1").start();
    server.awaitLine("hanging");

    // When
    server.signal(signal);

    // Then
    assertThat(server.awaitEnd()).isEqualTo(signal.equals("INT") ? 130 : 143);
    assertComplete(volume.pod().start().awaitReady());
  }

  @Test
  void recoversFirstStartStoppedDuringInitdb() {
    // Given
    TestVolume volume = emptyVolume();
    TestServer ended = volume.pod().start();
    volume.shell("timeout 60 sh -c 'until ls -d *.new/global 2>/dev/null; do sleep 0.01; done'");
    assertThat(ended.signal("TERM").awaitEnd()).isEqualTo(143);

    // When
    TestServer server = volume.pod().start().awaitReady();

    // Then
    assertComplete(server);
  }

  @Test
  void signalStopsTheWaitForTheLockPromptly() {
    // Given
    TestVolume volume = original();
    volume.pod().start().awaitReady();
    TestServer waiting = volume.pod().start().awaitLine("Waiting for that container to end");

    // When
    waiting.signal("INT");

    // Then
    assertThat(waiting.awaitEnd()).isEqualTo(130);
    assertThat(waiting.terminationMessage()).isEmpty();
  }

  /** For a server that logs nothing. */
  private static void awaitLogins(TestServer server) {
    await()
        .atMost(TestServer.PATIENCE)
        .untilAsserted(() -> assertThat(server.exec("pg_isready -q; echo $?")).isEqualTo("0"));
  }

  /** Creates data that no start script has seen, and changes it in single-user mode. */
  private static void createForeignData(TestVolume volume, String superuser, String statements) {
    volume.shell(
        """
        chown 999:999 .
        setpriv --reuid 999 --regid 999 --clear-groups /bin/bash -ec '
        export PATH=%1$s LC_ALL=C
        initdb -D %2$s -U %3$s -A trust --no-sync --no-instructions >/dev/null
        echo "ssl = on" >>%2$s/postgresql.auto.conf'
        cat >/tmp/$$.sql <<'EOF'
        %4$s

        EOF
        chmod a+r /tmp/$$.sql
        setpriv --reuid 999 --regid 999 --clear-groups env PATH=%1$s LC_ALL=C \
        postgres --single -j -D %2$s -c ssl=off -c allow_system_table_mods=on \
        -c exit_on_error=on template0 </tmp/$$.sql >/dev/null
        rm /tmp/$$.sql
        """
            .formatted(Docker.PATH, Docker.MAJOR, superuser, statements));
  }

  private static String foreignIdentifier(TestVolume volume) {
    return volume.shell(
        "%s/pg_controldata -D %s | sed -n 's/^Database system identifier: *//p'"
            .formatted(Docker.PATH.substring(0, Docker.PATH.indexOf(':')), Docker.MAJOR));
  }

  private TestVolume emptyVolume() {
    return remembered(workbench.emptyVolume());
  }

  private static String broken() {
    return TestPod.configurationWith(Map.of("shared_preload_libraries", "nope"));
  }

  private static String silentlyFailing() {
    Map<String, String> parameters = new TreeMap<>(SILENT);
    parameters.put("huge_pages", "on");
    return TestPod.configurationWith(parameters);
  }

  private static String better() {
    return TestPod.configurationWith(Map.of("work_mem", "8MB"));
  }

  private static String hash(String configuration) {
    return new Configuration(configuration).hash();
  }

  private TestVolume original() {
    return remembered(original.copyAfter("true"));
  }

  private TestVolume remembered(TestVolume volume) {
    volumes.add(volume);
    return volume;
  }

  private static void crashAfter(TestPod pod, String sql) {
    TestServer server = pod.start().awaitReady();
    server.query(sql);
    server.signal("KILL").awaitEnd();
  }

  /** Asserts that the database works, and that the volume contains exactly the expected files. */
  private static void assertComplete(TestServer server) {
    assertThat(server.query("CREATE TABLE whole (); SELECT current_user")).isEqualTo("app");
    assertThat(server.exec("cd /pgdata && ls -A --ignore='reserve.?' && cat instance-id").lines())
        .containsExactlyInAnyOrder(
            Docker.MAJOR, "instance-id", "lock", "lost+found", "roles.sha256", TestPod.INSTANCE_ID);
  }

  private static String systemIdentifier(TestServer server) {
    return server.superuserQuery("SELECT system_identifier FROM pg_control_system()");
  }
}
