package dev.postgresinstance.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.children.Pods;
import dev.postgresinstance.operator.children.World;
import dev.postgresinstance.operator.children.Worlds;
import dev.postgresinstance.operator.status.Clues.LostNode;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ClusterTroubleTest {

  private static final Optional<String> NOTHING = Optional.empty();

  /** Of a pod that is to end at 00:00:00. */
  private static final Instant IN_TIME = Instant.parse("2026-01-01T00:00:05Z");

  private static final Instant TOO_LATE = Instant.parse("2026-01-01T00:00:11Z");

  private final World world = Worlds.withData(Worlds.of("{}"));

  @Test
  void whereNothingIsSaidThereIsNone() {
    assertThat(ClusterTrouble.of(world, Clues.NONE, TOO_LATE)).isEmpty();
  }

  @Test
  void aQuotaIsTold() {
    // When
    Trouble trouble = of(podRefused("pods \"orders-0\" is forbidden: exceeded quota: small"));

    // Then
    assertThat(trouble.reason()).isEqualTo(Reason.QUOTA_EXCEEDED);
    assertThat(trouble.condition()).isEqualTo(ConditionType.AVAILABLE);
    assertThat(trouble.message()).contains("exceeded quota: small", "Raise the quota");
  }

  @Test
  void anotherRefusalOfThePodIsTold() {
    // When
    Trouble trouble = of(podRefused("pods \"orders-0\" is forbidden: violates PodSecurity"));

    // Then
    assertThat(trouble.reason()).isEqualTo(Reason.POD_REFUSED);
    assertThat(trouble.message()).contains("violates PodSecurity");
  }

  @Test
  void ofALostNodeItIsToldWhichSinceWhenAndHowToLetGo() {
    // Given
    LostNode node = new LostNode("n1", Optional.of(IN_TIME), "Kubelet stopped posting");

    // When
    Trouble trouble = of(new Clues(NOTHING, NOTHING, NOTHING, Optional.of(node)));

    // Then
    assertThat(trouble.reason()).isEqualTo(Reason.NODE_LOST);
    assertThat(trouble.message())
        .contains("n1", IN_TIME.toString(), "Kubelet stopped posting", "not removed by force")
        .contains("kubectl taint node n1 node.kubernetes.io/out-of-service=nodeshutdown:NoExecute");
  }

  @Test
  void aClaimThatWaitsIsToldInTheWordsOfItsProvisioner() {
    // When
    Trouble trouble =
        of(new Clues(NOTHING, Optional.of("no such class"), NOTHING, Optional.empty()));

    // Then
    assertThat(trouble.reason()).isEqualTo(Reason.CLAIM_PENDING);
    assertThat(trouble.message()).contains("orders-data", "no such class");
  }

  @Test
  void aVolumeThatIsNotMountedIsToldInTheWordsOfTheNode() {
    // When
    Trouble trouble =
        of(new Clues(NOTHING, NOTHING, Optional.of("Multi-Attach"), Optional.empty()));

    // Then
    assertThat(trouble.reason()).isEqualTo(Reason.VOLUME_UNAVAILABLE);
    assertThat(trouble.message()).contains("orders-data", "Multi-Attach");
  }

  @Test
  void aPodThatIsEndingHasTime() {
    assertThat(ClusterTrouble.of(with(Pods.dying(Pods.started(world))), Clues.NONE, IN_TIME))
        .isEmpty();
  }

  @Test
  void aPodThatShouldBeGoneIsTold() {
    // When
    Optional<Trouble> trouble =
        ClusterTrouble.of(with(Pods.dying(Pods.started(world))), Clues.NONE, TOO_LATE);

    // Then
    assertThat(trouble).map(Trouble::reason).contains(Reason.POD_TERMINATING);
    assertThat(trouble).map(Trouble::message).get().asString().contains("not ended by its node");
  }

  @Test
  void aPodThatItsFinalizersHoldIsToldAtOnce() {
    // Given
    Pod ended = Pods.dying(Pods.ended(world, Pods.terminated(0, "Completed", "")));
    Pod held =
        new PodBuilder(ended).editMetadata().withFinalizers("example.com/x").endMetadata().build();

    // When
    Optional<Trouble> trouble = ClusterTrouble.of(with(held), Clues.NONE, IN_TIME);

    // Then
    assertThat(trouble).map(Trouble::message).get().asString().contains("[example.com/x]");
  }

  private World with(Pod pod) {
    return Worlds.with(world, pod);
  }

  private static Clues podRefused(String words) {
    return new Clues(Optional.of(words), NOTHING, NOTHING, Optional.empty());
  }

  private Trouble of(Clues clues) {
    return ClusterTrouble.of(world, clues, TOO_LATE).orElseThrow();
  }
}
