package dev.postgresinstance.api.v1alpha1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** JSON of the records, as exchanged with the API server. */
class RecordsTest {

  private final KubernetesSerialization serialization = new KubernetesSerialization();

  @Test
  void omitsNullComponents() {
    PostgresInstance instance = new PostgresInstance();
    instance.setSpec(
        new PostgresInstanceSpec(
            null,
            null,
            null,
            null,
            new InitdbSpec(null, null, null, null, null),
            new PasswordSecretRef(null, null),
            new PasswordRotation(null),
            null,
            new StorageSpec(null, null),
            null,
            new ServiceSpec(null, null, null, null, null, null),
            new TlsSpec(null, null, null, null),
            null,
            null,
            null,
            null,
            null,
            null,
            new BackupSpec(
                new BackupStore(null, new VolumeStore(null, null)),
                null,
                null,
                new IncrementalBackups(null),
                new BackupRetention(null, null),
                new WalArchiving(null, null),
                new BackupVerification(null)),
            new InstanceSource(
                new BackupReference(null),
                new ArchiveSource(
                    new ArchiveStore(
                        new S3Store(
                            null,
                            null,
                            null,
                            null,
                            null,
                            new SecretReference(null),
                            null,
                            null,
                            null),
                        new ArchiveVolume(null)),
                    null),
                new InstanceReference(null),
                new RecoveryTarget(null, null, null))));
    instance.setStatus(
        new PostgresInstanceStatus(
            null,
            List.of(new ConditionBuilder().withType("Ready").build()),
            new EndpointsStatus(
                null, new InternalEndpoint(null, null), new ExternalEndpoint(null, null)),
            new BindingStatus(null),
            new StorageStatus(null, null, null, null, null, null, null, null),
            null,
            null,
            null,
            new PasswordRotationStatus(null, null),
            new CrashStatus(null, null),
            new TlsStatus(
                null,
                null,
                null,
                null,
                null,
                null,
                new UnencryptedStatus(null, null),
                new AuthorityStatus(null, null, null)),
            new BackupStatus(
                null,
                null,
                null,
                null,
                null,
                null,
                new VerificationStatus(null, null, null, null, null, null, null, null, null),
                null,
                null,
                List.of(new DeletableBackup(null, null, null)),
                null)));
    PostgresBackup backup = new PostgresBackup();
    backup.setSpec(new PostgresBackupSpec(new InstanceReference(null), null));
    backup.setStatus(
        new PostgresBackupStatus(
            null,
            List.of(new ConditionBuilder().withType("Complete").build()),
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            new ArchiveLocation(null, null, null),
            null,
            null,
            null));

    assertThat(serialization.asJson(instance)).doesNotContain("null");
    assertThat(serialization.asJson(backup)).doesNotContain("null");
  }

  @ParameterizedTest
  @EnumSource
  void writesVersionAsItReadsIt(PostgresVersion version) {
    String json = "{\"version\":\"%d\"}".formatted(version.major());

    PostgresInstanceSpec spec = serialization.unmarshal(json, PostgresInstanceSpec.class);

    assertThat(spec.version()).isEqualTo(version).hasToString(version.text());
    assertThat(serialization.asJson(spec)).isEqualTo(json);
  }

  @ParameterizedTest
  @ValueSource(strings = {"19", "14", "2", "V17", "17.6", ""})
  void failsForUnsupportedVersion(String version) {
    String json = "{\"version\":\"%s\"}".formatted(version);

    assertThatThrownBy(() -> serialization.unmarshal(json, PostgresInstanceSpec.class))
        .hasStackTraceContaining("unsupported version " + version);
  }

  @Test
  void ignoresFieldsOfNewerVersion() {
    String newer =
        """
        apiVersion: postgresinstance.dev/v1alpha1
        kind: PostgresInstance
        spec:
          new: 1
          version: "17"
          initdb: {new: 1, localeProvider: icu}
          storage: {new: 1, size: 1536Mi}
          service: {new: 1, type: ClusterIP}
        status:
          new: 1
          endpoints: {new: 1, internal: {new: 1}, external: {new: 1, port: 30432}}
          binding: {new: 1}
        """;

    PostgresInstance instance = serialization.unmarshal(newer, PostgresInstance.class);

    assertThat(instance.getSpec().version()).isEqualTo(PostgresVersion.V17);
    assertThat(instance.getSpec().initdb().localeProvider()).isEqualTo(LocaleProvider.ICU);
    assertThat(instance.getSpec().storage().size()).hasToString("1536Mi");
    assertThat(instance.getSpec().service().type()).isEqualTo(ServiceType.CLUSTER_IP);
    assertThat(instance.getStatus().endpoints().external().port()).isEqualTo(30432);
  }
}
