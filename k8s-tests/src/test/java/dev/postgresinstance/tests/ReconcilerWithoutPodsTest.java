package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.CoversReasons;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How the operator manages objects. No pod is admitted: the tests are fast and need no server. */
class ReconcilerWithoutPodsTest {

  @RegisterExtension static final Given given = Given.inOwnNamespaceWithoutPods();

  @Test
  void childrenHaveLabelsIdentityAndOwners() {
    // When
    Instance orders = given.instance("orders").applied();
    waitForChildren(orders);

    // Then
    String id =
        orders.claim().getMetadata().getAnnotations().get("postgresinstance.dev/instance-id");
    assertThat(id).isNotBlank();
    assertThat(orders.children())
        .extracting(HasMetadata::getMetadata)
        .allSatisfy(
            metadata -> {
              assertThat(metadata.getLabels())
                  .containsEntry("app.kubernetes.io/name", "postgres-instance")
                  .containsEntry("app.kubernetes.io/managed-by", "postgres-instance-operator")
                  .containsEntry("postgresinstance.dev/instance", "orders")
                  .containsKey("app.kubernetes.io/component")
                  .doesNotContainKey("app.kubernetes.io/instance");
              assertThat(metadata.getAnnotations())
                  .containsEntry("postgresinstance.dev/instance-id", id);
            });
    assertThat(
            List.of(orders.claim(), orders.caSecret(), orders.appSecret(), orders.operatorSecret()))
        .allSatisfy(kept -> assertThat(kept.getMetadata().getOwnerReferences()).isEmpty());
    assertThat(
            List.of(orders.statefulSet(), orders.service(), orders.configMap(), orders.tlsSecret()))
        .allSatisfy(
            owned ->
                assertThat(owned.getMetadata().getOwnerReferences())
                    .singleElement()
                    .satisfies(
                        owner ->
                            assertThat(owner.getUid())
                                .isEqualTo(orders.resource().getMetadata().getUid())));
  }

  @Test
  void statusIsWrittenBeforeThePodExists() {
    // When
    Instance early = given.instance("early").applied();

    // Then
    Eventually.instance(early).isNotReady(Reason.QUOTA_EXCEEDED);
    assertThat(early.resource().getStatus().observedGeneration())
        .isEqualTo(early.resource().getMetadata().getGeneration());
  }

  @Test
  void changeOfSpecReachesTheChildren() {
    // Given
    Instance till = given.instance("till").applied();
    waitForChildren(till);
    int port = Cluster.freeNodePort();

    // When
    till.change(spec -> spec.requests("50m", "128Mi").nodePort(port));

    // Then
    Eventually.that(
        "the children match the spec",
        () -> {
          assertThat(container(till.statefulSet()).getResources().getRequests())
              .containsEntry("cpu", new Quantity("50m"));
          assertThat(till.service().getSpec().getPorts().getFirst().getNodePort()).isEqualTo(port);
        });
  }

  @Test
  void manualEditIsReverted() {
    // Given
    Instance desk = given.instance("desk").applied();
    waitForChildren(desk);

    // When
    Cluster.edit(desk.statefulSet(), edited -> edited.getSpec().setReplicas(3));

    // Then
    Eventually.that(
        "the StatefulSet has one replica again",
        () -> assertThat(desk.statefulSet().getSpec().getReplicas()).isEqualTo(1));
  }

  @Test
  void metadataAddedByOthersIsKept() {
    // Given
    Instance shelf = given.instance("shelf").applied();
    waitForChildren(shelf);
    for (HasMetadata child : shelf.children()) {
      Cluster.edit(
          child,
          edited -> {
            edited.getMetadata().getAnnotations().put("example.com/note", "ours");
            edited.getMetadata().getLabels().put("example.com/team", "blue");
          });
    }

    // When
    shelf.change(spec -> spec.requests("50m", "128Mi"));

    // Then
    Eventually.that(
        "the StatefulSet matches the spec",
        () ->
            assertThat(container(shelf.statefulSet()).getResources().getRequests())
                .containsEntry("cpu", new Quantity("50m")));
    assertThat(shelf.children())
        .extracting(HasMetadata::getMetadata)
        .allSatisfy(
            metadata -> {
              assertThat(metadata.getAnnotations()).containsEntry("example.com/note", "ours");
              assertThat(metadata.getLabels()).containsEntry("example.com/team", "blue");
            });
  }

  @ParameterizedTest
  @MethodSource
  @CoversReasons(Reason.CONFLICT)
  void foreignObjectIsNamedAndNotTouched(Function<String, HasMetadata> foreign) {
    // Given
    String name = "c" + Integer.toHexString(foreign.hashCode());
    HasMetadata before = given.object(foreign.apply(name));

    // When
    Instance instance = given.instance(name).applied();

    // Then
    String message = Eventually.instance(instance).isNotReady(Reason.CONFLICT);
    assertThat(message).contains(before.getKind(), before.getMetadata().getName());
    HasMetadata after = Cluster.current(before);
    assertThat(after.getMetadata().getUid()).isEqualTo(before.getMetadata().getUid());
    assertThat(after.getMetadata().getLabels()).isNullOrEmpty();
    assertThat(after.getMetadata().getManagedFields())
        .noneMatch(fields -> fields.getManager().equals("postgres-instance-operator"));
  }

  /** The instance does without TLS. */
  @ParameterizedTest
  @ValueSource(strings = {"ca", "tls"})
  void foreignSecretOfCertificateIsNamedAndNotTouched(String suffix) {
    // Given
    String name = "without-" + suffix;
    Secret before =
        given.object(new SecretBuilder().withMetadata(named(name + "-" + suffix)).build());

    // When
    Instance instance = given.instance(name).applied();

    // Then
    assertThat(
            Eventually.instance(instance)
                .conditionMessage(ConditionType.CERTIFICATE_READY, Reason.CONFLICT))
        .contains("Secret " + before.getMetadata().getName());
    Eventually.that("the StatefulSet exists", () -> assertThat(instance.statefulSet()).isNotNull());
    Secret after = Cluster.current(before);
    assertThat(after.getMetadata().getResourceVersion())
        .isEqualTo(before.getMetadata().getResourceVersion());
    assertThat(suffix.equals("ca") ? instance.tlsSecret() : instance.caSecret()).isNull();
  }

  static Stream<Named<Function<String, HasMetadata>>> foreignObjectIsNamedAndNotTouched() {
    return Stream.of(
        Named.of(
            "Service",
            name ->
                new ServiceBuilder()
                    .withMetadata(named(name))
                    .withNewSpec()
                    .addNewPort()
                    .withPort(80)
                    .endPort()
                    .endSpec()
                    .build()),
        Named.of(
            "PersistentVolumeClaim",
            name ->
                new PersistentVolumeClaimBuilder()
                    .withMetadata(named(name + "-data"))
                    .withNewSpec()
                    .withAccessModes("ReadWriteOnce")
                    .withNewResources()
                    .addToRequests("storage", new Quantity("1Gi"))
                    .endResources()
                    .endSpec()
                    .build()),
        Named.of(
            "Secret for applications",
            name -> new SecretBuilder().withMetadata(named(name + "-app")).build()),
        Named.of(
            "Secret of the operator",
            name -> new SecretBuilder().withMetadata(named(name + "-operator")).build()),
        Named.of(
            "ConfigMap",
            name -> new ConfigMapBuilder().withMetadata(named(name + "-config")).build()),
        Named.of(
            "StatefulSet",
            name ->
                new StatefulSetBuilder()
                    .withMetadata(named(name))
                    .withNewSpec()
                    .withReplicas(0)
                    .withNewSelector()
                    .addToMatchLabels("a", "b")
                    .endSelector()
                    .withNewTemplate()
                    .withNewMetadata()
                    .addToLabels("a", "b")
                    .endMetadata()
                    .withNewSpec()
                    .addNewContainer()
                    .withName("a")
                    .withImage("a")
                    .endContainer()
                    .endSpec()
                    .endTemplate()
                    .endSpec()
                    .build()));
  }

  private static ObjectMeta named(String name) {
    ObjectMeta metadata = new ObjectMeta();
    metadata.setName(name);
    return metadata;
  }

  private static void waitForChildren(Instance instance) {
    Eventually.that(
        "all children exist", () -> assertThat(instance.children()).allMatch(Objects::nonNull));
  }

  private static Container container(StatefulSet statefulSet) {
    return statefulSet.getSpec().getTemplate().getSpec().getContainers().getFirst();
  }
}
