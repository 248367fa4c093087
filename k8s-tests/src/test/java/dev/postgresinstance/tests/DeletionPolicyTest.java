package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The deletion policy applies to the volume and the passwords as one unit. */
class DeletionPolicyTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  @Test
  void deletePolicyRemovesEverything() {
    // Given
    Instance scratch = given.instance("scratch").deletionPolicy("Delete").running();

    // When
    scratch.delete();

    // Then
    Eventually.thatStays("nothing is left", () -> assertNothingIsLeft(scratch));
  }

  @Test
  void changedPolicyUpdatesOwnerReferencesAndStatus() {
    // Given
    Instance ledger = given.instance("ledger").running();
    assertThat(retained(ledger)).isTrue();

    // When
    ledger.change(spec -> spec.deletionPolicy("Delete"));

    // Then
    Eventually.that(
        "the status reports that the unit will be deleted",
        () -> assertThat(retained(ledger)).isFalse());
    String uid = ledger.resource().getMetadata().getUid();
    assertThat(unit(ledger))
        .hasSize(4)
        .allSatisfy(
            child ->
                assertThat(child.getMetadata().getOwnerReferences())
                    .singleElement()
                    .satisfies(owner -> assertThat(owner.getUid()).isEqualTo(uid)));

    // When
    ledger.change(spec -> spec.deletionPolicy("Retain"));

    // Then
    Eventually.that(
        "the status reports that the unit will be retained",
        () -> assertThat(retained(ledger)).isTrue());
    assertThat(unit(ledger))
        .hasSize(4)
        .allSatisfy(child -> assertThat(child.getMetadata().getOwnerReferences()).isEmpty());
  }

  @Test
  @Tag("long")
  void deletionRightAfterChangeToDeleteNeverSplitsTheUnit() {
    // Given
    Instance hasty = given.instance("hasty").running();

    // When
    hasty.change(spec -> spec.deletionPolicy("Delete"));
    hasty.delete();

    // Then: either everything or nothing is left, depending on which request came first
    Eventually.that("the pod is deleted", () -> assertThat(hasty.pod()).isNull());
    Eventually.thatStays( // the garbage collector may not have begun yet
        "the unit is complete or gone",
        () ->
            assertThat(unit(hasty))
                .noneMatch(child -> child.getMetadata().getDeletionTimestamp() != null)
                .satisfies(children -> assertThat(children.size()).isIn(0, 3)));
    hasty.apply();
    Eventually.instance(hasty).isReady().acceptsLogins();
  }

  @Test
  @Tag("long")
  void deletionRightAfterChangeToRetainNeverLeavesPasswordsWithoutData() {
    // Given
    Instance rueful = given.instance("rueful").deletionPolicy("Delete").running();

    // When
    rueful.change(spec -> spec.deletionPolicy("Retain"));
    rueful.delete();

    // Then: in either order of the requests
    Eventually.that("the pod is deleted", () -> assertThat(rueful.pod()).isNull());
    Eventually.thatStays( // the garbage collector may not have begun yet
        "all deletions have finished, and no passwords are left without their data",
        () -> {
          assertThat(unit(rueful))
              .noneMatch(child -> child.getMetadata().getDeletionTimestamp() != null);
          assertThat(rueful.claim() != null || unit(rueful).isEmpty()).isTrue();
        });
    rueful.apply();
    Eventually.instance(rueful).isReady().acceptsLogins();
  }

  @Test
  @Tag("long")
  void deletionDuringCreationLeavesNothing() {
    // Given
    Instance early = given.instance("early").deletionPolicy("Delete").applied();
    Eventually.that("the creation has begun", () -> assertThat(unit(early)).isNotEmpty());

    // When
    early.delete();

    // Then: children that a running reconciliation still created are deleted, too
    Eventually.thatStays("nothing is left", () -> assertNothingIsLeft(early));
  }

  @Test
  void instanceRecreatedAtOnceGetsNewDatabase() throws SQLException {
    // Given
    Instance again = given.instance("again").deletionPolicy("Delete").running();
    try (Client client = Client.connect(again)) {
      client.execute("CREATE TABLE entry AS SELECT 'old' AS note");
    }
    PersistentVolumeClaim before = again.claim();
    String password = again.credentials().get("password");
    again.delete();

    // When
    again.apply();

    // Then
    Eventually.instance(again).isReady().acceptsLogins();
    assertThat(again.claim().getMetadata().getUid()).isNotEqualTo(before.getMetadata().getUid());
    assertThat(again.credentials().get("password")).isNotEqualTo(password);
    try (Client client = Client.connect(again)) {
      assertThat(client.read("SELECT to_regclass('entry') IS NULL")).isEqualTo("t");
    }
  }

  @Test
  void namespaceWithInstanceCanBeDeleted() {
    // Given
    Instance guest = given.instanceInOwnNamespace("guest").deletionPolicy("Delete").running();
    HasMetadata namespace =
        new NamespaceBuilder().withNewMetadata().withName(guest.namespace()).endMetadata().build();

    // When
    Cluster.delete(namespace);

    // Then
    Eventually.that(
        "the namespace is deleted", () -> assertThat(Cluster.current(namespace)).isNull());
  }

  private static Boolean retained(Instance instance) {
    return instance.resource().getStatus().storage().retained();
  }

  private static void assertNothingIsLeft(Instance instance) {
    assertThat(unit(instance)).isEmpty();
    assertThat(instance.pod()).isNull();
    assertThat(instance.statefulSet()).isNull();
    assertThat(instance.service()).isNull();
    assertThat(instance.configMap()).isNull();
  }

  private static List<HasMetadata> unit(Instance instance) {
    return Stream.<HasMetadata>of(
            instance.claim(), instance.caSecret(), instance.appSecret(), instance.operatorSecret())
        .filter(Objects::nonNull)
        .toList();
  }
}
