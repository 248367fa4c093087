package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.InstanceBuilder;
import dev.postgresinstance.tests.support.Payloads;
import io.fabric8.kubernetes.api.model.Pod;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Values that would do harm if they were executed, as far as the API server accepts them. */
class InjectionTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static Instance target;

  @BeforeAll
  static void instance() {
    // Given: a role, a database and parameters with such values
    List<String> payloads = Payloads.lines();
    InstanceBuilder builder =
        given
            .instance("target")
            .database("$pgi$\"; CREATE ROLE pwned SUPERUSER; --")
            .username("$pgi$'; CREATE ROLE pwned SUPERUSER; --");
    for (int i = 0; i < payloads.size(); i++) {
      builder.parameter("payload.number_" + i, payloads.get(i));
    }
    target = builder.running();
  }

  @AfterEach
  void assertNothingWasExecuted() {
    assertThat(Cluster.psql(target, "SELECT count(*) FROM pg_roles WHERE rolname = 'pwned'"))
        .isEqualTo("0");
    assertThat(Cluster.exec(target, "ls", "/tmp")).doesNotContain("pwned");
    assertThat(target.configMap().getData()).doesNotContainKey("pwned");
    assertThat(given.operator().logs()).doesNotContain("NullPointerException");
  }

  @Test
  void parametersAreTakenLiterally() throws SQLException {
    try (Client client = Client.connect(target)) {
      for (int i = 0; i < Payloads.lines().size(); i++) {
        // When
        String value = client.read("SHOW payload.number_" + i);

        // Then
        assertThat(value).isEqualTo(Payloads.lines().get(i));
      }
    }
  }

  static List<String> payloads() {
    return Payloads.lines();
  }

  @ParameterizedTest
  @MethodSource("payloads")
  void passwordsAreTakenLiterally(String payload) {
    // When
    Cluster.editPassword(target.appSecret(), payload);

    // Then
    Eventually.that("the password logs in", () -> Client.connect(target).close());
    assertThat(target.credentials()).containsEntry("password", payload);
  }

  @ParameterizedTest
  @ValueSource(strings = {"rotate-password", "adopt", "accept-empty-volume", "recreate-database"})
  void annotationsAreTakenLiterally(String annotation) {
    for (String payload : Payloads.lines()) {
      // When
      target.annotate("postgresinstance.dev/" + annotation, payload);
    }

    // Then
    Eventually.instance(target).isReady().acceptsLogins();
  }

  @Test
  void restartAnnotationIsTakenLiterally() {
    // Given
    Pod before = target.pod();

    // When
    target.annotate("postgresinstance.dev/restart", Payloads.lines().getFirst());

    // Then
    Eventually.instance(target).isReadyWithNewPod(before).acceptsLogins();
  }
}
