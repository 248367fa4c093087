package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.InstalledOperator;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.Provokes;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBuilder;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;

/** An operator that may less than its chart says. Alone, because all instances suffer from it. */
@Isolated
@Tag("installed-only")
class RightsTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private final ClusterRole role = Cluster.now(InstalledOperator.role());

  @AfterEach
  void giveBack() {
    ClusterRole present = Cluster.now(role);
    present.setRules(role.getRules());
    Cluster.edit(present);
  }

  @Test
  @Provokes({Reason.MISSING_RIGHT, Reason.RUNNING})
  void aRightThatIsMissingIsNamedAndTheServerGoesOn() {
    // Given
    Instance orders = given.instance("orders").running();
    Cluster.edit(without("patch", "services"));

    // When
    orders.change(spec -> spec.service("annotations", Map.of("example.com/note", "new")));

    // Then
    assertThat(Eventually.instance(orders).isNotReady(Reason.MISSING_RIGHT))
        .contains("patch services");
    Eventually.instance(orders).acceptsLogins();
    giveBack();
    Eventually.instance(orders).isReady();
  }

  @Test
  @Provokes({Reason.MISSING_RIGHT, Reason.RUNNING})
  void aRightToReadThatIsMissingIsNamedToo() {
    // Given
    Cluster.edit(without("get", "secrets"));
    Instance desk = given.instance("desk").applied();
    assertThat(Eventually.instance(desk).isNotReady(Reason.MISSING_RIGHT)).contains("get ");

    // When
    giveBack();

    // Then
    Eventually.instance(desk).isReady();
  }

  private ClusterRole without(String verb, String resource) {
    ClusterRole less = new ClusterRoleBuilder(role).build();
    less.getRules().stream()
        .filter(rule -> rule.getResources().contains(resource))
        .forEach(rule -> rule.getVerbs().remove(verb));
    return less;
  }
}
