package dev.postgresinstance.operator.kubernetes.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.InstanceReference;
import dev.postgresinstance.api.v1alpha1.PostgresBackup;
import dev.postgresinstance.api.v1alpha1.PostgresBackupSpec;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.operator.instance.Snapshots;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import org.junit.jupiter.api.Test;

/** Which instances a change of another object starts to reconcile. */
class InstanceMappingTest {

  private static final PostgresInstance RESTORED =
      Snapshots.of("source: {backup: {name: nightly}}").instance();

  @Test
  void backupIsSourceOfInstanceThatNamesIt() {
    assertThat(InstanceMapping.sources(RESTORED)).containsExactly("shop/nightly");
    assertThat(InstanceMapping.sources(Snapshots.of("{}").instance())).isEmpty();
    assertThat(InstanceMapping.sources(withoutSpec())).isEmpty();
  }

  @Test
  void instanceIsSourceOfItsClones() {
    PostgresInstance clone = Snapshots.of("source: {instance: {name: sales}}").instance();

    assertThat(InstanceMapping.originals(clone)).containsExactly("shop/sales");
    assertThat(InstanceMapping.originals(RESTORED)).isEmpty();
    assertThat(InstanceMapping.originals(withoutSpec())).isEmpty();
  }

  @Test
  void backupBelongsToInstanceThatItBacksUp() {
    // Given
    PostgresBackup backup = new PostgresBackup();
    backup.getMetadata().setNamespace("shop");
    backup.getMetadata().setName("nightly");
    backup.setSpec(new PostgresBackupSpec(new InstanceReference("former"), null));

    // Then
    assertThat(InstanceMapping.primary(backup)).containsExactly(new ResourceID("former", "shop"));
  }

  @Test
  void secretsOfUserBelongToInstanceThatNamesThem() {
    assertThat(
            InstanceMapping.userSecrets(
                Snapshots.of("{passwordSecretRef: {name: mine}, tls: {secretName: cert}}")
                    .instance()))
        .containsExactly("shop/mine", "shop/cert");
  }

  private static PostgresInstance withoutSpec() {
    PostgresInstance instance = new PostgresInstance();
    instance.getMetadata().setName("broken");
    instance.getMetadata().setNamespace("shop");
    return instance;
  }
}
