package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.CoversReasons;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.Node;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** An instance that the operator cannot reach, next to one that it can reach. */
@Order(1)
class NetworkTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  @Test
  @CoversReasons(Reason.OPERATOR_CANNOT_CONNECT)
  void unreachableDatabaseIsReportedAndDelaysNoOther() {
    // Given
    Instance far = given.instance("far").running();
    Instance near = given.instance("near").running();
    String rule =
        "FORWARD -p tcp -d %s --dport 5432 -j DROP".formatted(far.pod().getStatus().getPodIP());

    // When: packets are dropped, as by a NetworkPolicy
    Node.run("iptables -I " + rule);
    try {

      // Then
      assertThat(
              Eventually.instance(far)
                  .conditionMessage(ConditionType.AVAILABLE, Reason.OPERATOR_CANNOT_CONNECT))
          .contains("Service", "its server accepts connections");
      assertThat(far.condition(ConditionType.CREDENTIALS_IN_SYNC).orElseThrow().getStatus())
          .isEqualTo("Unknown");
      assertNewPasswordTakesEffect(near);
    } finally {
      Node.run("iptables -D " + rule);
    }
    Eventually.instance(far).isReady().acceptsLogins();
  }

  @Test
  void hangingDatabaseIsReportedAndDelaysNoOther() {
    // Given
    Instance hung = given.instance("hung").running();
    Instance well = given.instance("well").running();

    // When
    Cluster.freeze(hung);
    try {

      // Then
      Eventually.instance(hung)
          .conditionMessage(ConditionType.AVAILABLE, Reason.OPERATOR_CANNOT_CONNECT);
      assertNewPasswordTakesEffect(well);
    } finally {
      Cluster.thaw(hung);
    }
    Eventually.instance(hung).isReady().acceptsLogins();
  }

  /** The operator puts a changed password in effect as usual. */
  private static void assertNewPasswordTakesEffect(Instance instance) {
    Cluster.editPassword(instance.appSecret(), "new");
    Eventually.instance(instance).acceptsLogins();
    assertThat(instance.credentials()).containsEntry("password", "new");
  }
}
