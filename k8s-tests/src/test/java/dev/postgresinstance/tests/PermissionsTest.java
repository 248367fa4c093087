package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.CoversReasons;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.GrantedPermissions;
import dev.postgresinstance.tests.support.Instance;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * An operator that has fewer permissions than its chart grants. Isolated, because all instances are
 * affected.
 */
@Isolated
@Tag("installed")
class PermissionsTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private final GrantedPermissions permissions = given.operator().permissions();

  @AfterEach
  void restore() {
    permissions.restore();
  }

  @Test
  @CoversReasons({Reason.MISSING_RIGHT, Reason.RUNNING})
  void missingWritePermissionIsNamedAndServerKeepsRunning() {
    // Given
    Instance orders = given.instance("orders").running();
    revoke("patch services");

    // When
    orders.change(spec -> spec.service("annotations", Map.of("example.com/note", "new")));

    // Then
    assertThat(Eventually.instance(orders).isNotReady(Reason.MISSING_RIGHT))
        .contains("lacks permission to patch services");
    Eventually.instance(orders).acceptsLogins();
    restore();
    Eventually.instance(orders).isReady();
  }

  @Test
  @CoversReasons({Reason.MISSING_RIGHT, Reason.RUNNING})
  void missingReadPermissionIsNamed() {
    // Given
    revoke("get secrets");
    Instance desk = given.instance("desk").applied();
    assertThat(Eventually.instance(desk).isNotReady(Reason.MISSING_RIGHT))
        .contains("lacks permission to get secrets");

    // When
    restore();

    // Then
    Eventually.instance(desk).isReady();
  }

  private void revoke(String name) {
    permissions.revoke(
        permissions.all().stream()
            .filter(permission -> permission.toString().equals(name))
            .toList());
  }
}
