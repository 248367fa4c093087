package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import java.sql.SQLException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** On volumes that have a real size, which kind's own have not. */
class StorageTest {

  private static final String DISK_FULL = "53100";

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  @Test
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
  @Tag("long")
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

  @Test
  @Tag("long")
  void fullVolumeIsHealedByGrowth() throws SQLException {
    // Given
    Instance narrow = given.instance("narrow").storageClass("limited").storage("768Mi").running();
    try (Client client = Client.connect(narrow)) {
      client.execute("CREATE TABLE filler (text text)");
    }
    fill(narrow);
    isSaidToBeFull(narrow);

    // When
    narrow.change(spec -> spec.storage("1Gi"));

    // Then
    Eventually.that(
        "rows can be written again",
        () -> {
          try (Client client = Client.connect(narrow)) {
            client.execute("CREATE TABLE next AS SELECT 'written' AS note");
          }
        });
    Eventually.instance(narrow).isReady();
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

  private static String read(Instance instance, String sql) throws SQLException {
    try (Client client = Client.connect(instance)) {
      return client.read(sql);
    }
  }
}
