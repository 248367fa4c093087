package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Consistently;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.PodPolicy;
import dev.postgresinstance.tests.support.PodPolicy.Sidecar;
import dev.postgresinstance.tests.support.Settings;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import java.sql.SQLException;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Admission controllers change the pod of an instance: service meshes add containers, and registry
 * mirrors replace references of images.
 */
@Order(1)
class SharedPodTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  // The address of a registry on the node itself, where none runs: no request leaves the node.
  private static final String MISSING_IMAGE = "localhost:1/postgres:no-such-tag";

  /** The annotation that records the last image that worked. */
  private static final String RECORDED_IMAGE = "postgresinstance.dev/image";

  @Test
  void containerBeforeTheServerIsNotTakenForTheServer() throws SQLException {
    PodPolicy.containerFirst(
            given.namespace(), "orders", sidecar("mesh-proxy"), "sleep", "infinity")
        .during(
            () ->
                assertFallsBackBesideOtherContainer(
                    given.instance("orders").running(), "mesh-proxy"));
  }

  @Test
  @Tag("long")
  void containerAfterTheServerIsNotTakenForTheServer() throws SQLException {
    PodPolicy.containerLast(given.namespace(), "desk", sidecar("zz-proxy"), "sleep", "infinity")
        .during(
            () ->
                assertFallsBackBesideOtherContainer(given.instance("desk").running(), "zz-proxy"));
  }

  @Test
  @Tag("long")
  void lastMessageOfServerIsFoundBesideContainerThatCrashes() {
    PodPolicy.containerFirst(
            given.namespace(), "till", sidecar("mesh-proxy"), "bash", "-c", "exit 3")
        .during(
            () -> {
              // Given
              Instance till = given.instance("till").running();

              // When
              till.change(spec -> spec.parameter("shared_preload_libraries", "nope"));

              // Then
              assertThat(Eventually.instance(till).isNotReady(Reason.PARAMETER_REFUSED))
                  .contains("nope");
              Eventually.instance(till).hasCondition(ConditionType.AVAILABLE, Reason.RUNNING);
              till.change(spec -> spec.noParameters());
              Eventually.instance(till).isReady().acceptsLogins();
            });
  }

  @Test
  @Tag("long")
  void failingInitContainerIsReportedAsThatOfSomebodyElse() {
    // Given
    Instance shelf = given.instance("shelf").notApplied();
    String script = "echo no route to the mesh >&2; exit 3";
    PodPolicy.initContainer(given.namespace(), "shelf", sidecar("mesh-init"), "bash", "-c", script)
        .during(
            () -> {
              // When
              shelf.apply();

              // Then
              assertThat(Eventually.instance(shelf).isNotReady(Reason.CRASHING))
                  .contains("mesh-init", "the operator did not add", "exit code 3", "no route");
            });

    // When
    Cluster.killPod(shelf);

    // Then
    Eventually.instance(shelf).isReady();
  }

  @Test
  @Tag("long")
  void missingImageOfInitContainerIsReportedAsThatOfSomebodyElse() {
    // Given
    Sidecar init = new Sidecar("mesh-init", MISSING_IMAGE);
    PodPolicy.initContainer(given.namespace(), "book", init, "true")
        .during(
            () -> {
              // When
              Instance book = given.instance("book").applied();

              // Then
              assertThat(Eventually.instance(book).isNotReady(Reason.IMAGE_UNAVAILABLE))
                  .contains("mesh-init", "the operator did not add", MISSING_IMAGE);
            });
  }

  @Test
  void imageOfMirrorCausesNoRestart() {
    PodPolicy.image(given.namespace(), "store", Settings.otherPostgresImage())
        .during(
            () -> {
              // Given
              Instance store = given.instance("store").running();
              String requested = requestedImage(store);
              Pod before = store.pod();
              assertThat(Cluster.serverIn(before).getImage())
                  .isEqualTo(Settings.otherPostgresImage());
              awaitRecorded(store, requested);

              // When
              store.change(spec -> spec.image(requested));

              // Then
              Eventually.instance(store).isReady();
              Consistently.keepsPod(store, before);
            });
  }

  private static void assertFallsBackBesideOtherContainer(Instance instance, String other)
      throws SQLException {
    // Given
    String requested = requestedImage(instance);
    assertThat(instance.pod().getSpec().getContainers()).map(Container::getName).contains(other);
    awaitRecorded(instance, requested);

    // When
    instance.change(spec -> spec.image(MISSING_IMAGE));

    // Then
    assertThat(Eventually.instance(instance).isNotReady(Reason.IMAGE_REFUSED))
        .contains(MISSING_IMAGE, requested);
    Eventually.instance(instance).hasCondition(ConditionType.AVAILABLE, Reason.RUNNING);
    Pod fallback = instance.pod();
    assertThat(Cluster.serverIn(fallback).getImage()).isEqualTo(requested);
    try (Client client = Client.connect(instance)) {
      assertThat(client.read("SELECT 1")).isEqualTo("1");
    }
    instance.change(spec -> spec.defaultImage());
    Eventually.instance(instance).isReady();
    Consistently.keepsPod(instance, fallback);
  }

  /** A container with another image than the server has. */
  private static Sidecar sidecar(String name) {
    return new Sidecar(name, Settings.otherPostgresImage());
  }

  private static String requestedImage(Instance instance) {
    return instance
        .statefulSet()
        .getSpec()
        .getTemplate()
        .getSpec()
        .getContainers()
        .getFirst()
        .getImage();
  }

  /** The claim is written after the status. */
  private static void awaitRecorded(Instance instance, String image) {
    Eventually.that(
        image + " is recorded as the image that works",
        () ->
            assertThat(instance.claim().getMetadata().getAnnotations())
                .containsEntry(RECORDED_IMAGE, image));
  }
}
