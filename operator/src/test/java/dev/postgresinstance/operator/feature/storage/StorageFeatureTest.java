package dev.postgresinstance.operator.feature.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.Child;
import dev.postgresinstance.operator.feature.Child.Fallback;
import dev.postgresinstance.operator.feature.ReconcileInputs;
import dev.postgresinstance.operator.feature.WritePhase;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.report.Rejection;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StorageFeatureTest {

  private static final Rejection REFUSED = new Rejection(403, "only dynamically provisioned pvc");
  private static final Rejection CONFLICT = new Rejection(409, "the object has been modified");

  private final Snapshot served = Snapshots.initialized();
  private final Snapshot growing = Snapshots.withSpec(served, "storage: {size: 2Gi}");

  @Test
  void keepsSizeWhenGrowthIsRejected() {
    // When
    Optional<? extends Fallback<?>> fallback = claim(growing).onRejection().apply(REFUSED);

    // Then
    assertThat(fallback.orElseThrow())
        .isInstanceOfSatisfying(
            Fallback.UseInstead.class,
            other -> assertThat(other.problem().reason()).isEqualTo(Reason.RESIZE_REFUSED));
  }

  @Test
  void writesNothingElseForConflict() {
    assertThat(claim(growing).onRejection().apply(CONFLICT)).isEmpty();
  }

  @Test
  void blamesNoResizeWhenClaimThatDoesNotGrowIsRejected() {
    assertThat(claim(served).onRejection().apply(REFUSED)).isEmpty();
  }

  @Test
  void writesNothingElseWhenFirstClaimIsRejected() {
    assertThat(claim(Snapshots.of("{}")).onRejection().apply(REFUSED)).isEmpty();
  }

  private static Child<?> claim(Snapshot snapshot) {
    List<Child<?>> children =
        new StorageFeature().children(WritePhase.CLAIM, ReconcileInputs.of(snapshot));
    assertThat(children).hasSize(1);
    return children.getFirst();
  }
}
