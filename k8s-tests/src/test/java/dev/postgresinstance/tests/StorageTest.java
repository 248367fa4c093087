package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.EventReason;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.Provokes;
import dev.postgresinstance.tests.support.Steadily;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** On volumes that have a real size, which kind's own have not. */
class StorageTest {

  private static final String DISK_FULL = "53100";
  private static final long GIBIBYTE = 1024 * 1024 * 1024;

  private static final String BYTES_USED =
      "SELECT (SELECT sum(pg_database_size(oid)) FROM pg_database)"
          + " + (SELECT sum(size) FROM pg_ls_waldir())";

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  @Test
  @Provokes(value = Reason.RESIZING, deeds = EventReason.VOLUME_GROWN)
  void volumeGrowsUnderTheRunningServer() throws SQLException {
    // Given
    Instance orders = given.instance("orders").storageClass("limited").storage("512Mi").running();
    Pod before = orders.pod();
    try (Client session = Client.connect(orders)) {

      // When
      orders.change(spec -> spec.storage("1Gi"));

      // Then
      Eventually.that(
          "the volume has grown",
          () ->
              assertThat(orders.resource().getStatus().storage().actual())
                  .isEqualTo(new Quantity("1Gi")));
      Eventually.instance(orders)
          .isReady()
          .saysOf(ConditionType.STORAGE_READY, Reason.VOLUME_READY);
      assertThat(session.read("SELECT 1")).isEqualTo("1");
      assertThat(orders.pod().getMetadata().getUid()).isEqualTo(before.getMetadata().getUid());
      assertThat(session.read("SHOW max_wal_size")).isEqualTo("204MB");
    }
  }

  @Test
  void classThatCannotGrowIsSaid() {
    // Given
    Instance fixed =
        given.instance("fixed").storageClass("limited-fixed").storage("512Mi").running();

    // When
    fixed.change(spec -> spec.storage("1Gi"));

    // Then
    assertThat(Eventually.instance(fixed).says(ConditionType.STORAGE_READY, Reason.RESIZE_REFUSED))
        .contains("512Mi")
        .contains("storageclass");
    Eventually.instance(fixed).isReady();
  }

  @Test
  void serverMakesWayWhereTheDriverWantsTheVolumeUnused() throws SQLException {
    // Given
    Instance shy = given.instance("shy").storageClass("limited-offline").storage("512Mi").running();
    keepANote(shy);
    Pod before = shy.pod();

    // When
    shy.change(spec -> spec.storage("1Gi"));

    // Then
    Eventually.instance(shy).isReadyWithoutPod(before);
    hasGrown(shy);
    staysInItsPod(shy);
  }

  @Test
  void suspendedItGrowsAndTheNextStartHasTheRoom() throws SQLException {
    // Given
    Instance idle = given.instance("idle").storageClass("limited").storage("512Mi").running();
    keepANote(idle);
    idle.change(spec -> spec.suspend(true));
    Eventually.that("the pod is gone", () -> assertThat(idle.pod()).isNull());

    // When
    idle.change(spec -> spec.storage("1Gi"));

    // Then
    Eventually.that(
        "the status says that the rest follows",
        () ->
            assertThat(idle.condition(ConditionType.STORAGE_READY).orElseThrow().getMessage())
                .contains("when the server starts"));
    Eventually.instance(idle).isReadyFor(Reason.SUSPENDED);

    // When
    idle.change(spec -> spec.suspend(false));

    // Then
    Eventually.instance(idle).isReady();
    hasGrown(idle);
  }

  @ParameterizedTest
  @ValueSource(strings = {"limited", "limited-offline"})
  @Tag("long")
  void growsWhileItsPodCannotRun(String storageClass) throws SQLException {
    // Given
    Instance lost =
        given
            .instance("lost-" + storageClass)
            .storageClass(storageClass)
            .storage("512Mi")
            .running();
    keepANote(lost);
    lost.change(spec -> spec.pod("nodeSelector", Map.of("nowhere", "at-all")));
    Eventually.instance(lost).isNotReady(Reason.UNSCHEDULABLE);

    // When
    lost.change(spec -> spec.storage("1Gi"));

    // Then
    Eventually.that(
        "the driver has grown the volume",
        () ->
            assertThat(lost.claim().getStatus().getConditions())
                .anyMatch(condition -> condition.getType().equals("FileSystemResizePending")));
    lost.change(spec -> spec.withoutPod("nodeSelector"));
    Eventually.instance(lost).isReady();
    hasGrown(lost);
  }

  @Test
  @Tag("long")
  void withPolicyManualTheServerMakesWayWhenTold() throws SQLException {
    // Given
    Instance calm =
        given
            .instance("calm")
            .storageClass("limited-offline")
            .storage("512Mi")
            .restartPolicy("Manual")
            .running();
    keepANote(calm);
    Pod before = calm.pod();

    // When
    calm.change(spec -> spec.storage("1Gi"));

    // Then
    assertThat(
            Eventually.instance(calm).says(ConditionType.PENDING_RESTART, Reason.RESTART_REQUIRED))
        .contains("the size of the volume");
    Eventually.instance(calm).isReady().saysOf(ConditionType.STORAGE_READY, Reason.RESIZING);
    staysInItsPod(calm);
    assertThat(calm.pod().getMetadata().getUid()).isEqualTo(before.getMetadata().getUid());

    // When
    calm.annotate("postgresinstance.dev/restart", "now");

    // Then
    Eventually.instance(calm).isReadyWithoutPod(before).saysNo(ConditionType.PENDING_RESTART);
    hasGrown(calm);
  }

  @Test
  @Tag("long")
  void itMakesNoWayWhileTheClaimIsBeingDeleted() {
    // Given
    Instance held =
        given
            .instance("held")
            .storageClass("limited-offline")
            .storage("512Mi")
            .restartPolicy("Manual")
            .running();
    held.change(spec -> spec.storage("1Gi"));
    Eventually.instance(held).saysOf(ConditionType.PENDING_RESTART, Reason.RESTART_REQUIRED);
    Cluster.delete(held.claim());
    Eventually.instance(held).isNotReady(Reason.CLAIM_TERMINATING);

    // When
    held.annotate("postgresinstance.dev/restart", "now");

    // Then
    staysInItsPod(held);
    assertThat(held.pod().getMetadata().getDeletionTimestamp()).isNull();
  }

  @Test
  @Tag("long")
  void serverComesBackWhereTheDriverGoesOnRefusing() throws SQLException {
    // Given: another pod that uses the volume, for a backup perhaps
    Instance shared =
        given.instance("shared").storageClass("limited-offline").storage("512Mi").running();
    keepANote(shared);
    Pod before = shared.pod();
    Pod backup = Cluster.holdVolume(shared);

    // When
    shared.change(spec -> spec.storage("1Gi"));

    // Then
    assertThat(Eventually.instance(shared).isNotReady(Reason.RESIZING)).contains("starts again");
    Eventually.instance(shared).isReadyWithoutPod(before);
    assertThat(Eventually.instance(shared).says(ConditionType.STORAGE_READY, Reason.RESIZE_REFUSED))
        .contains("512Mi", "FailedPrecondition");
    staysInItsPod(shared);

    // When
    Pod second = shared.pod();
    Cluster.delete(backup);
    Eventually.that("the other pod is gone", () -> assertThat(Cluster.now(backup)).isNull());
    shared.annotate("postgresinstance.dev/restart", "now");

    // Then
    Eventually.instance(shared).isReadyWithoutPod(second);
    hasGrown(shared);
  }

  @Test
  @Tag("long")
  void bulkUpdatesAndALostReplicaDoNotFillTheDefaultVolume() throws Exception {
    // Given: a replication slot that nobody reads, and 100 MB in a table
    Instance busy = given.instance("busy").storageClass("limited").storage("1Gi").running();
    Cluster.psql(busy, "SELECT pg_create_physical_replication_slot('left_behind', true)");
    try (Client client = Client.connect(busy)) {
      client.execute(
          "CREATE TABLE stock WITH (autovacuum_enabled = off) AS"
              + " SELECT n, 0 AS amount, repeat('x', 900) AS note"
              + " FROM generate_series(1, 100000) AS n");
    }

    // When
    long most = mostLogDuring(busy, () -> updateAgainAndAgain(busy));

    // Then
    assertThat(most).isLessThan(GIBIBYTE * 2 / 5);
    assertThat(
            Cluster.psql(
                busy,
                "SELECT wal_status FROM pg_replication_slots WHERE slot_name = 'left_behind'"))
        .startsWith("lost");
  }

  @Test
  @Tag("long")
  @Provokes(Reason.DISK_FULL)
  void fullVolumeCanBeReadAndEmptiedAlsoAfterARestart() throws SQLException {
    // Given
    Instance full = given.instance("full").storageClass("limited").storage("768Mi").running();
    try (Client client = Client.connect(full)) {
      client.execute("CREATE TABLE kept AS SELECT 'still here' AS note");
      client.execute("CREATE TABLE filler (text text)");
    }

    // When
    fill(full);

    // Then
    assertThat(read(full, "SELECT note FROM kept")).isEqualTo("still here");
    assertThat(Eventually.instance(full).isNotReady(Reason.DISK_FULL))
        .contains("spec.storage.size");

    Pod before = Cluster.killPod(full);
    Eventually.instance(full).hasPodOtherThan(before).acceptsLogins();
    assertThat(read(full, "SELECT note FROM kept")).isEqualTo("still here");
    try (Client client = Client.connect(full)) {
      client.execute("DROP TABLE filler");
    }
    Eventually.instance(full).isReady();
  }

  @ParameterizedTest
  @ValueSource(strings = {"limited", "limited-offline"})
  @Tag("long")
  void fullVolumeIsHealedByGrowth(String storageClass) throws SQLException {
    // Given
    Instance narrow =
        given
            .instance("narrow-" + storageClass)
            .storageClass(storageClass)
            .storage("768Mi")
            .running();
    try (Client client = Client.connect(narrow)) {
      client.execute("CREATE TABLE filler (text text)");
    }
    fill(narrow);
    isSaidToBeFull(narrow);

    // When
    Instant begin = Instant.now();
    narrow.change(spec -> spec.storage("1Gi"));

    // Then
    Eventually.that(
        "rows can be written again",
        () -> {
          try (Client client = Client.connect(narrow)) {
            client.execute("CREATE TABLE next AS SELECT 'written' AS note");
          }
        });
    assertThat(Duration.between(begin, Instant.now())).isLessThan(Duration.ofSeconds(60));
    Eventually.instance(narrow).isReady();
  }

  /** Every row, in one statement and in many; what is dead is given back in between. */
  private static Void updateAgainAndAgain(Instance instance) throws SQLException {
    try (Client client = Client.connect(instance)) {
      for (int round = 0; round < 10; round++) {
        client.execute("UPDATE stock SET amount = amount + 1");
        client.execute("VACUUM stock");
        for (int part = 0; part < 20; part++) {
          client.execute("UPDATE stock SET amount = amount + 1 WHERE n % 20 = " + part);
        }
        client.execute("VACUUM stock");
      }
    }
    return null;
  }

  @Test
  @Tag("long")
  @Provokes({Reason.NEARLY_FULL, Reason.RUNNING})
  void volumeThatIsNearlyFullIsSaidAndTheInstanceWorks() throws SQLException {
    // Given
    Instance tight = given.instance("tight").storageClass("limited").running();

    // When: of a gibibyte the reserve takes a tenth, and the file system some more
    try (Client client = Client.connect(tight)) {
      client.execute("CREATE TABLE filler (line text)");
      while (Long.parseLong(Cluster.psql(tight, BYTES_USED).strip()) < 830_000_000) {
        client.execute("INSERT INTO filler SELECT repeat('x', 1000) FROM generate_series(1, 8000)");
      }
    }

    // Then
    assertThat(Eventually.instance(tight).says(ConditionType.STORAGE_READY, Reason.NEARLY_FULL))
        .contains("85 % of the volume", "spec.storage.size");
    Eventually.instance(tight).isReady();
  }

  /** How large the write-ahead log became meanwhile, in bytes. */
  private static long mostLogDuring(Instance instance, Callable<Void> work) throws Exception {
    long most = 0;
    try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
      Future<Void> running = executor.submit(work);
      while (!running.isDone()) {
        most =
            Math.max(
                most,
                Long.parseLong(
                    Cluster.psql(instance, "SELECT sum(size) FROM pg_ls_waldir()").strip()));
      }
      running.get();
    }
    return most;
  }

  /** A megabyte at a time, until no more goes. */
  private static void fill(Instance instance) {
    assertThatThrownBy(
            () -> {
              try (Client client = Client.connect(instance)) {
                for (int megabyte = 0; megabyte < 1000; megabyte++) {
                  client.execute(
                      "INSERT INTO filler SELECT repeat('x', 1000) FROM generate_series(1, 1000)");
                }
              }
            })
        .isInstanceOf(SQLException.class)
        // The log may be the first that finds no room: then the server ends, and starts again.
        .satisfies(
            e -> assertThat(((SQLException) e).getSQLState()).isIn(DISK_FULL, "57P02", "08006"));
    Eventually.instance(instance).acceptsLogins();
  }

  /**
   * Full, or nearly: where the write-ahead log was the first that found no room, the server has
   * started again since, and was given back a part of the reserve.
   */
  private static void isSaidToBeFull(Instance instance) {
    Eventually.that(
        instance + " is said to be full",
        () -> {
          Condition storage = instance.condition(ConditionType.STORAGE_READY).orElseThrow();
          assertThat(storage.getReason()).isIn(Reason.DISK_FULL.word(), Reason.NEARLY_FULL.word());
          assertThat(storage.getMessage()).contains("spec.storage.size");
        });
  }

  private static void keepANote(Instance instance) throws SQLException {
    try (Client client = Client.connect(instance)) {
      client.execute("CREATE TABLE kept AS SELECT 'still here' AS note");
    }
  }

  /** To 1Gi, and nothing is lost. */
  private static void hasGrown(Instance instance) throws SQLException {
    Eventually.that(
        "the volume has grown",
        () ->
            assertThat(instance.resource().getStatus().storage().actual())
                .isEqualTo(new Quantity("1Gi")));
    Eventually.instance(instance)
        .isReady()
        .saysOf(ConditionType.STORAGE_READY, Reason.VOLUME_READY);
    String megabytes =
        Cluster.exec(instance, "bash", "-c", "df --output=size -BM /pgdata | tail -1 | tr -dc 0-9");
    assertThat(Integer.parseInt(megabytes)).isGreaterThan(900);
    assertThat(read(instance, "SELECT note FROM kept")).isEqualTo("still here");
  }

  private static void staysInItsPod(Instance instance) {
    String uid = instance.pod().getMetadata().getUid();
    Steadily.that(
        "the server is left alone",
        () -> assertThat(instance.pod().getMetadata().getUid()).isEqualTo(uid));
  }

  private static String read(Instance instance, String sql) throws SQLException {
    try (Client client = Client.connect(instance)) {
      return client.read(sql);
    }
  }
}
