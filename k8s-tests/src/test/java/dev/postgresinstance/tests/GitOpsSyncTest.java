package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.Manifests;
import dev.postgresinstance.tests.support.OtherFieldManager;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The operator does not change what a pipeline has applied, and a pipeline does not touch objects
 * that are not in Git. No pod is admitted here; the operator creates its objects nevertheless.
 */
class GitOpsSyncTest {

  private static final String OPERATOR = "postgres-instance-operator";

  @RegisterExtension static final Given given = Given.inOwnNamespaceWithoutPods();

  @ParameterizedTest
  @Tag("long")
  @ValueSource(
      strings = {
        "delete-and-return",
        "gitops/shop",
        "growth",
        "ports",
        "quickstart",
        "sni",
        "suspend",
        "tls",
        "tuning"
      })
  void syncedExampleHasNoDiff(String example) {
    for (String serverSide : List.of("--server-side=true", "--server-side=false")) {
      // Given
      Manifests manifests = given.manifests(Path.of("../examples", example));

      // When
      manifests.apply(serverSide);
      manifests.instances().forEach(GitOpsSyncTest::waitForFinalStatus);

      // Then
      Eventually.that( // again if the status was written during the comparison
          serverSide + " finds no difference",
          () -> assertThat(manifests.diff(serverSide)).isEmpty());
      manifests.apply(serverSide);
      assertThat(manifests.instances())
          .as(serverSide)
          .allSatisfy(
              instance ->
                  assertThat(instance.resource().getMetadata().getGeneration()).isEqualTo(1));
    }
  }

  @Test
  void operatorWritesOnlyTheStatusOfTheResource() {
    // When
    Instance plain = given.instance("plain").applied();
    waitForChildren(plain);

    // Then
    assertThat(plain.resource().getMetadata().getManagedFields())
        .filteredOn(fields -> !fields.getManager().equals("user"))
        .isNotEmpty()
        .allSatisfy(
            fields -> {
              assertThat(fields.getManager()).isEqualTo(OPERATOR);
              assertThat(fields.getSubresource()).isEqualTo("status");
              assertThat(fields.getFieldsV1().getAdditionalProperties())
                  .containsOnlyKeys("f:status");
            });
    assertThat(given.operator().recorder().writesIn(given.namespace()))
        .filteredOn(write -> write.kind().startsWith("postgresinstances"))
        .isNotEmpty()
        .allSatisfy(write -> assertThat(write.kind()).isEqualTo("postgresinstances/status"));
  }

  @Test
  void fieldsOfOtherManagersAreKept() {
    // Given
    Instance shelf = given.instance("shelf").applied();
    waitForChildren(shelf);
    objects(shelf).forEach(OtherFieldManager::addTo);

    // When
    shelf.change(spec -> spec.requests("50m", "128Mi"));

    // Then
    Eventually.that(
        "the StatefulSet matches the spec", () -> assertThat(requestedCpu(shelf)).isEqualTo("50m"));
    assertThat(objects(shelf))
        .extracting(HasMetadata::getMetadata)
        .allSatisfy(
            metadata -> {
              assertThat(metadata.getLabels()).containsAllEntriesOf(OtherFieldManager.LABELS);
              assertThat(metadata.getAnnotations())
                  .containsAllEntriesOf(OtherFieldManager.ANNOTATIONS);
              assertThat(metadata.getManagedFields())
                  .extracting(ManagedFieldsEntry::getManager)
                  .contains(OtherFieldManager.NAME);
            });
  }

  @Test
  void retainedChildrenAreProtectedFromPruning() {
    // Given
    Instance vault = given.instance("vault").trackedByArgoCd("shop").applied();
    waitForChildren(vault);
    assertThat(vault.children())
        .extracting(HasMetadata::getMetadata)
        .allSatisfy(GitOpsSyncTest::assertUntracked);
    assertUntracked(vault.statefulSet().getSpec().getTemplate().getMetadata());

    // When
    vault.delete();

    // Then
    assertThat(
            Stream.<HasMetadata>of(
                vault.claim(), vault.caSecret(), vault.appSecret(), vault.operatorSecret()))
        .extracting(HasMetadata::getMetadata)
        .allSatisfy(
            metadata -> {
              assertUntracked(metadata);
              assertThat(metadata.getAnnotations())
                  .containsEntry("argocd.argoproj.io/sync-options", "Prune=false,Delete=false")
                  .containsEntry("argocd.argoproj.io/compare-options", "IgnoreExtraneous");
            });
  }

  private static void assertUntracked(ObjectMeta metadata) {
    assertThat(metadata.getLabels()).doesNotContainKey("app.kubernetes.io/instance");
    assertThat(metadata.getAnnotations()).doesNotContainKey("argocd.argoproj.io/tracking-id");
  }

  /** Waits for the status that remains, because no pod is admitted or none is requested. */
  private static void waitForFinalStatus(Instance instance) {
    waitForChildren(instance);
    Eventually.that(
        "the status is final for " + instance,
        () ->
            assertThat(instance.ready().orElseThrow().getReason())
                .isIn(Reason.QUOTA_EXCEEDED.word(), Reason.SUSPENDED.word()));
  }

  private static void waitForChildren(Instance instance) {
    Eventually.that(
        "the operator has created all children of " + instance,
        () -> {
          assertThat(instance.children()).allMatch(Objects::nonNull);
          assertThat(instance.resource().getStatus().observedGeneration())
              .isEqualTo(instance.resource().getMetadata().getGeneration());
        });
  }

  private static List<HasMetadata> objects(Instance instance) {
    return Stream.concat(Stream.of(instance.resource()), instance.children().stream()).toList();
  }

  private static String requestedCpu(Instance instance) {
    return instance
        .statefulSet()
        .getSpec()
        .getTemplate()
        .getSpec()
        .getContainers()
        .getFirst()
        .getResources()
        .getRequests()
        .get("cpu")
        .toString();
  }
}
