package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postgresinstance.api.v1alpha1.ConditionType;
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
import io.fabric8.kubernetes.api.model.Quantity;
import java.sql.SQLException;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@Order(1)
class RestartTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  @Test
  @Tag("installed")
  void dataSurvivesDeletionOfThePod() throws SQLException {
    // Given
    Instance orders = given.instance("orders").running();
    try (Client client = Client.connect(orders)) {
      client.execute("CREATE TABLE parcel AS SELECT 'still here' AS note");
    }
    PersistentVolumeClaim claim = orders.claim();

    // When
    Pod before = Cluster.killPod(orders);

    // Then
    Eventually.instance(orders).isReadyWithNewPod(before);
    try (Client client = Client.connect(orders)) {
      assertThat(client.read("SELECT note FROM parcel")).isEqualTo("still here");
    }
    assertThat(orders.claim().getMetadata().getUid()).isEqualTo(claim.getMetadata().getUid());
  }

  @Test
  void idleSessionDoesNotDelayTheRestart() throws SQLException {
    // Given
    Instance desk = given.instance("desk").running();
    try (Client idle = Client.connect(desk)) {
      // When
      Pod before = Cluster.killPod(desk);

      // Then: a server that waits for its clients would use the grace period of half an hour
      Eventually.instance(desk).hasPodOtherThan(before).acceptsLogins();
      assertThatThrownBy(() -> idle.read("SELECT 1")).isInstanceOf(SQLException.class);
    }
  }

  @Test
  void changedResourcesRestartTheServerOnce() throws SQLException {
    // Given
    Instance till = given.instance("till").running();
    try (Client client = Client.connect(till)) {
      client.execute("CREATE TABLE coin AS SELECT 'still here' AS note");
    }
    Pod before = till.pod();

    // When
    till.change(spec -> spec.requests("50m", "128Mi"));

    // Then: Ready is not reported for the new spec while the old one is in effect
    Eventually.instance(till).isReady();
    Pod after = till.pod();
    assertThat(after.getMetadata().getUid()).isNotEqualTo(before.getMetadata().getUid());
    assertThat(Cluster.serverIn(after).getResources().getRequests())
        .containsEntry("cpu", new Quantity("50m"));
    try (Client client = Client.connect(till)) {
      assertThat(client.read("SELECT note FROM coin")).isEqualTo("still here");
    }
    Consistently.keepsPod(till, after);
  }

  @Test
  @Tag("long")
  @CoversReasons(Reason.RESIZE_REFUSED)
  void refusedGrowthIsReportedAndServerKeepsRunning() {
    // Given
    Instance store = given.instance("store").storage("1Gi").running();
    Pod before = store.pod();

    // When
    store.change(spec -> spec.storage("2Gi"));

    // Then
    Eventually.instance(store).isReady();
    assertThat(
            Eventually.instance(store)
                .conditionMessage(ConditionType.STORAGE_READY, Reason.RESIZE_REFUSED))
        .contains("keeps its size of 1Gi");
    Consistently.keepsPod(store, before);
  }
}
