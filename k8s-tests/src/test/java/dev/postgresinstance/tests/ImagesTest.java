package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.Provokes;
import dev.postgresinstance.tests.support.Settings;
import dev.postgresinstance.tests.support.Steadily;
import io.fabric8.kubernetes.api.model.Pod;
import java.sql.SQLException;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Another image, or another version, than the one that runs. */
@Order(1)
class ImagesTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  // A registry on the node itself, where none is: nothing outside is asked for it.
  private static final String NOWHERE = "localhost:1/postgres:no-such-tag";

  @Test
  void anotherImageOfTheVersionRestartsOnce() throws SQLException {
    // Given
    Instance orders = given.instance("orders").running();
    Pod before = orders.pod();
    note(orders);

    // When
    orders.change(spec -> spec.image(Settings.otherPostgresImage()));

    // Then
    Eventually.instance(orders).isReadyWithoutPod(before);
    Pod after = orders.pod();
    assertThat(imageOf(after)).isEqualTo(Settings.otherPostgresImage());
    assertThat(noteOf(orders)).isEqualTo("still here");
    assertThat(orders.resource().getStatus().version()).startsWith("17.");
    assertThat(orders.resource().getStatus().imageID()).contains("sha256:");
    staysAt(orders, after);
  }

  @Test
  @Provokes(Reason.IMAGE_REFUSED)
  void anImageThatCannotBePulledGoesBackToTheLastThatRan() throws SQLException {
    // Given
    Instance desk = given.instance("desk").running();
    Pod before = desk.pod();
    note(desk);

    // When
    desk.change(spec -> spec.image(NOWHERE));

    // Then
    assertThat(Eventually.instance(desk).isNotReady(Reason.IMAGE_REFUSED))
        .contains(NOWHERE, imageOf(before));
    Eventually.instance(desk).saysOf(ConditionType.AVAILABLE, Reason.RUNNING);
    assertThat(noteOf(desk)).isEqualTo("still here");

    Pod back = desk.pod();
    assertThat(imageOf(back)).isEqualTo(imageOf(before));
    desk.change(spec -> spec.defaultImage());
    Eventually.instance(desk).isReady();
    assertThat(desk.condition(ConditionType.PENDING_RESTART)).isEmpty();
    staysAt(desk, back);
  }

  @Test
  void anImageWithoutPostgresGoesBackToTheLastThatRan() throws SQLException {
    // Given
    Instance till = given.instance("till").running();
    note(till);
    String pause = Cluster.imageOnNode("/pause");

    // When
    till.change(spec -> spec.image(pause));

    // Then
    assertThat(Eventually.instance(till).isNotReady(Reason.IMAGE_REFUSED)).contains(pause);
    Eventually.instance(till).saysOf(ConditionType.AVAILABLE, Reason.RUNNING);
    assertThat(noteOf(till)).isEqualTo("still here");
  }

  @Test
  void aHigherVersionThanThatOfTheDataStopsNothingAndTheWayBackHeals() throws SQLException {
    // Given
    Instance shelf = given.instance("shelf").running();
    note(shelf);
    shelf.change(spec -> spec.version("18"));
    assertThat(Eventually.instance(shelf).isNotReady(Reason.SPEC_DOES_NOT_MATCH_DATA))
        .contains("17", "18");
    Pod before = Cluster.killPod(shelf);
    Eventually.instance(shelf).hasPodOtherThan(before).acceptsLogins();
    Pod restarted = shelf.pod();

    // When
    shelf.change(spec -> spec.version("17"));

    // Then
    Eventually.instance(shelf).isReady();
    assertThat(noteOf(shelf)).isEqualTo("still here");
    staysAt(shelf, restarted);
  }

  @Test
  @Provokes(Reason.COLLATION_VERSION_MISMATCH)
  void databasesThatWereIndexedByAnotherSortOrderAreNamed() {
    // Given
    Instance book = given.instance("book").running();

    // When
    Cluster.psql(book, "UPDATE pg_database SET datcollversion = '0' WHERE datname = 'app'");

    // Then
    assertThat(
            Eventually.instance(book)
                .says(ConditionType.DATA_AT_RISK, Reason.COLLATION_VERSION_MISMATCH))
        .contains("app");
    Cluster.psql(book, "ALTER DATABASE app REFRESH COLLATION VERSION");
    Eventually.instance(book).saysNo(ConditionType.DATA_AT_RISK);
  }

  private static void note(Instance instance) throws SQLException {
    try (Client client = Client.connect(instance)) {
      client.execute("CREATE TABLE parcel AS SELECT 'still here' AS note");
    }
  }

  private static String noteOf(Instance instance) throws SQLException {
    try (Client client = Client.connect(instance)) {
      return client.read("SELECT note FROM parcel");
    }
  }

  private static String imageOf(Pod pod) {
    return pod.getSpec().getContainers().getFirst().getImage();
  }

  private static void staysAt(Instance instance, Pod pod) {
    Steadily.that(
        "there is no other restart",
        () ->
            assertThat(instance.pod().getMetadata().getUid())
                .isEqualTo(pod.getMetadata().getUid()));
  }
}
