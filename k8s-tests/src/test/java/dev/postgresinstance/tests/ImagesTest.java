package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Consistently;
import dev.postgresinstance.tests.support.CoversReasons;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.Settings;
import io.fabric8.kubernetes.api.model.Pod;
import java.sql.SQLException;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Changes of the image or the version of a running instance. */
@Order(1)
class ImagesTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  // The address of a registry on the node itself, where none runs: no request leaves the node.
  private static final String MISSING_IMAGE = "localhost:1/postgres:no-such-tag";

  @Test
  void otherImageOfSameVersionRestartsOnce() throws SQLException {
    // Given
    Instance orders = given.instance("orders").running();
    Pod before = orders.pod();
    createNote(orders);

    // When
    orders.change(spec -> spec.image(Settings.otherPostgresImage()));

    // Then
    Eventually.instance(orders).isReadyWithNewPod(before);
    Pod after = orders.pod();
    assertThat(imageOf(after)).isEqualTo(Settings.otherPostgresImage());
    assertThat(readNote(orders)).isEqualTo("still here");
    assertThat(orders.resource().getStatus().version()).startsWith("17.");
    assertThat(orders.resource().getStatus().imageID()).contains("sha256:");
    Consistently.keepsPod(orders, after);
  }

  @Test
  @CoversReasons(Reason.IMAGE_REFUSED)
  void unavailableImageFallsBackToLastWorkingImage() throws SQLException {
    // Given
    Instance desk = given.instance("desk").running();
    Pod before = desk.pod();
    createNote(desk);

    // When
    desk.change(spec -> spec.image(MISSING_IMAGE));

    // Then
    assertThat(Eventually.instance(desk).isNotReady(Reason.IMAGE_REFUSED))
        .contains(MISSING_IMAGE, imageOf(before));
    Eventually.instance(desk).hasCondition(ConditionType.AVAILABLE, Reason.RUNNING);
    assertThat(readNote(desk)).isEqualTo("still here");

    Pod fallbackPod = desk.pod();
    assertThat(imageOf(fallbackPod)).isEqualTo(imageOf(before));
    desk.change(spec -> spec.defaultImage());
    Eventually.instance(desk).isReady();
    assertThat(desk.condition(ConditionType.PENDING_RESTART)).isEmpty();
    Consistently.keepsPod(desk, fallbackPod);
  }

  @Test
  @Tag("long")
  void imageWithoutPostgresFallsBackToLastWorkingImage() throws SQLException {
    // Given
    Instance till = given.instance("till").running();
    createNote(till);
    String pause = Cluster.imageOnNode("/pause");

    // When
    till.change(spec -> spec.image(pause));

    // Then
    assertThat(Eventually.instance(till).isNotReady(Reason.IMAGE_REFUSED)).contains(pause);
    Eventually.instance(till).hasCondition(ConditionType.AVAILABLE, Reason.RUNNING);
    assertThat(readNote(till)).isEqualTo("still here");
  }

  @Test
  void higherVersionThanDataStopsNothingAndIsReportedUntilReverted() throws SQLException {
    // Given
    Instance shelf = given.instance("shelf").running();
    createNote(shelf);
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
    assertThat(readNote(shelf)).isEqualTo("still here");
    Consistently.keepsPod(shelf, restarted);
  }

  @Test
  @Tag("long")
  @CoversReasons(Reason.COLLATION_VERSION_MISMATCH)
  void databasesWithOtherCollationVersionAreNamed() {
    // Given
    Instance book = given.instance("book").running();

    // When
    Cluster.psql(book, "UPDATE pg_database SET datcollversion = '0' WHERE datname = 'app'");

    // Then
    assertThat(
            Eventually.instance(book)
                .conditionMessage(ConditionType.DATA_AT_RISK, Reason.COLLATION_VERSION_MISMATCH))
        .contains("app");
    Cluster.psql(book, "ALTER DATABASE app REFRESH COLLATION VERSION");
    Eventually.instance(book).hasNoCondition(ConditionType.DATA_AT_RISK);
  }

  private static void createNote(Instance instance) throws SQLException {
    try (Client client = Client.connect(instance)) {
      client.execute("CREATE TABLE parcel AS SELECT 'still here' AS note");
    }
  }

  private static String readNote(Instance instance) throws SQLException {
    try (Client client = Client.connect(instance)) {
      return client.read("SELECT note FROM parcel");
    }
  }

  private static String imageOf(Pod pod) {
    return Cluster.serverIn(pod).getImage();
  }
}
