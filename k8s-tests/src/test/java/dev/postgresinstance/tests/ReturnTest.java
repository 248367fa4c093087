package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.EventReason;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Consistently;
import dev.postgresinstance.tests.support.CoversReasons;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Instances that are applied again to complete or partly lost data, and what a user may accept by
 * annotation.
 */
class ReturnTest {

  private static final String ACCEPT = "accept-empty-volume";
  private static final String ADOPT = "adopt";
  private static final String INSTANCE_ID = "postgresinstance.dev/instance-id";
  private static final String SYSTEM_IDENTIFIER = "postgresinstance.dev/system-identifier";

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  @Test
  void recreatedClaimIsUsedOnceUserAcceptsIt() throws SQLException {
    // Given
    Instance lost = given.instance("lost").running();
    String before =
        Eventually.nonNull("the data is recorded", () -> recorded(lost, SYSTEM_IDENTIFIER));
    String formerClaim = lost.claim().getMetadata().getUid();
    Cluster.delete(lost.claim());
    Cluster.killPod(lost);
    String message = Eventually.instance(lost).isNotReady(Reason.DATA_MISSING);
    String claim = lost.claim().getMetadata().getUid();
    assertThat(message).contains("postgresinstance.dev/accept-empty-volume=" + claim);

    // When: the annotation names the former claim
    lost.change(spec -> spec.annotation(ACCEPT, formerClaim));

    // Then
    Consistently.that(
        "nothing is accepted",
        () ->
            assertThat(lost.ready().orElseThrow().getReason())
                .isEqualTo(Reason.DATA_MISSING.word()));
    assertThat(Cluster.filesOnVolume(lost)).noneMatch(file -> file.endsWith("PG_VERSION"));

    // When
    lost.change(spec -> spec.annotation(ACCEPT, claim));

    // Then
    Eventually.instance(lost).isReady().acceptsLogins();
    assertThat(recorded(lost, SYSTEM_IDENTIFIER)).isNotEqualTo(before);
    assertThat(lost.appSecret().getMetadata().getAnnotations())
        .containsEntry(SYSTEM_IDENTIFIER, recorded(lost, SYSTEM_IDENTIFIER));
  }

  @Test
  @Tag("long")
  void emptiedVolumeIsAcceptedOnlyOnce() {
    // Given
    Instance wiped = given.instance("wiped").running();
    String claim = wiped.claim().getMetadata().getUid();
    Cluster.emptyVolume(wiped);
    Cluster.killPod(wiped);
    Eventually.instance(wiped).isNotReady(Reason.DATA_MISSING);
    wiped.change(spec -> spec.annotation(ACCEPT, claim));
    Eventually.instance(wiped).isReady().acceptsLogins();

    // When: the annotation is unchanged
    Cluster.emptyVolume(wiped);
    Cluster.killPod(wiped);

    // Then
    String message = Eventually.instance(wiped).isNotReady(Reason.DATA_MISSING);
    assertThat(message).contains("accepted that this claim is empty before");
    assertThat(Cluster.filesOnVolume(wiped)).noneMatch(file -> file.endsWith("PG_VERSION"));
  }

  @Test
  @Tag("long")
  @CoversReasons(events = EventReason.ADOPTED)
  void secretOfAnotherInstanceIsNamedAndAdoptedOnRequest() throws SQLException {
    // Given
    Instance mine = given.instance("mine").running();
    try (Client client = Client.connect(mine)) {
      client.execute("CREATE TABLE entry AS SELECT 'still here' AS note");
    }
    mine.delete();
    String password = mine.credentials().get("password");
    Secret secret =
        Cluster.edit(
            mine.appSecret(),
            edited -> edited.getMetadata().getAnnotations().put(INSTANCE_ID, "another-id"));
    String version = secret.getMetadata().getResourceVersion();

    // When
    mine.apply();

    // Then
    String message = Eventually.instance(mine).isNotReady(Reason.CONFLICT);
    assertThat(message).contains("Secret mine-app", "postgresinstance.dev/adopt: another-id");
    assertThat(mine.appSecret().getMetadata().getResourceVersion()).isEqualTo(version);

    // When
    mine.change(spec -> spec.annotation(ADOPT, "another-id"));

    // Then
    Eventually.instance(mine).isReady().acceptsLogins();
    assertThat(mine.appSecret().getMetadata().getAnnotations().get(INSTANCE_ID))
        .isEqualTo(recorded(mine, INSTANCE_ID));
    assertThat(mine.credentials()).containsEntry("password", password);
    try (Client client = Client.connect(mine)) {
      assertThat(client.read("SELECT note FROM entry")).isEqualTo("still here");
    }
  }

  @Test
  @CoversReasons(Reason.VOLUME_OF_ANOTHER_INSTANCE)
  void volumeOfAnotherInstanceIsNamedAndAdoptedOnRequest() throws SQLException {
    // Given: claim and Secrets belong to this instance, but the volume names another one
    Instance moved = given.instance("moved").running();
    try (Client client = Client.connect(moved)) {
      client.execute("CREATE TABLE entry AS SELECT 'still here' AS note");
    }
    Cluster.exec(moved, "bash", "-c", "echo another-id > /pgdata/instance-id");

    // When
    Cluster.killPod(moved);

    // Then
    String message = Eventually.instance(moved).isNotReady(Reason.VOLUME_OF_ANOTHER_INSTANCE);
    assertThat(message).contains("postgresinstance.dev/adopt: another-id");
    List<String> volume = Cluster.contentOfVolume(moved);
    int tries = Cluster.containerRestarts(moved);
    Eventually.that(
        "the start was retried",
        () -> assertThat(Cluster.containerRestarts(moved)).isGreaterThan(tries));
    assertThat(Cluster.contentOfVolume(moved)).isEqualTo(volume);

    // When
    moved.change(spec -> spec.annotation(ADOPT, "another-id"));

    // Then
    Eventually.instance(moved).isReady().acceptsLogins();
    try (Client client = Client.connect(moved)) {
      assertThat(client.read("SELECT note FROM entry")).isEqualTo("still here");
    }
    assertThat(Cluster.exec(moved, "cat", "/pgdata/instance-id"))
        .isEqualTo(recorded(moved, INSTANCE_ID));
  }

  @Test
  @Tag("long")
  void volumeKeepsItsSizeWhenSmallerSizeIsRequestedAndReportsIt() {
    // Given
    Instance roomy = given.instance("roomy").storage("2Gi").running();
    roomy.delete();

    // When
    roomy.change(spec -> spec.storage("1Gi"));

    // Then
    Eventually.instance(roomy).isReady();
    assertThat(roomy.claim().getSpec().getResources().getRequests().get("storage"))
        .hasToString("2Gi");
    assertThat(roomy.ready().orElseThrow().getMessage())
        .contains("2Gi", "1Gi", "volumes cannot shrink");
  }

  @Test
  void nothingIsWrittenWhenReturnIsRejected() {
    // Given
    Instance archive = given.instance("archive").database("papers").running();
    int port = archive.nodePort();
    archive.delete();
    Eventually.that("its pod is gone", () -> assertThat(archive.pod()).isNull());
    List<Map<String, String>> before = records(archive);

    // When
    archive.change(spec -> spec.database("letters"));

    // Then: no pod was created that could have written to the volume
    Eventually.instance(archive).isNotReady(Reason.SPEC_DOES_NOT_MATCH_DATA);
    Consistently.that("there is no pod", () -> assertThat(archive.pod()).isNull());
    assertThat(records(archive)).isEqualTo(before);

    // When
    archive.delete();
    archive.change(spec -> spec.database("papers"));

    // Then
    Eventually.instance(archive).isReady().acceptsLogins();
    assertThat(archive.nodePort()).isEqualTo(port);
  }

  private static List<Map<String, String>> records(Instance instance) {
    return List.of(
        instance.claim().getMetadata().getAnnotations(),
        annotations(instance.appSecret()),
        annotations(instance.operatorSecret()));
  }

  private static Map<String, String> annotations(HasMetadata child) {
    return child.getMetadata().getAnnotations();
  }

  private static String recorded(Instance instance, String annotation) {
    return annotations(instance.claim()).get(annotation);
  }
}
