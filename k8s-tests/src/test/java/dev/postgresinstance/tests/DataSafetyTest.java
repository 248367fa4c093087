package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Consistently;
import dev.postgresinstance.tests.support.CoversReasons;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@Order(1)
class DataSafetyTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  @Test
  void secondPodOnClaimDoesNotStartAndWritesNothing() throws SQLException {
    // Given
    Instance orders = given.instance("orders").running();
    try (Client client = Client.connect(orders)) {
      client.execute("CREATE TABLE parcel AS SELECT 'still here' AS note");
      Cluster.freeze(orders); // so that only the second pod could write
      List<String> volume = Cluster.volume(orders);

      // When
      Pod second = Cluster.startSecondPod(orders);

      // Then
      assertThat(Cluster.terminationMessage(second)).startsWith(Reason.VOLUME_LOCKED.word() + ": ");
      assertThat(Cluster.volume(orders)).isEqualTo(volume);
      Cluster.thaw(orders);
      assertThat(client.read("SELECT note FROM parcel")).isEqualTo("still here");
      Cluster.delete(second);
    }
  }

  @Test
  @Tag("long")
  @CoversReasons({Reason.VOLUME_LOCKED, Reason.RUNNING})
  void serverWaitsForVolumeLockedByAnotherPod() {
    // Given
    Instance late = given.instance("late").running();
    Pod other = Cluster.lockVolumeAfterShutdown(late);
    Cluster.killPod(late);
    Eventually.instance(late).isNotReady(Reason.VOLUME_LOCKED);

    // When
    Cluster.delete(other);

    // Then
    Eventually.instance(late).isReady();
  }

  @Test
  @CoversReasons(Reason.DATA_MISSING)
  void emptiedVolumeIsNotInitializedInNewPod() {
    // Given
    Instance lost = given.instance("lost").running();
    Cluster.emptyVolume(lost);

    // When
    Pod before = Cluster.killPod(lost);

    // Then
    Eventually.instance(lost).hasPodOtherThan(before).isNotReady(Reason.DATA_MISSING);
    assertThat(Cluster.filesOnVolume(lost)).noneMatch(file -> file.endsWith("PG_VERSION"));
  }

  @Test
  @Tag("long")
  void emptiedVolumeIsNotInitializedInSamePod() {
    // Given
    Instance gone = given.instance("gone").running();
    Cluster.emptyVolume(gone);

    // When
    Cluster.killContainerWhen(gone, "true");

    // Then
    Eventually.instance(gone).isNotReady(Reason.DATA_MISSING);
    assertThat(Cluster.filesOnVolume(gone)).noneMatch(file -> file.endsWith("PG_VERSION"));
  }

  @Test
  @CoversReasons(Reason.CLAIM_TERMINATING)
  void podKeepsRunningWhileClaimIsBeingDeleted() {
    // Given
    Instance held = given.instance("held").running();
    Pod before = held.pod();

    // When
    Cluster.delete(held.claim());

    // Then
    Eventually.instance(held).isNotReady(Reason.CLAIM_TERMINATING);
    held.change(spec -> spec.requests("50m", "128Mi")); // this change normally restarts the pod
    Consistently.keepsPod(held, before);
  }

  @Test
  @Tag("long")
  void statusFollowsChangedReclaimPolicy() {
    // Given: a claim that is being deleted, and a user who wants to keep the volume
    Instance saved = given.instance("saved").running();
    assertThat(saved.resource().getStatus().storage().reclaimPolicy()).isEqualTo("Delete");
    Cluster.delete(saved.claim());
    Eventually.instance(saved).isNotReady(Reason.CLAIM_TERMINATING);

    // When
    Cluster.setReclaimPolicy(saved, "Retain");

    // Then
    Eventually.that(
        "the status reports that the volume is retained",
        () ->
            assertThat(saved.resource().getStatus().storage().reclaimPolicy()).isEqualTo("Retain"));
    Cluster.setReclaimPolicy(saved, "Delete"); // otherwise the volume remains after the test
  }

  @Test
  @Tag("long")
  void recreatedClaimIsNotInitialized() {
    // Given
    Instance fresh = given.instance("fresh").running();
    PersistentVolumeClaim before = fresh.claim();
    Cluster.delete(before);

    // When
    Cluster.killPod(fresh);

    // Then
    Eventually.instance(fresh).isNotReady(Reason.DATA_MISSING);
    assertThat(fresh.claim().getMetadata().getUid()).isNotEqualTo(before.getMetadata().getUid());
    assertThat(Cluster.filesOnVolume(fresh)).noneMatch(file -> file.endsWith("PG_VERSION"));
  }
}
