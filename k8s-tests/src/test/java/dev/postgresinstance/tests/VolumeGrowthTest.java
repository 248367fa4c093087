package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.EventReason;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Consistently;
import dev.postgresinstance.tests.support.CoversReasons;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Growth of volumes with a real size, which kind's own volumes do not have. */
class VolumeGrowthTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  @Test
  @CoversReasons(value = Reason.RESIZING, events = EventReason.VOLUME_GROWN)
  void volumeGrowsWhileServerRuns() throws SQLException {
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
          .hasCondition(ConditionType.STORAGE_READY, Reason.VOLUME_READY);
      assertThat(session.read("SELECT 1")).isEqualTo("1");
      orders.assertHas(before);
      assertThat(session.read("SHOW max_wal_size")).isEqualTo("204MB");
    }
  }

  @Test
  @Tag("long")
  void classWithoutExpansionIsReported() {
    // Given
    Instance fixed =
        given.instance("fixed").storageClass("limited-fixed").storage("512Mi").running();

    // When
    fixed.change(spec -> spec.storage("1Gi"));

    // Then
    assertThat(
            Eventually.instance(fixed)
                .conditionMessage(ConditionType.STORAGE_READY, Reason.RESIZE_REFUSED))
        .contains("512Mi")
        .contains("storageclass");
    Eventually.instance(fixed).isReady();
  }

  @Test
  void serverRestartsWhenDriverNeedsUnusedVolume() throws SQLException {
    // Given
    Instance shy = given.instance("shy").storageClass("limited-offline").storage("512Mi").running();
    createNote(shy);
    Pod before = shy.pod();

    // When
    shy.change(spec -> spec.storage("1Gi"));

    // Then
    Eventually.instance(shy).isReadyWithNewPod(before);
    assertHasGrown(shy);
    Consistently.keepsPod(shy, shy.pod());
  }

  @Test
  @Tag("long")
  void suspendedInstanceGrowsAndNextStartHasTheNewSize() throws SQLException {
    // Given
    Instance idle = given.instance("idle").storageClass("limited").storage("512Mi").running();
    createNote(idle);
    idle.change(spec -> spec.suspend(true));
    Eventually.that("the pod is gone", () -> assertThat(idle.pod()).isNull());

    // When
    idle.change(spec -> spec.storage("1Gi"));

    // Then
    Eventually.that(
        "the status reports that the server start completes the growth",
        () ->
            assertThat(idle.condition(ConditionType.STORAGE_READY).orElseThrow().getMessage())
                .contains("when the server starts"));
    Eventually.instance(idle).isReadyFor(Reason.SUSPENDED);

    // When
    idle.change(spec -> spec.suspend(false));

    // Then
    Eventually.instance(idle).isReady();
    assertHasGrown(idle);
  }

  @ParameterizedTest
  @ValueSource(strings = {"limited", "limited-offline"})
  @Tag("long")
  void volumeGrowsWhilePodIsUnschedulable(String storageClass) throws SQLException {
    // Given
    Instance lost =
        given
            .instance("lost-" + storageClass)
            .storageClass(storageClass)
            .storage("512Mi")
            .running();
    createNote(lost);
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
    assertHasGrown(lost);
  }

  @Test
  @Tag("long")
  void manualPolicyDelaysOfflineGrowthUntilRestartIsRequested() throws SQLException {
    // Given
    Instance calm =
        given
            .instance("calm")
            .storageClass("limited-offline")
            .storage("512Mi")
            .restartPolicy("Manual")
            .running();
    createNote(calm);
    Pod before = calm.pod();

    // When
    calm.change(spec -> spec.storage("1Gi"));

    // Then
    assertThat(
            Eventually.instance(calm)
                .conditionMessage(ConditionType.PENDING_RESTART, Reason.RESTART_REQUIRED))
        .contains("the size of the volume");
    Eventually.instance(calm).isReady().hasCondition(ConditionType.STORAGE_READY, Reason.RESIZING);
    Consistently.keepsPod(calm, calm.pod());
    calm.assertHas(before);

    // When
    calm.annotate("postgresinstance.dev/restart", "now");

    // Then
    Eventually.instance(calm)
        .isReadyWithNewPod(before)
        .hasNoCondition(ConditionType.PENDING_RESTART);
    assertHasGrown(calm);
  }

  @Test
  @Tag("long")
  void serverKeepsRunningWhileClaimIsBeingDeleted() {
    // Given
    Instance held =
        given
            .instance("held")
            .storageClass("limited-offline")
            .storage("512Mi")
            .restartPolicy("Manual")
            .running();
    held.change(spec -> spec.storage("1Gi"));
    Eventually.instance(held).hasCondition(ConditionType.PENDING_RESTART, Reason.RESTART_REQUIRED);
    Cluster.delete(held.claim());
    Eventually.instance(held).isNotReady(Reason.CLAIM_TERMINATING);

    // When
    held.annotate("postgresinstance.dev/restart", "now");

    // Then
    Consistently.keepsPod(held, held.pod());
    assertThat(held.pod().getMetadata().getDeletionTimestamp()).isNull();
  }

  @Test
  @Tag("long")
  void serverStartsAgainWhenDriverKeepsRefusing() throws SQLException {
    // Given: another pod that uses the volume, for example for a backup
    Instance shared =
        given.instance("shared").storageClass("limited-offline").storage("512Mi").running();
    createNote(shared);
    Pod before = shared.pod();
    Pod backup = Cluster.holdVolume(shared);

    // When
    shared.change(spec -> spec.storage("1Gi"));

    // Then
    assertThat(Eventually.instance(shared).isNotReady(Reason.RESIZING)).contains("starts again");
    Eventually.instance(shared).isReadyWithNewPod(before);
    assertThat(
            Eventually.instance(shared)
                .conditionMessage(ConditionType.STORAGE_READY, Reason.RESIZE_REFUSED))
        .contains("512Mi", "FailedPrecondition");
    Consistently.keepsPod(shared, shared.pod());

    // When
    Pod second = shared.pod();
    Cluster.delete(backup);
    Eventually.that("the other pod is gone", () -> assertThat(Cluster.current(backup)).isNull());
    shared.annotate("postgresinstance.dev/restart", "now");

    // Then
    Eventually.instance(shared).isReadyWithNewPod(second);
    assertHasGrown(shared);
  }

  private static void createNote(Instance instance) throws SQLException {
    try (Client client = Client.connect(instance)) {
      client.execute("CREATE TABLE kept AS SELECT 'still here' AS note");
    }
  }

  /** The volume has grown to 1Gi, and no data is lost. */
  private static void assertHasGrown(Instance instance) throws SQLException {
    Eventually.that(
        "the volume has grown",
        () ->
            assertThat(instance.resource().getStatus().storage().actual())
                .isEqualTo(new Quantity("1Gi")));
    Eventually.instance(instance)
        .isReady()
        .hasCondition(ConditionType.STORAGE_READY, Reason.VOLUME_READY);
    String megabytes =
        Cluster.exec(instance, "bash", "-c", "df --output=size -BM /pgdata | tail -1 | tr -dc 0-9");
    assertThat(Integer.parseInt(megabytes)).isGreaterThan(900);
    assertThat(Client.read(instance, "SELECT note FROM kept")).isEqualTo("still here");
  }
}
