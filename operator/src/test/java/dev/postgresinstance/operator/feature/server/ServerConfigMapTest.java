package dev.postgresinstance.operator.feature.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.common.TextResource;
import dev.postgresinstance.operator.feature.configuration.ConfigurationPlan;
import dev.postgresinstance.operator.feature.tls.TlsSnapshots;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ServerConfigMapTest {

  private static final String OLD_KEY = "start-01234567.sh";

  private final Snapshot snapshot = Snapshots.of("{}");
  private final Snapshot upgraded = snapshot.with(old(desired(snapshot)));

  @Test
  void keepsScriptThatContainerOfPresentPodNeedsToRestart() {
    // Given
    Snapshot running = Snapshots.with(upgraded, old(Pods.started(snapshot)));

    // When
    ConfigMap desired = desired(running);

    // Then
    assertThat(desired.getData())
        .containsEntry(OLD_KEY, "echo old")
        .containsEntry(
            ServerConfigMap.START_KEY, TextResource.read(ServerConfigMapTest.class, "start.sh"));
  }

  @Test
  void keepsScriptBehindProgramOfAdmissionWebhook() {
    // Given
    Pod wrapped =
        new PodBuilder(Pods.started(snapshot))
            .editSpec()
            .editFirstContainer()
            .withCommand("/vault/vault-env")
            .withArgs("/bin/bash", Names.CONFIG_PATH + "/" + OLD_KEY)
            .endContainer()
            .endSpec()
            .build();

    // When
    ConfigMap desired = desired(Snapshots.with(upgraded, wrapped));

    // Then
    assertThat(desired.getData()).containsEntry(OLD_KEY, "echo old");
  }

  @Test
  void removesScriptThatNoPodUses() {
    // Given
    Snapshot running = Snapshots.with(upgraded, Pods.started(snapshot));

    // When
    ConfigMap desired = desired(running);

    // Then
    assertThat(desired.getData()).doesNotContainKey(OLD_KEY).containsKey(ServerConfigMap.START_KEY);
  }

  @Test
  void restoresScriptThatWasChangedByHand() {
    // Given
    ConfigMap changed =
        new ConfigMapBuilder(desired(snapshot))
            .addToData(ServerConfigMap.START_KEY, "echo changed by hand")
            .build();
    Snapshot running = Snapshots.with(snapshot.with(changed), Pods.started(snapshot));

    // When
    ConfigMap desired = desired(running);

    // Then
    assertThat(desired).isEqualTo(desired(snapshot));
  }

  @Test
  void toleratesLostScriptOfPresentPod() {
    // Given
    Snapshot running = Snapshots.with(snapshot, old(Pods.started(snapshot)));

    // When
    ConfigMap desired = desired(running);

    // Then
    assertThat(desired).isEqualTo(desired(snapshot));
  }

  @Test
  void rulesOfAuthenticationAndTheirMarkerChangeTogether() {
    // Given
    Snapshot optional = TlsSnapshots.withCertificate(snapshot);
    Snapshot required = Snapshots.withSpec(optional, "{tls: {required: true}}");

    // When
    Map<String, String> before = desired(optional).getData();
    Map<String, String> after = desired(optional.with(desired(optional)), required).getData();

    // Then
    assertThat(before.get("pg_hba.conf"))
        .isEqualTo(TextResource.read(ServerConfigMapTest.class, "pg_hba.conf"))
        .isEqualTo(desired(snapshot).getData().get("pg_hba.conf"));
    assertThat(after.get("pg_hba.conf").lines().filter(line -> line.startsWith("host")))
        .hasSize(3)
        .allMatch(line -> line.startsWith("hostssl "));
    for (String file : List.of("a.conf", "b.conf")) {
      assertThat(before.get(file)).doesNotContain("postgres_instance.hba");
      assertThat(after.get(file)).contains("postgres_instance.hba = 'tls-required'");
    }
  }

  private static ConfigMap old(ConfigMap configMap) {
    return new ConfigMapBuilder(configMap)
        .removeFromData(ServerConfigMap.START_KEY)
        .addToData(OLD_KEY, "echo old")
        .build();
  }

  private static Pod old(Pod pod) {
    return new PodBuilder(pod)
        .editSpec()
        .editFirstContainer()
        .withCommand("/bin/bash", Names.CONFIG_PATH + "/" + OLD_KEY)
        .endContainer()
        .endSpec()
        .build();
  }

  private static ConfigMap desired(Snapshot present, Snapshot snapshot) {
    return desired(Snapshots.withInstance(present, snapshot.instance()));
  }

  private static ConfigMap desired(Snapshot snapshot) {
    return ServerConfigMap.desired(snapshot, ConfigurationPlan.of(snapshot, Optional.empty()));
  }
}
