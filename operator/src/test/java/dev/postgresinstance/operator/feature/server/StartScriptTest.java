package dev.postgresinstance.operator.feature.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.postgresinstance.operator.feature.configuration.Configuration;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The start script in containers of the real image, under the restrictions of the pod. Needs docker
 * and nothing else.
 */
@Execution(ExecutionMode.CONCURRENT)
class StartScriptTest {

  private static final String OTHER_MAJOR = Docker.MAJOR.equals("16") ? "15" : "16";
  private static final Duration AT_ONCE = Duration.ofSeconds(3);

  /** Data with a row in it, whose server was stopped. Tests take copies. */
  private static TestVolume original;

  private static Workbench workbench;

  private static String originalSystemIdentifier;
  private static Duration firstStart;

  private final List<TestVolume> volumes = new ArrayList<>();

  @BeforeAll
  static void makeData() {
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
  void firstStartMakesTheRoleAndItsDatabase() {
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
  void configurationWithWhichNoServerComesUpIsTriedOnceInAPod() {
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
  void configurationWithWhichAServerWasKilledIsTriedOnceMore() {
    // Given
    TestPod pod = original().pod().configuration(better(), TestPod.working());
    TestServer first = pod.start().awaitReady();
    first.signal("KILL").awaitEnd();

    // When
    TestServer second = pod.start().awaitReady();

    // Then
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
  void configurationThatWorkedIsTheOneOfTheNextStartToo() {
    // Given
    TestPod pod = original().pod().configuration(better(), TestPod.working());
    pod.start().awaitReady().stop();

    // When: it was not proven yet, and its server was stopped, not refused, but that is not known
    TestServer again = original().pod().configuration(better(), TestPod.working()).start();

    // Then: another pod tries it
    again.awaitReady();
    assertThat(again.superuserQuery("SHOW work_mem")).isEqualTo("8MB");
    assertThat(again.superuserQuery("SHOW postgres_instance.started"))
        .isEqualTo("a.conf %s -".formatted(hash(better())));
  }

  @Test
  void firstStartWithABadConfigurationIsMadeWithoutIt() {
    // Given
    TestPod pod = emptyVolume().pod().configuration(broken(), TestPod.working());
    pod.start().awaitEnd();

    // When
    TestServer second = pod.start().awaitReady();

    // Then
    assertThat(second.query("SELECT 1")).isEqualTo("1");
  }

  @Test
  void whatWasSetByAlterSystemIsSetAside() {
    // Given
    TestVolume volume = original();
    TestServer before = volume.pod().start().awaitReady();
    before.exec("echo \"work_mem = '9MB'\" >> /pgdata/" + Docker.MAJOR + "/postgresql.auto.conf");
    before.stop();

    // When
    TestServer after = volume.pod().start().awaitReady();

    // Then
    assertThat(after.superuserQuery("SHOW work_mem")).isEqualTo("4MB");
    assertThat(after.log()).contains("set aside");
    assertThat(after.exec("cat /pgdata/" + Docker.MAJOR + "/postgresql.auto.conf.set-aside"))
        .contains("work_mem = '9MB'");
  }

  @Test
  void fullVolumeGetsBackAPartOfItsReserveAtEachStart() {
    // Given
    TestVolume volume = original();
    volume.pod().available(900_000_000).start().awaitReady().stop();
    assertThat(volume.shell("ls -A").lines()).contains("reserve.1", "reserve.4");
    TestPod full = volume.pod().available(1_000_000);

    // When
    TestServer server = full.start().awaitReady();

    // Then
    assertThat(server.log()).contains("a part of its reserve is given back");
    assertThat(volume.shell("ls -A").lines()).doesNotContain("reserve.1").contains("reserve.2");
  }

  @Test
  void statisticsOfStatementsArePreloadedWhereTheImageHasThem() {
    // When
    TestServer server = original().pod().start().awaitReady();

    // Then
    assertThat(server.superuserQuery("SHOW shared_preload_libraries"))
        .isEqualTo("pg_stat_statements");
  }

  @Test
  void theServerIsOursInEverythingAndTheImagesEnvironmentDecidesNothing() {
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
  void aRestartKeepsTheDataAndAppliesChangedRoles() {
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
  void afterACrashTheServerItselfRecoversWhereItCanBeSeen() {
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
  void afterACrashChangedRolesAreAppliedAndNothingIsLost() {
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
  @ValueSource(ints = {5, 20, 35, 50, 65, 80})
  void aFirstStartKilledAfterThisPartOfItsTimeIsRecovered(int percent) throws Exception {
    // Given
    TestVolume volume = emptyVolume();
    TestServer killed = volume.pod().start().awaitLine("First start");
    Thread.sleep(firstStart.multipliedBy(percent).dividedBy(100));
    killed.signal("KILL");
    assertThat(killed.awaitEnd()).as("exit code of: %s", killed.log()).isEqualTo(137);

    // When
    TestServer server = volume.pod().start().awaitReady();

    // Then
    assertWhole(server);
  }

  @ParameterizedTest
  @ValueSource(strings = {"before sync 1", "before mv 1"})
  void aFirstStartKilledBeforeTheDataIsInItsPlaceBeginsAnew(String moment) {
    // Given
    TestVolume volume = emptyVolume();
    TestServer killed = volume.pod().that("kill " + moment).start();
    assertThat(killed.awaitEnd()).as("exit code of: %s", killed.log()).isEqualTo(137);

    // When
    TestServer server = volume.pod().start().awaitReady();

    // Then
    assertThat(server.log()).contains("First start");
    assertWhole(server);
  }

  @ParameterizedTest
  @ValueSource(strings = {"after mv 1", "after sync 2", "after mv 2", "after sync 3"})
  void aFirstStartKilledAfterTheDataIsInItsPlaceGoesOnWithIt(String moment) {
    // Given
    TestVolume volume = emptyVolume();
    TestServer killed = volume.pod().that("kill " + moment).start();
    assertThat(killed.awaitEnd()).as("exit code of: %s", killed.log()).isEqualTo(137);

    // When
    TestServer server = volume.pod().start().awaitReady();

    // Then
    assertThat(server.log()).doesNotContain("First start");
    assertWhole(server);
  }

  @Test
  void aSecondContainerOnTheVolumeStartsNoServerAndWritesNothing() {
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

  /** What was done to the volume of a stopped server, what is special about the pod, the reason. */
  static Stream<Arguments> volumesThatAreRefused() {
    UnaryOperator<TestPod> ordinary = pod -> pod;
    UnaryOperator<TestPod> knowing = pod -> pod.systemIdentifier(originalSystemIdentifier);
    String data = Docker.MAJOR;
    return Stream.of(
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
        arguments("mv %s %s".formatted(data, OTHER_MAJOR), knowing, "SpecDoesNotMatchData: "),
        arguments("cp -a %s %s".formatted(data, OTHER_MAJOR), knowing, "SpecDoesNotMatchData: "),
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
            "mv %s %s".formatted(data, OTHER_MAJOR),
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
  @MethodSource("volumesThatAreRefused")
  void aVolumeThatDoesNotFitIsRefusedAndNotTouched(
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

  @Test
  void dataThatVanishesUnderAPodIsNotMadeAnewByThatPod() {
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
  void anEmptyVolumeThatWasAcceptedGetsANewDatabase(String damage) {
    // Given
    TestVolume volume = remembered(original.copyAfter(damage));
    TestPod pod = volume.pod().systemIdentifier(originalSystemIdentifier).acceptingAnEmptyVolume();

    // When
    TestServer server = pod.start().awaitReady();

    // Then
    assertWhole(server);
    assertThat(systemIdentifier(server)).isNotEqualTo(originalSystemIdentifier);
    assertThat(volume.shell("ls")).doesNotContain("instance-id.new");
  }

  @Test
  void whatWasAcceptedOnceIsNotAcceptedAgainByThatPod() {
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
  void anotherPodGoesOnWithWhatWasMadeOnAnAcceptedVolume() {
    // Given: the operator has not recorded the new data yet
    TestVolume volume = remembered(original.copyAfter("rm -rf [0-9]* instance-id roles.sha256"));
    TestPod first = volume.pod().systemIdentifier(originalSystemIdentifier);
    first.acceptingAnEmptyVolume().start().awaitReady().stop();
    TestPod second = volume.pod().systemIdentifier(originalSystemIdentifier);

    // When
    TestServer server = second.acceptingAnEmptyVolume().start().awaitReady();

    // Then
    assertThat(server.log()).doesNotContain("First start");
    assertWhole(server);
  }

  @Test
  void whoAcceptsAnEmptyVolumeKeepsDataThatIsThere() {
    // Given
    TestPod pod = original().pod().systemIdentifier(originalSystemIdentifier);

    // When
    TestServer server = pod.acceptingAnEmptyVolume().start().awaitReady();

    // Then
    assertThat(server.query("SELECT word FROM greeting")).isEqualTo("hello");
  }

  @Test
  void theVolumeOfAnotherInstanceBecomesThisOnesWhereItIsAdopted() {
    // Given: this instance has had other data, too
    TestVolume volume = original();
    TestPod pod = volume.pod().instanceId("new-id").systemIdentifier("7000000000000000001");
    pod.adopting(TestPod.INSTANCE_ID).start().awaitReady().stop();
    assertThat(volume.shell("cat instance-id")).isEqualTo("new-id");

    // When: the same pod, and another one before the operator has recorded the data
    pod.start().awaitReady().stop();
    TestPod next = volume.pod().instanceId("new-id").systemIdentifier("7000000000000000001");
    TestServer server = next.adopting(TestPod.INSTANCE_ID).start().awaitReady();

    // Then
    assertThat(server.query("SELECT word FROM greeting")).isEqualTo("hello");
    assertThat(systemIdentifier(server)).isEqualTo(originalSystemIdentifier);
  }

  @Test
  void dataOfNobodyIsAdoptedByItsSystemIdentifier() {
    // Given
    TestVolume volume = remembered(original.copyAfter("rm instance-id"));

    // When
    TestServer server = volume.pod().adopting(originalSystemIdentifier).start().awaitReady();

    // Then
    assertThat(server.query("SELECT word FROM greeting")).isEqualTo("hello");
    assertWhole(server);
  }

  @Test
  void otherDataThanBeforeIsAdoptedByItsSystemIdentifier() {
    // Given
    TestPod pod = original().pod().systemIdentifier("7000000000000000001");

    // When
    TestServer server = pod.adopting(originalSystemIdentifier).start().awaitReady();

    // Then
    assertThat(server.query("SELECT word FROM greeting")).isEqualTo("hello");
  }

  @Test
  void dataThatTheOperatorKnowsIsTakenUpWithoutItsIdentityFile() {
    // Given
    TestVolume volume = remembered(original.copyAfter("rm instance-id"));
    TestPod pod = volume.pod().systemIdentifier(originalSystemIdentifier);

    // When
    TestServer server = pod.start().awaitReady();

    // Then
    assertThat(server.query("SELECT word FROM greeting")).isEqualTo("hello");
    assertWhole(server);
  }

  @Test
  void aDataDirectoryOpenedToItsGroupIsClosedAgain() {
    // Given
    TestVolume volume = remembered(original.copyAfter("chmod -R g+rwX,g+s " + Docker.MAJOR));

    // When
    TestServer server = volume.pod().start().awaitReady();

    // Then
    assertThat(server.exec("stat -c %A /pgdata/" + Docker.MAJOR)).matches("drwx--[-S]---");
  }

  @Test
  void anImageOfAnotherMajorVersionIsRefusedBeforeAnythingIsWritten() {
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
  void brokenRolesEndTheFirstStartWithoutShowingAVerifier(String statement) {
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
  void brokenRolesDoNotHarmDataThatIsThere() {
    // Given
    TestVolume volume = original();
    TestPod pod = volume.pod().roles("ALTER ROLE nobody LOGIN;\n\n-- database\n");
    TestServer refused = pod.start();
    assertThat(refused.awaitRefusal())
        .isEqualTo(
            "Crashing: Postgres could not set the roles: FATAL: role \"nobody\" does not exist");
    pod.roles(TestPod.rolesWith("second secret"));

    // When
    TestServer server = pod.start().awaitReady();

    // Then
    assertThat(server.query("app", "second secret", "app", "SELECT word FROM greeting"))
        .isEqualTo("hello");
  }

  @Test
  void whatInitdbRefusesIsSaidInItsWordsAndLeavesRoomForAnotherTry() {
    // Given
    TestVolume volume = emptyVolume();
    TestServer refused = volume.pod().initdb("--locale-provider=libc", "--locale=xx_YY").start();
    assertThat(refused.awaitRefusal())
        .startsWith("InitializationFailed: ")
        .contains("invalid locale name \"xx_YY\"");

    // When
    TestServer server = volume.pod().start().awaitReady();

    // Then
    assertWhole(server);
  }

  @ParameterizedTest
  @ValueSource(strings = {"12m", "42m"})
  void aVolumeTooSmallForTheFirstStartIsSaid(String size) {
    // Given
    TestPod pod = emptyVolume().pod().room(size);

    // When
    TestServer server = pod.start();

    // Then
    assertThat(server.awaitRefusal()).startsWith("DiskFull: ").contains("No space left on device");
  }

  @Test
  void aProcessThatGotTheNumberOfAKilledServerKeepsNothingFromStarting() {
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
  void anOpenSessionDoesNotDelayTheStop() {
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
    long begin = System.nanoTime();
    server.stop();

    // Then
    assertThat(since(begin)).isLessThan(Duration.ofSeconds(5));
    assertThat(server.log()).contains("database system is shut down");
    assertThat(session.isDaemon()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"INT", "TERM"})
  void aSignalEndsTheFirstStartAtOnceWhateverItIsDoing(String signal) {
    // Given
    TestVolume volume = emptyVolume();
    TestServer server = volume.pod().withoutInit().that("hang before sync 1").start();
    server.awaitLine("hanging");

    // When
    long begin = System.nanoTime();
    server.signal(signal);

    // Then
    assertThat(server.awaitEnd()).isEqualTo(signal.equals("INT") ? 130 : 143);
    assertThat(since(begin)).isLessThan(AT_ONCE);
    assertWhole(volume.pod().start().awaitReady());
  }

  @Test
  void aFirstStartEndedDuringInitdbIsRecovered() throws Exception {
    // Given
    TestVolume volume = emptyVolume();
    TestServer ended = volume.pod().start().awaitLine("First start");
    Thread.sleep(firstStart.dividedBy(4));
    long begin = System.nanoTime();
    assertThat(ended.signal("TERM").awaitEnd()).isEqualTo(143);
    assertThat(since(begin)).isLessThan(AT_ONCE);

    // When
    TestServer server = volume.pod().start().awaitReady();

    // Then
    assertWhole(server);
  }

  @Test
  void aSignalEndsTheWaitForTheLockAtOnce() {
    // Given
    TestVolume volume = original();
    volume.pod().start().awaitReady();
    TestServer waiting = volume.pod().start().awaitLine("waits for it to end");

    // When
    long begin = System.nanoTime();
    waiting.signal("INT");

    // Then
    assertThat(waiting.awaitEnd()).isEqualTo(130);
    assertThat(since(begin)).isLessThan(AT_ONCE);
    assertThat(waiting.terminationMessage()).isEmpty();
  }

  private TestVolume emptyVolume() {
    return remembered(workbench.emptyVolume());
  }

  private static String broken() {
    return TestPod.configurationWith(Map.of("shared_preload_libraries", "nope"));
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

  /** A working database, and on the volume all that belongs there and nothing else. */
  private static void assertWhole(TestServer server) {
    assertThat(server.query("CREATE TABLE whole (); SELECT current_user")).isEqualTo("app");
    assertThat(server.exec("cd /pgdata && ls -A --ignore='reserve.?' && cat instance-id").lines())
        .containsExactlyInAnyOrder(
            Docker.MAJOR, "instance-id", "lock", "lost+found", "roles.sha256", TestPod.INSTANCE_ID);
  }

  private static String systemIdentifier(TestServer server) {
    return server.superuserQuery("SELECT system_identifier FROM pg_control_system()");
  }

  private static Duration since(long nanoTime) {
    return Duration.ofNanos(System.nanoTime() - nanoTime);
  }
}
