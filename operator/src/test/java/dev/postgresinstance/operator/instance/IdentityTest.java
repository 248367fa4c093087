package dev.postgresinstance.operator.instance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.feature.access.AppSecret;
import dev.postgresinstance.operator.feature.access.Credentials;
import dev.postgresinstance.operator.feature.access.OperatorSecret;
import dev.postgresinstance.operator.feature.network.InstanceService;
import dev.postgresinstance.operator.feature.storage.DataClaim;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class IdentityTest {

  private static final Credentials CREDENTIALS = new Credentials("p", true, "o", "s");

  private final Snapshot fresh = Snapshots.of("{}");
  private final HasMetadata claim = of("claim", DataClaim.desired(fresh, Optional.empty()));
  private final HasMetadata published =
      of("app", AppSecret.desired(fresh, CREDENTIALS, Optional.empty(), Pods.NOW));
  private final HasMetadata ofOperator =
      of("operator", OperatorSecret.desired(fresh, CREDENTIALS, Optional.empty(), false));

  @Test
  void isUidOfResourceBeforeAnyChildExists() {
    // When
    String identity = Identity.of(fresh);

    // Then
    assertThat(identity).isEqualTo(Snapshots.UID);
  }

  @Test
  void isTakenFromClaimFirst() {
    // Given
    Snapshot snapshot = fresh.with(claim).with(published).with(ofOperator);

    // When
    String identity = Identity.of(snapshot);

    // Then
    assertThat(identity).isEqualTo("claim");
  }

  @Test
  void isTakenFromPublishedSecretWhenClaimIsGone() {
    // Given
    Snapshot snapshot = fresh.with(published).with(ofOperator);

    // When
    String identity = Identity.of(snapshot);

    // Then
    assertThat(identity).isEqualTo("app");
  }

  @Test
  void isTakenFromOperatorSecretWhenClaimAndPublishedSecretAreGone() {
    // Given
    Snapshot snapshot = fresh.with(ofOperator);

    // When
    String identity = Identity.of(snapshot);

    // Then
    assertThat(identity).isEqualTo("operator");
  }

  @Test
  void isNotTakenFromChildThatIsDeletedWithTheResource() {
    // Given
    Snapshot snapshot = fresh.with(of("service", InstanceService.desired(fresh)));

    // When
    String identity = Identity.of(snapshot);

    // Then
    assertThat(identity).isEqualTo(Snapshots.UID);
  }

  @Test
  void ignoresIdentityOfForeignService() {
    // Given: with the identity of that Service, the claim would be reported as foreign
    Snapshot snapshot =
        Snapshots.withData(fresh).with(of("another", InstanceService.desired(fresh)));

    // When
    String identity = Identity.of(snapshot);

    // Then
    assertThat(identity).isEqualTo(Snapshots.UID);
  }

  @Test
  void isEmptyForObjectWithoutAnnotation() {
    // Given
    HasMetadata foreign = new ServiceBuilder().withNewMetadata().endMetadata().build();

    // When
    Optional<String> identity = Identity.of(foreign);

    // Then
    assertThat(identity).isEmpty();
  }

  private static HasMetadata of(String identity, HasMetadata child) {
    HasMetadata copy = new KubernetesSerialization().clone(child);
    copy.getMetadata().getAnnotations().put(Labels.INSTANCE_ID, identity);
    return copy;
  }
}
