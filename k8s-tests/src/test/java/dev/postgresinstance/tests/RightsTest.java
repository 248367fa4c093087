package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.GrantedRights;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.Provokes;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;

/** An operator that may less than its chart says. Alone, because all instances suffer from it. */
@Isolated
@Tag("installed")
class RightsTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private final GrantedRights rights = given.operator().rights();

  @AfterEach
  void giveBack() {
    rights.giveBack();
  }

  @Test
  @Provokes({Reason.MISSING_RIGHT, Reason.RUNNING})
  void aRightThatIsMissingIsNamedAndTheServerGoesOn() {
    // Given
    Instance orders = given.instance("orders").running();
    take("patch services");

    // When
    orders.change(spec -> spec.service("annotations", Map.of("example.com/note", "new")));

    // Then
    assertThat(Eventually.instance(orders).isNotReady(Reason.MISSING_RIGHT))
        .contains("lacks the right to patch services");
    Eventually.instance(orders).acceptsLogins();
    giveBack();
    Eventually.instance(orders).isReady();
  }

  @Test
  @Provokes({Reason.MISSING_RIGHT, Reason.RUNNING})
  void aRightToReadThatIsMissingIsNamedToo() {
    // Given
    take("get secrets");
    Instance desk = given.instance("desk").applied();
    assertThat(Eventually.instance(desk).isNotReady(Reason.MISSING_RIGHT))
        .contains("lacks the right to get secrets");

    // When
    giveBack();

    // Then
    Eventually.instance(desk).isReady();
  }

  private void take(String name) {
    rights.take(rights.all().stream().filter(right -> right.toString().equals(name)).toList());
  }
}
