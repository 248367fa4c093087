package dev.postgresinstance.operator.children;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ServerConfigTest {

  private static final String OLD_KEY = "start-01234567.sh";

  private final World world = Worlds.of("{}");
  private final World upgraded = world.with(old(desired(world)));

  @Test
  void scriptOfThePresentPodIsKeptForItsContainerToStartAgain() {
    // Given
    World running = Worlds.with(upgraded, old(Pods.started(world)));

    // When
    ConfigMap desired = desired(running);

    // Then
    assertThat(desired.getData())
        .containsEntry(OLD_KEY, "echo old")
        .containsEntry(ServerConfig.START_KEY, Resources.text("start.sh"));
  }

  @Test
  void scriptThatNoPodUsesGoes() {
    // Given
    World running = Worlds.with(upgraded, Pods.started(world));

    // When
    ConfigMap desired = desired(running);

    // Then
    assertThat(desired.getData()).doesNotContainKey(OLD_KEY).containsKey(ServerConfig.START_KEY);
  }

  @Test
  void presentScriptIsTheOperatorsOwnWhateverTheConfigMapHolds() {
    // Given
    ConfigMap changed =
        new ConfigMapBuilder(desired(world))
            .addToData(ServerConfig.START_KEY, "echo changed by hand")
            .build();
    World running = Worlds.with(world.with(changed), Pods.started(world));

    // When
    ConfigMap desired = desired(running);

    // Then
    assertThat(desired).isEqualTo(desired(world));
  }

  @Test
  void lostScriptOfThePresentPodIsNoReasonToFail() {
    // Given
    World running = Worlds.with(world, old(Pods.started(world)));

    // When
    ConfigMap desired = desired(running);

    // Then
    assertThat(desired).isEqualTo(desired(world));
  }

  private static ConfigMap old(ConfigMap configMap) {
    return new ConfigMapBuilder(configMap)
        .removeFromData(ServerConfig.START_KEY)
        .addToData(OLD_KEY, "echo old")
        .build();
  }

  private static Pod old(Pod pod) {
    return new PodBuilder(pod)
        .editSpec()
        .editFirstContainer()
        .withCommand("/bin/bash", ServerStatefulSet.CONFIG_PATH + "/" + OLD_KEY)
        .endContainer()
        .endSpec()
        .build();
  }

  private static ConfigMap desired(World world) {
    return ServerConfig.desired(world, ConfigurationPlan.of(world, Optional.empty()));
  }
}
