package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import io.fabric8.kubernetes.api.model.Pod;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The oldest and the newest PostgreSQL. Needs their images in the cluster: `make test-versions`.
 */
@Tag("versions")
class VersionsTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  @ParameterizedTest
  @ValueSource(strings = {"15", "18"})
  void instanceStartsAndRestarts(String version) throws SQLException {
    // Given
    Instance instance = given.instance("version-" + version).version(version).running();
    try (Client client = Client.connect(instance)) {
      client.execute("CREATE TABLE parcel AS SELECT 'still here' AS note");
    }

    // When
    Pod before = Cluster.killPod(instance);

    // Then
    Eventually.instance(instance).isReadyWithNewPod(before);
    assertThat(instance.resource().getStatus().version()).startsWith(version + ".");
    try (Client client = Client.connect(instance)) {
      assertThat(client.read("SELECT note FROM parcel")).isEqualTo("still here");
      assertThat(client.read("SHOW server_version")).startsWith(version + ".");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"15", "18"})
  void operatorConnectsWhenAllConnectionsAreUsed(String version) throws SQLException {
    // Given
    Instance crowded =
        given
            .instance("crowded-" + version)
            .version(version)
            .parameter("max_connections", "20")
            .running();
    List<Client> sessions = Client.connectUntilFull(crowded);

    // When
    crowded.change(spec -> spec.parameter("work_mem", "6MB"));

    // Then
    Client session = sessions.getFirst();
    Eventually.that(
        "the parameter is in effect",
        () -> assertThat(session.read("SHOW work_mem")).isEqualTo("6MB"));
    for (Client client : sessions) {
      client.close();
    }
    Eventually.instance(crowded).isReady();
  }

  @ParameterizedTest
  @ValueSource(strings = {"15", "18"})
  void roleOfOperatorHasAllRequiredPrivileges(String version) throws SQLException {
    // Given
    Instance desk = given.instance("desk-" + version).version(version).running();
    String old = desk.credentials().get("password");

    // When
    desk.change(spec -> spec.annotation("rotate-password", "once").superuserAccess(true));

    // Then
    Eventually.instance(desk).hasPasswordOtherThan(old).isReady().acceptsLogins();
    String uri = Instance.decoded(desk.superuserSecret()).get("external-jdbc-uri");
    try (Client superuser = Client.connect(uri)) {
      superuser.execute("DROP DATABASE app WITH (FORCE)");
      superuser.execute("DROP ROLE app");
    }
    // A request that the operator sees before it knows that the database is gone has no effect.
    Eventually.instance(desk).hasCondition(ConditionType.AVAILABLE, Reason.DATABASE_MISSING);

    // When
    desk.change(spec -> spec.annotation("recreate-database", "yes").superuserAccess(false));

    // Then
    Eventually.instance(desk).isReady().acceptsLogins();
    assertThatThrownBy(() -> Client.connect(uri)).hasMessageContaining("rejects connection");
  }
}
