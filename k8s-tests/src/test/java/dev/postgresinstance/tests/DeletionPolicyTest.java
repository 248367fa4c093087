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

/** What becomes of volume and passwords, as one unit. */
@Tag("installed")
class DeletionPolicyTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  @Test
  void withDeleteNothingIsLeft() {
    // Given
    Instance scratch = given.instance("scratch").deletionPolicy("Delete").running();

    // When
    scratch.delete();

    // Then
    Eventually.that("nothing is left", () -> assertNothingIsLeft(scratch));
  }

  @Test
  void itCanBeChangedAtAnyTimeAndTheStatusSaysWhatHolds() {
    // Given
    Instance ledger = given.instance("ledger").running();
    assertThat(retained(ledger)).isTrue();

    // When
    ledger.change(spec -> spec.deletionPolicy("Delete"));

    // Then
    Eventually.that("the unit would go", () -> assertThat(retained(ledger)).isFalse());
    String uid = ledger.resource().getMetadata().getUid();
    assertThat(kept(ledger))
        .hasSize(3)
        .allSatisfy(
            child ->
                assertThat(child.getMetadata().getOwnerReferences())
                    .singleElement()
                    .satisfies(owner -> assertThat(owner.getUid()).isEqualTo(uid)));

    // When
    ledger.change(spec -> spec.deletionPolicy("Retain"));

    // Then
    Eventually.that("the unit would stay", () -> assertThat(retained(ledger)).isTrue());
    assertThat(kept(ledger))
        .hasSize(3)
        .allSatisfy(child -> assertThat(child.getMetadata().getOwnerReferences()).isEmpty());
  }

  @Test
  void deletedRightAfterTheChangeTheUnitIsNotTornApart() {
    // Given
    Instance hasty = given.instance("hasty").running();

    // When
    hasty.change(spec -> spec.deletionPolicy("Delete"));
    hasty.delete();

    // Then: all of it is there or nothing, whichever was first
    Eventually.that("the pod is gone", () -> assertThat(hasty.pod()).isNull());
    Eventually.that(
        "the unit is whole or gone",
        () ->
            assertThat(kept(hasty))
                .noneMatch(child -> child.getMetadata().getDeletionTimestamp() != null)
                .satisfies(children -> assertThat(children.size()).isIn(0, 3)));
    hasty.apply();
    Eventually.instance(hasty).isReady().acceptsLogins();
  }

  @Test
  void deletedRightAfterTheWayBackToRetainThereIsDataOrNothing() {
    // Given
    Instance rueful = given.instance("rueful").deletionPolicy("Delete").running();

    // When
    rueful.change(spec -> spec.deletionPolicy("Retain"));
    rueful.delete();

    // Then: whichever was first; but no passwords without their data
    Eventually.that("the pod is gone", () -> assertThat(rueful.pod()).isNull());
    Eventually.that(
        "what goes has gone",
        () ->
            assertThat(kept(rueful))
                .noneMatch(child -> child.getMetadata().getDeletionTimestamp() != null));
    assertThat(rueful.claim() != null || kept(rueful).isEmpty()).isTrue();
    rueful.apply();
    Eventually.instance(rueful).isReady().acceptsLogins();
  }

  @Test
  void deletedWhileItIsMadeNothingIsLeft() {
    // Given
    Instance early = given.instance("early").deletionPolicy("Delete").applied();
    Eventually.that("it is begun", () -> assertThat(kept(early)).isNotEmpty());

    // When
    early.delete();

    // Then: what a pass still made that was under way goes as well
    Eventually.forGood("nothing is left", () -> assertNothingIsLeft(early));
  }

  @Test
  void madeAnewAtOnceItIsAnotherDatabase() throws SQLException {
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
  void itsNamespaceCanBeDeletedUnderIt() {
    // Given
    Instance guest = given.instanceInNamespaceOfItsOwn("guest").deletionPolicy("Delete").running();
    HasMetadata namespace =
        new NamespaceBuilder().withNewMetadata().withName(guest.namespace()).endMetadata().build();

    // When
    Cluster.delete(namespace);

    // Then
    Eventually.that("the namespace is gone", () -> assertThat(Cluster.now(namespace)).isNull());
  }

  private static Boolean retained(Instance instance) {
    return instance.resource().getStatus().storage().retained();
  }

  private static void assertNothingIsLeft(Instance instance) {
    assertThat(kept(instance)).isEmpty();
    assertThat(instance.pod()).isNull();
    assertThat(instance.statefulSet()).isNull();
    assertThat(instance.service()).isNull();
    assertThat(instance.configMap()).isNull();
  }

  private static List<HasMetadata> kept(Instance instance) {
    return Stream.<HasMetadata>of(instance.claim(), instance.appSecret(), instance.operatorSecret())
        .filter(Objects::nonNull)
        .toList();
  }
}
