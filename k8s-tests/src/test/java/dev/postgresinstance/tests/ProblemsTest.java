package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.CoversReasons;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.Settings;
import io.fabric8.kubernetes.api.model.Service;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Problems are reported, and end once the user does what the message says. */
@Order(1)
class ProblemsTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  // The address of a registry on the node itself, where none runs: no request leaves the node.
  private static final String MISSING_IMAGE = "localhost:1/postgres:no-such-tag";

  @Test
  @CoversReasons(Reason.IMAGE_UNAVAILABLE)
  void unavailableImageIsReportedUntilItIsCorrected() {
    // Given
    Instance orders = given.instance("orders").image(MISSING_IMAGE).applied();
    String message = Eventually.instance(orders).isNotReady(Reason.IMAGE_UNAVAILABLE);
    assertThat(message).contains(MISSING_IMAGE);

    // When
    orders.change(spec -> spec.defaultImage());

    // Then
    Eventually.instance(orders).isReady();
  }

  @Test
  @Tag("long")
  @CoversReasons(Reason.IMAGE_DOES_NOT_FIT)
  void imageOfOtherVersionIsReported() {
    // When
    Instance misfit =
        given.instance("misfit").version("16").image(Settings.otherPostgresImage()).applied();

    // Then
    String message = Eventually.instance(misfit).isNotReady(Reason.IMAGE_DOES_NOT_FIT);
    assertThat(message).contains("16", "17");
    assertThat(Cluster.filesOnVolume(misfit)).noneMatch(file -> file.endsWith("PG_VERSION"));
  }

  @Test
  @Tag("long")
  void takenNodePortIsReportedUntilItIsFree() {
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
  @Tag("long")
  void serverThatDoesNotRunIsReportedBeforeTakenNodePort() {
    // Given
    int port = Cluster.freeNodePort();
    Service other = given.service(port);

    // When
    Instance both = given.instance("both").nodePort(port).image(MISSING_IMAGE).applied();

    // Then
    String message = Eventually.instance(both).isNotReady(Reason.IMAGE_UNAVAILABLE);
    assertThat(message).startsWith("The node cannot pull").contains("Node port " + port);
    assertThat(both.condition(ConditionType.EXTERNAL_ACCESS_READY).orElseThrow().getReason())
        .isEqualTo("NodePortUnavailable");

    // When
    both.change(spec -> spec.defaultImage());

    // Then
    Eventually.instance(both).isNotReady(Reason.NODE_PORT_UNAVAILABLE);

    // When
    Cluster.delete(other);

    // Then
    Eventually.instance(both).isReady();
  }

  @Test
  @CoversReasons(Reason.UNSCHEDULABLE)
  void podTooLargeForAnyNodeIsReportedUntilItIsSmaller() {
    // Given
    Instance big = given.instance("big").requests("1000", "128Mi").applied();
    Eventually.instance(big).isNotReady(Reason.UNSCHEDULABLE);

    // When
    big.change(spec -> spec.requests("50m", "128Mi"));

    // Then
    Eventually.instance(big).isReady();
  }

  @Test
  @Tag("long")
  @CoversReasons(Reason.CLAIM_PENDING)
  void claimWithoutVolumeIsReported() {
    // When
    Instance bare = given.instance("bare").storageClass("no-such-class").applied();

    // Then
    String message = Eventually.instance(bare).isNotReady(Reason.CLAIM_PENDING);
    assertThat(message).contains("bare-data");
    assertThat(bare.condition(ConditionType.STORAGE_READY).orElseThrow().getStatus())
        .isEqualTo("Unknown");
  }
}
