package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.Provokes;
import dev.postgresinstance.tests.support.Settings;
import io.fabric8.kubernetes.api.model.Service;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What goes wrong is said, and is healed by what the message asks for. */
@Order(1)
class TroubleTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  // A registry on the node itself, where none is: nothing outside is asked for it.
  private static final String WRONG_IMAGE = "localhost:1/postgres:no-such-tag";

  @Test
  @Provokes(Reason.IMAGE_UNAVAILABLE)
  void aWrongImageIsSaidAndTheRightOneHeals() {
    // Given
    Instance orders = given.instance("orders").image(WRONG_IMAGE).applied();
    String message = Eventually.instance(orders).isNotReady(Reason.IMAGE_UNAVAILABLE);
    assertThat(message).contains(WRONG_IMAGE);

    // When
    orders.change(spec -> spec.defaultImage());

    // Then
    Eventually.instance(orders).isReady();
  }

  @Test
  @Provokes(Reason.IMAGE_DOES_NOT_FIT)
  void anImageOfAnotherVersionIsSaid() {
    // When
    Instance misfit =
        given.instance("misfit").version("16").image(Settings.otherPostgresImage()).applied();

    // Then
    String message = Eventually.instance(misfit).isNotReady(Reason.IMAGE_DOES_NOT_FIT);
    assertThat(message).contains("16", "17");
    assertThat(Cluster.filesOnVolume(misfit)).noneMatch(file -> file.endsWith("PG_VERSION"));
  }

  @Test
  void aTakenNodePortIsSaidAndAFreeOneHeals() {
    // Given
    int port = Cluster.freeNodePort();
    Service other = given.service(port);
    Instance ledger = given.instance("ledger").nodePort(port).applied();
    String message = Eventually.instance(ledger).isNotReady(Reason.NODE_PORT_UNAVAILABLE);
    assertThat(message).contains(Integer.toString(port));

    // When
    Cluster.delete(other);

    // Then
    Eventually.instance(ledger).isReady();
    assertThat(ledger.nodePort()).isEqualTo(port);
  }

  @Test
  @Provokes(Reason.UNSCHEDULABLE)
  void aPodThatNoNodeHasRoomForIsSaidAndASmallerOneHeals() {
    // Given
    Instance big = given.instance("big").requests("1000", "128Mi").applied();
    Eventually.instance(big).isNotReady(Reason.UNSCHEDULABLE);

    // When
    big.change(spec -> spec.requests("50m", "128Mi"));

    // Then
    Eventually.instance(big).isReady();
  }

  @Test
  @Provokes(Reason.CLAIM_PENDING)
  void aClaimWithoutAVolumeIsSaid() {
    // When
    Instance bare = given.instance("bare").storageClass("no-such-class").applied();

    // Then
    String message = Eventually.instance(bare).isNotReady(Reason.CLAIM_PENDING);
    assertThat(message).contains("bare-data");
  }
}
