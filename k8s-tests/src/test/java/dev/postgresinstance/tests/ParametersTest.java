package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Consistently;
import dev.postgresinstance.tests.support.CoversReasons;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import io.fabric8.kubernetes.api.model.Pod;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ParametersTest {

  private static final String RESTART = "postgresinstance.dev/restart";

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  @Test
  void reloadableParameterTakesEffectInSamePod() throws SQLException {
    // Given
    Instance orders = given.instance("orders").running();
    Pod before = orders.pod();
    try (Client session = Client.connect(orders)) {

      // When
      orders.change(spec -> spec.parameter("log_min_duration_statement", "250ms"));

      // Then
      assertInEffect(orders, "log_min_duration_statement", "250ms");
      Eventually.instance(orders).isReady();
      assertThat(session.read("SHOW log_min_duration_statement")).isEqualTo("250ms");
      orders.assertHas(before);
    }
  }

  @Test
  void namesOfParametersAreTakenInAnyCase() throws SQLException {
    // Given
    Instance mixed = given.instance("mixed").parameter("DateStyle", "ISO, DMY").running();
    assertThat(Client.read(mixed, "SHOW DateStyle")).isEqualTo("ISO, DMY");
    Pod before = mixed.pod();

    // When
    mixed.change(spec -> spec.parameter("Max_Connections", "39"));

    // Then
    Eventually.instance(mixed).isReadyWithNewPod(before);
    assertThat(Client.read(mixed, "SHOW max_connections")).isEqualTo("39");
    Pod after = mixed.pod();

    // When
    mixed.change(spec -> spec.noParameters().parameter("max_connections", "39"));

    // Then
    assertInEffect(mixed, "DateStyle", "ISO, MDY");
    Eventually.instance(mixed).isReady();
    mixed.assertHas(after);
  }

  @Test
  void parameterThatNeedsRestartCausesOneRestartAfterCheckpoint() throws SQLException {
    // Given
    Instance till = given.instance("till").running();
    try (Client client = Client.connect(till)) {
      client.execute("CREATE TABLE coin AS SELECT generate_series(1, 10000) AS n");
    }
    Pod before = till.pod();

    // When
    till.change(spec -> spec.parameter("max_connections", "37").parameter("work_mem", "5MB"));

    // Then
    Eventually.instance(till).isReadyWithNewPod(before);
    assertThat(Client.read(till, "SHOW max_connections")).isEqualTo("37");
    assertThat(Client.read(till, "SHOW work_mem")).isEqualTo("5MB");
    assertThat(Client.read(till, "SELECT count(*) FROM coin")).isEqualTo("10000");
    assertThat(Cluster.log(till)).doesNotContain("was interrupted");
    Pod after = till.pod();
    Consistently.keepsPod(till, after);
    assertThat(Cluster.containerRestarts(till)).isZero();
  }

  @Test
  @Tag("long")
  void removedParameterReturnsToItsDefault() throws SQLException {
    // Given
    Instance shelf =
        given
            .instance("shelf")
            .parameter("work_mem", "7MB")
            .parameter("max_connections", "31")
            .running();
    assertThat(Client.read(shelf, "SHOW max_connections")).isEqualTo("31");
    Pod before = shelf.pod();

    // When
    shelf.change(spec -> spec.noParameters());

    // Then
    Eventually.instance(shelf).isReadyWithNewPod(before);
    assertThat(Client.read(shelf, "SHOW work_mem")).isEqualTo("4MB");
    assertThat(Client.read(shelf, "SHOW max_connections")).isEqualTo("100");
  }

  @Test
  @CoversReasons(Reason.RESTART_REQUIRED)
  void manualPolicyDelaysRestartUntilItIsRequested() throws SQLException {
    // Given
    Instance desk = given.instance("desk").restartPolicy("Manual").running();
    Pod before = desk.pod();

    // When
    desk.change(spec -> spec.parameter("max_connections", "41").parameter("work_mem", "6MB"));

    // Then
    assertThat(
            Eventually.instance(desk)
                .conditionMessage(ConditionType.PENDING_RESTART, Reason.RESTART_REQUIRED))
        .contains("max_connections")
        .contains(RESTART);
    assertInEffect(desk, "work_mem", "6MB");
    Eventually.instance(desk).isReady();
    desk.assertHas(before);

    desk.annotate(RESTART, "now");
    Eventually.instance(desk)
        .isReadyWithNewPod(before)
        .hasNoCondition(ConditionType.PENDING_RESTART);
    assertThat(Client.read(desk, "SHOW max_connections")).isEqualTo("41");
    Pod after = desk.pod();
    Consistently.keepsPod(desk, after);
  }

  @Test
  @Tag("long")
  @CoversReasons(Reason.COMMITS_BLOCKED)
  void missingStandbyIsReportedAndBlocksNeitherStartNorPassword() throws SQLException {
    // When
    Instance mirror =
        given
            .instance("mirror")
            .parameter("synchronous_standby_names", "ANY 1 (node1, node2)")
            .applied();

    // Then
    assertThat(Eventually.instance(mirror).isNotReady(Reason.COMMITS_BLOCKED))
        .contains("'ANY 1 (node1, node2)'", "spec.parameters");
    Eventually.instance(mirror).acceptsLogins();

    // When
    Cluster.editPassword(mirror.appSecret(), "another one");

    // Then
    Eventually.instance(mirror).acceptsLogins();

    // When
    mirror.change(spec -> spec.parameter("synchronous_commit", "local"));

    // Then
    Eventually.instance(mirror).isReady();
    try (Client client = Client.connect(mirror)) {
      client.execute("CREATE TABLE committed ()");
    }
  }

  @Test
  @Tag("long")
  void timeoutThatEndsEachLoginIsRefused() throws SQLException {
    // Given
    Instance hasty = given.instance("hasty").running();

    // When
    hasty.change(spec -> spec.parameter("transaction_timeout", "1ms"));

    // Then
    assertThat(Eventually.instance(hasty).isNotReady(Reason.PARAMETER_REFUSED))
        .contains("transaction_timeout", "at least 1s");
    assertThat(Client.read(hasty, "SHOW transaction_timeout")).isEqualTo("0");
  }

  @Test
  @CoversReasons(Reason.UNSAFE_PARAMETERS)
  void unsafeParameterIsAcceptedAndReported() {
    // When
    Instance risky = given.instance("risky").parameter("fsync", "off").running();

    // Then
    assertThat(
            Eventually.instance(risky)
                .conditionMessage(ConditionType.DATA_AT_RISK, Reason.UNSAFE_PARAMETERS))
        .contains("fsync");
    risky.change(spec -> spec.noParameters());
    Eventually.instance(risky).isReady().hasNoCondition(ConditionType.DATA_AT_RISK);
  }

  @Test
  @Tag("long")
  void defaultsFollowMemoryAndVolumeUnlessUserSetsValue() throws SQLException {
    // Given
    Instance sized =
        given
            .instance("sized")
            .requests("50m", "128Mi")
            .memoryLimit("512Mi")
            .storage("2Gi")
            .parameter("maintenance_work_mem", "48MB")
            .running();

    // When
    try (Client client = Client.connect(sized)) {
      // Then
      assertThat(client.read("SHOW shared_buffers")).isEqualTo("128MB");
      assertThat(client.read("SHOW effective_cache_size")).isEqualTo("384MB");
      assertThat(client.read("SHOW maintenance_work_mem")).isEqualTo("48MB");
      assertThat(client.read("SHOW max_wal_size")).isEqualTo("409MB");
      assertThat(client.read("SHOW max_slot_wal_keep_size")).isEqualTo("409MB");
      assertThat(client.read("SHOW log_lock_waits")).isEqualTo("on");
      assertThat(client.read("SHOW tcp_keepalives_idle")).isEqualTo("60");
    }
    assertThat(Cluster.psql(sized, "SHOW shared_preload_libraries")).contains("pg_stat_statements");
  }

  @Test
  @Tag("long")
  void passwordIsSetOnServerThatIsReadOnlyByDefault() throws SQLException {
    // Given
    Instance archive =
        given.instance("archive").parameter("default_transaction_read_only", "on").running();
    assertThat(Client.read(archive, "SHOW transaction_read_only")).isEqualTo("on");

    // When
    Cluster.editPassword(archive.appSecret(), "another one");

    // Then
    Eventually.instance(archive).acceptsLogins();
    Eventually.instance(archive).isReady();
  }

  @Test
  @Tag("long")
  void serverWithUnreadableSizeStillFollowsTheSpec() throws SQLException {
    // Given: as on a server that has too many files to add up their sizes in time
    Instance heap = given.instance("heap").running();
    Cluster.psql(heap, "REVOKE EXECUTE ON FUNCTION pg_ls_waldir() FROM pg_monitor");

    Pod before = heap.pod();

    // When
    heap.change(spec -> spec.parameter("max_connections", "41").parameter("work_mem", "6MB"));

    // Then
    Eventually.instance(heap).isReadyWithNewPod(before);
    assertInEffect(heap, "work_mem", "6MB");
    Consistently.that(
        "the instance stays ready",
        () -> assertThat(heap.ready().orElseThrow().getStatus()).isEqualTo("True"));
  }

  @Test
  void alterSystemIsForbidden() {
    // Given
    Instance locked = given.instance("locked").running();

    // When
    String answer =
        Cluster.exec(
            locked,
            "bash",
            "-c",
            "psql -U postgres -c \"ALTER SYSTEM SET work_mem = '8MB'\" 2>&1 || true");

    // Then
    assertThat(answer).contains("ALTER SYSTEM is not allowed");
  }

  @Test
  @Tag("long")
  void exampleWorksUnchanged() throws SQLException {
    // Given
    Path example = Path.of("../examples/tuning");

    // When
    Instance instance = given.example(example);

    // Then
    Eventually.instance(instance).isReady();
    assertThat(Client.read(instance, "SHOW max_connections")).isEqualTo("200");
    assertThat(Client.read(instance, "SHOW shared_buffers")).isEqualTo("256MB");
  }

  static void assertInEffect(Instance instance, String name, String value) {
    Eventually.that(
        name + " is " + value,
        () -> assertThat(Client.read(instance, "SHOW " + name)).isEqualTo(value));
  }
}
