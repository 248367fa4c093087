package dev.postgresinstance.operator.kubernetes.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.instance.ClaimInUse;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.instance.Surroundings;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** No server starts on the former claim because a cache lags behind. */
class ClaimReaderTest {

  private static final String FORMER = "orders-data";
  private static final String CURRENT = "orders-data-00000002";

  private static final ClaimReader WITHOUT_API_SERVER =
      new ClaimReader(
          new ClaimReader.Live() {
            @Override
            public <R extends HasMetadata> Optional<R> read(
                Class<R> kind, String name, String namespace) {
              throw new AssertionError("read " + name);
            }
          });

  @Test
  void cachesThatAgreeAreBelieved() {
    assertThat(WITHOUT_API_SERVER.inUse(snapshot(FORMER, claim(FORMER, null)))).isEqualTo(FORMER);
    assertThat(WITHOUT_API_SERVER.inUse(snapshot(CURRENT, claim(FORMER, CURRENT))))
        .isEqualTo(CURRENT);
  }

  @Test
  void claimsOfAnEarlierTimeAreReadAgain() {
    // Given
    ClaimReader reader = apiServer(Map.of(FORMER, claim(FORMER, CURRENT)));

    // Then
    assertThat(reader.inUse(snapshot(CURRENT, claim(FORMER, null)))).isEqualTo(CURRENT);
  }

  @Test
  void secretDecidesWhereTheFormerClaimIsGone() {
    // Given
    ClaimReader reader =
        apiServer(
            Map.of(
                "orders-operator",
                new SecretBuilder()
                    .withNewMetadata()
                    .withAnnotations(ClaimInUse.annotations(Snapshots.of("{}").instance(), CURRENT))
                    .endMetadata()
                    .build()));

    // Then
    assertThat(reader.inUse(snapshot(CURRENT))).isEqualTo(CURRENT);
  }

  @Test
  void statefulSetFollowsTheExchange() {
    // Given
    PersistentVolumeClaim former = claim(FORMER, CURRENT);

    // Then
    assertThat(apiServer(Map.of(FORMER, former)).inUse(snapshot(FORMER, former)))
        .isEqualTo(CURRENT);
  }

  private static ClaimReader apiServer(Map<String, ? extends HasMetadata> objects) {
    return new ClaimReader(
        new ClaimReader.Live() {
          @Override
          public <R extends HasMetadata> Optional<R> read(
              Class<R> kind, String name, String namespace) {
            return Optional.ofNullable(objects.get(name)).map(kind::cast);
          }
        });
  }

  private static Snapshot snapshot(String mounted, PersistentVolumeClaim... claims) {
    Snapshot snapshot = Snapshots.of("{}");
    StatefulSet set =
        new StatefulSetBuilder()
            .withNewSpec()
            .withNewTemplate()
            .withNewSpec()
            .addNewVolume()
            .withName("tmp")
            .endVolume()
            .addNewVolume()
            .withName("data")
            .withNewPersistentVolumeClaim(mounted, null)
            .endVolume()
            .endSpec()
            .endTemplate()
            .endSpec()
            .build();
    return new Snapshot(
        snapshot.instance(),
        Map.of(ObjectKey.STATEFUL_SET, set),
        snapshot.cluster(),
        new Surroundings(List.of(), List.of(), List.of(claims)));
  }

  private static PersistentVolumeClaim claim(String name, String successor) {
    PersistentVolumeClaim claim =
        new PersistentVolumeClaimBuilder().withNewMetadata().withName(name).endMetadata().build();
    return successor == null
        ? claim
        : new PersistentVolumeClaimBuilder(claim)
            .editMetadata()
            .addToAnnotations(ClaimInUse.REPLACED_BY, successor)
            .endMetadata()
            .build();
  }
}
