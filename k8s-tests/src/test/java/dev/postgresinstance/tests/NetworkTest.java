package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.Node;
import dev.postgresinstance.tests.support.Provokes;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A database that the operator cannot reach, and one beside it. */
@Order(1)
class NetworkTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  @Test
  @Provokes(Reason.OPERATOR_CANNOT_CONNECT)
  void whatCutsADatabaseOffIsSaidAndHoldsUpNoOther() {
    // Given
    Instance far = given.instance("far").running();
    Instance near = given.instance("near").running();
    String rule =
        "FORWARD -p tcp -d %s --dport 5432 -j DROP".formatted(far.pod().getStatus().getPodIP());

    // When: as a network policy does it
    Node.run("iptables -I " + rule);
    try {

      // Then
      assertThat(
              Eventually.instance(far)
                  .says(ConditionType.AVAILABLE, Reason.OPERATOR_CANNOT_CONNECT))
          .contains("Service", "its server accepts connections");
      assertThat(far.condition(ConditionType.CREDENTIALS_IN_SYNC).orElseThrow().getStatus())
          .isEqualTo("Unknown");
      serves(near);
    } finally {
      Node.run("iptables -D " + rule);
    }
    Eventually.instance(far).isReady().acceptsLogins();
  }

  @Test
  void aDatabaseThatHangsIsSaidAndHoldsUpNoOther() {
    // Given
    Instance hung = given.instance("hung").running();
    Instance well = given.instance("well").running();

    // When
    Cluster.freeze(hung);
    try {

      // Then
      Eventually.instance(hung).says(ConditionType.AVAILABLE, Reason.OPERATOR_CANNOT_CONNECT);
      serves(well);
    } finally {
      Cluster.thaw(hung);
    }
    Eventually.instance(hung).isReady().acceptsLogins();
  }

  /** A change is put in force as ever. */
  private static void serves(Instance instance) {
    Cluster.editPassword(instance.appSecret(), "new");
    Eventually.instance(instance).acceptsLogins();
    assertThat(instance.credentials()).containsEntry("password", "new");
  }
}
