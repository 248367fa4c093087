package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.CoversReasons;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Pod;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Full and nearly full volumes with a real size, which kind's own volumes do not have. */
class VolumeUsageTest {

  private static final String DISK_FULL = "53100";
  private static final long GIBIBYTE = 1024 * 1024 * 1024;

  private static final String BYTES_USED =
      "SELECT (SELECT sum(pg_database_size(oid)) FROM pg_database)"
          + " + (SELECT sum(size) FROM pg_ls_waldir())";

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  /** Without a slot, and into a pipe, as "kubectl exec" makes a backup. */
  @Test
  void baseBackupOfSmallestVolumeSucceeds() {
    // Given
    Instance small = given.instance("small").storage("256Mi").running();
    String backup = "pg_basebackup -U postgres -D - -F tar -X fetch -c fast | wc -c";

    // When
    String size = Cluster.exec(small, "bash", "-o", "pipefail", "-c", backup);

    // Then
    assertThat(Long.parseLong(size.strip())).isGreaterThan(16 * 1024 * 1024);
  }

  @Test
  @Tag("long")
  void bulkUpdatesAndLostReplicaDoNotFillDefaultVolume() throws Exception {
    // Given: a replication slot without a consumer, and 100 MB in a table
    Instance busy = given.instance("busy").storageClass("limited").storage("1Gi").running();
    Cluster.psql(busy, "SELECT pg_create_physical_replication_slot('left_behind', true)");
    try (Client client = Client.connect(busy)) {
      client.execute(
          "CREATE TABLE stock WITH (autovacuum_enabled = off) AS"
              + " SELECT n, 0 AS amount, repeat('x', 900) AS note"
              + " FROM generate_series(1, 100000) AS n");
    }

    // When
    long max = maxWalSizeDuring(busy, () -> updateRepeatedly(busy));

    // Then
    assertThat(max).isLessThan(GIBIBYTE * 2 / 5);
    assertThat(
            Cluster.psql(
                busy,
                "SELECT wal_status FROM pg_replication_slots WHERE slot_name = 'left_behind'"))
        .startsWith("lost");
  }

  @Test
  @Tag("long")
  @CoversReasons(Reason.DISK_FULL)
  void fullVolumeCanBeReadAndEmptiedAlsoAfterRestart() throws SQLException {
    // Given
    Instance full = given.instance("full").storageClass("limited").storage("768Mi").running();
    try (Client client = Client.connect(full)) {
      client.execute("CREATE TABLE kept AS SELECT 'still here' AS note");
      client.execute("CREATE TABLE filler (text text)");
    }

    // When
    fill(full);

    // Then
    assertThat(Client.read(full, "SELECT note FROM kept")).isEqualTo("still here");
    assertThat(Eventually.instance(full).isNotReady(Reason.DISK_FULL))
        .contains("spec.storage.size");

    Pod before = Cluster.killPod(full);
    Eventually.instance(full).hasPodOtherThan(before).acceptsLogins();
    assertThat(Client.read(full, "SELECT note FROM kept")).isEqualTo("still here");
    try (Client client = Client.connect(full)) {
      client.execute("DROP TABLE filler");
    }
    Eventually.instance(full).isReady();
  }

  @ParameterizedTest
  @ValueSource(strings = {"limited", "limited-offline"})
  @Tag("long")
  void growthRepairsFullVolume(String storageClass) throws SQLException {
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
    assertReportedAsFull(narrow);

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

  /** Updates every row, in one statement and in many, and vacuums in between. */
  private static Void updateRepeatedly(Instance instance) throws SQLException {
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
  @CoversReasons({Reason.NEARLY_FULL, Reason.RUNNING})
  void nearlyFullVolumeIsReportedAndInstanceStaysReady() throws SQLException {
    // Given
    Instance tight = given.instance("tight").storageClass("limited").running();

    // When: the reserve takes a tenth of the gibibyte, and the file system takes some more
    try (Client client = Client.connect(tight)) {
      client.execute("CREATE TABLE filler (line text)");
      while (Long.parseLong(Cluster.psql(tight, BYTES_USED).strip()) < 830_000_000) {
        client.execute("INSERT INTO filler SELECT repeat('x', 1000) FROM generate_series(1, 8000)");
      }
    }

    // Then
    assertThat(
            Eventually.instance(tight)
                .conditionMessage(ConditionType.STORAGE_READY, Reason.NEARLY_FULL))
        .contains("85 % of the volume", "spec.storage.size");
    Eventually.instance(tight).isReady();
  }

  /** The maximum size of the write-ahead log during the work, in bytes. */
  private static long maxWalSizeDuring(Instance instance, Callable<Void> work) throws Exception {
    long max = 0;
    try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
      Future<Void> running = executor.submit(work);
      while (!running.isDone()) {
        max =
            Math.max(
                max,
                Long.parseLong(
                    Cluster.psql(instance, "SELECT sum(size) FROM pg_ls_waldir()").strip()));
      }
      running.get();
    }
    return max;
  }

  /** Inserts a megabyte at a time, until the volume is full. */
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
        // If the write-ahead log runs out of space first, the server exits and starts again.
        .satisfies(
            e -> assertThat(((SQLException) e).getSQLState()).isIn(DISK_FULL, "57P02", "08006"));
    Eventually.instance(instance).acceptsLogins();
  }

  /**
   * Full or nearly full: if the write-ahead log was the first to run out of space, the server has
   * started again since, and a part of the reserve was released.
   */
  private static void assertReportedAsFull(Instance instance) {
    Eventually.that(
        instance + " is reported as full",
        () -> {
          Condition storage = instance.condition(ConditionType.STORAGE_READY).orElseThrow();
          assertThat(storage.getReason()).isIn(Reason.DISK_FULL.word(), Reason.NEARLY_FULL.word());
          assertThat(storage.getMessage()).contains("spec.storage.size");
        });
  }
}
