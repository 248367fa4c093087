package dev.postgresinstance.operator.feature.backup.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.feature.backup.claim.BackupClaim;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.SecretVolumeSource;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class HelperPodTest {

  private static final String S3 =
      "s3: {endpoint: 'https://s3.example.com:9000', region: eu-1, bucket: backups, prefix: team-a,"
          + " pathStyle: true, serverSideEncryption: AES256, credentialsSecretRef: {name: s3},"
          + " caSecretRef: {name: s3-ca}, serviceAccountName: backups}";

  @Test
  void programGetsInstanceAndStoreAsVariables() {
    // When
    Container program = program(snapshot(S3, ""));

    // Then
    assertThat(variables(program))
        .containsExactlyInAnyOrderEntriesOf(
            Map.ofEntries(
                Map.entry("PGI_INSTANCE_ID", Snapshots.UID),
                Map.entry("PGI_INSTANCE_NAME", "orders"),
                Map.entry("PGI_INSTANCE_NAMESPACE", "shop"),
                Map.entry("PGI_OWNER", "uid-of-claim"),
                Map.entry("PGI_MAJOR", "17"),
                Map.entry("PGI_S3_ENDPOINT", "https://s3.example.com:9000"),
                Map.entry("PGI_S3_REGION", "eu-1"),
                Map.entry("PGI_S3_BUCKET", "backups"),
                Map.entry("PGI_S3_PREFIX", "team-a"),
                Map.entry("PGI_S3_PATH_STYLE", "true"),
                Map.entry("PGI_S3_SSE", "AES256")));
  }

  @Test
  void variablesOfWhatTheSpecLeavesOutAreEmpty() {
    // When
    Container program = program(snapshot("s3: {bucket: backups}", ""));

    // Then
    assertThat(variables(program))
        .containsEntry("PGI_S3_ENDPOINT", "")
        .containsEntry("PGI_S3_REGION", "us-east-1")
        .containsEntry("PGI_S3_PREFIX", "")
        .containsEntry("PGI_S3_PATH_STYLE", "false")
        .containsEntry("PGI_S3_SSE", "");
  }

  @Test
  void programRunsInTheImageOfTheOperator() {
    // When
    Container program = program(snapshot(S3, ""));

    // Then
    assertThat(program.getImage()).isEqualTo("operator:1");
    assertThat(program.getCommand())
        .containsExactly(
            "/opt/java/bin/java",
            "@/app/program.options",
            "-Xmx64m",
            "-cp",
            "/app/*:/app/lib/*",
            "com.example.Main");
  }

  @Test
  void onlyProgramsSeeTheSecretsOfTheStore() {
    // Given
    Snapshot snapshot = snapshot(S3, "");

    // Then
    assertThat(mounts(program(snapshot)))
        .containsOnly(
            Map.entry("/etc/pgi-store/credentials", "store-credentials"),
            Map.entry("/etc/pgi-store/ca", "store-ca"),
            Map.entry("/tmp", "tmp-upload"));
    assertThat(mounts(script(snapshot)))
        .containsOnly(
            Map.entry("/etc/postgres-instance-backup", "scripts"),
            Map.entry("/tmp", "tmp-postgres"));
    assertThat(variables(script(snapshot)).keySet()).noneMatch(name -> name.contains("S3"));
  }

  @Test
  void podMountsTheSecretsThatTheStoreNames() {
    // When
    List<Volume> volumes = template(snapshot(S3, "")).getSpec().getVolumes();

    // Then
    assertThat(volumes)
        .extracting(Volume::getName)
        .containsExactlyInAnyOrder(
            "tmp-postgres", "tmp-upload", "scripts", "store-credentials", "store-ca");
    assertThat(secret(volumes, "store-credentials").getSecretName()).isEqualTo("s3");
    assertThat(secret(volumes, "store-ca").getSecretName()).isEqualTo("s3-ca");
    // The same Secret may have the private key of the authority.
    assertThat(secret(volumes, "store-ca").getItems())
        .extracting(item -> item.getKey() + " " + item.getPath())
        .containsExactly("ca.crt ca.crt");
  }

  @Test
  void podWithWorkloadIdentityMountsNoSecret() {
    // When
    PodTemplateSpec template = template(snapshot("s3: {bucket: b12, serviceAccountName: sa}", ""));

    // Then
    assertThat(template.getSpec().getServiceAccountName()).isEqualTo("sa");
    assertThat(template.getSpec().getVolumes()).noneMatch(volume -> volume.getSecret() != null);
    assertThat(template.getSpec().getAutomountServiceAccountToken()).isFalse();
  }

  /** The profile "restricted" of Pod Security. */
  @Test
  void podIsRestricted() {
    // When
    var pod = template(snapshot(S3, "pod: {runAsUser: 1234}")).getSpec();

    // Then
    assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
    assertThat(pod.getSecurityContext().getRunAsUser()).isEqualTo(1234);
    assertThat(pod.getSecurityContext().getFsGroup()).isEqualTo(1234);
    assertThat(pod.getSecurityContext().getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
    assertThat(pod.getContainers())
        .allSatisfy(
            container -> {
              var security = container.getSecurityContext();
              assertThat(security.getAllowPrivilegeEscalation()).isFalse();
              assertThat(security.getReadOnlyRootFilesystem()).isTrue();
              assertThat(security.getCapabilities().getDrop()).containsExactly("ALL");
              assertThat(container.getResources().getRequests()).containsOnlyKeys("cpu", "memory");
              assertThat(container.getResources().getLimits()).containsOnlyKeys("memory");
            });
  }

  @Test
  void podHasTheSettingsOfTheSpecButNotItsLabels() {
    // When
    PodTemplateSpec template =
        template(
            snapshot(
                S3,
                "pod: {labels: {app: shop}, annotations: {a: b}, nodeSelector: {disk: fast},"
                    + " tolerations: [{operator: Exists}], imagePullSecrets: [{name: registry}]}"));

    // Then: a Service that selects the server by a label must not find this pod
    assertThat(template.getMetadata().getLabels())
        .containsEntry("postgresinstance.dev/helper-of", "orders")
        .containsEntry("app.kubernetes.io/component", "test")
        .doesNotContainKeys("app", "postgresinstance.dev/instance");
    assertThat(template.getMetadata().getAnnotations()).containsEntry("a", "b");
    assertThat(template.getSpec().getNodeSelector()).containsEntry("disk", "fast");
    assertThat(template.getSpec().getTolerations()).hasSize(1);
    assertThat(template.getSpec().getImagePullSecrets()).hasSize(1);
  }

  @Test
  void loginIsTheSecretOfTheBackupRole() {
    // When
    Volume login = pod(snapshot(S3, "")).login();

    // Then
    assertThat(login.getSecret().getSecretName()).isEqualTo("orders-backup");
    assertThat(HelperPod.loginMount().getName()).isEqualTo(login.getName());
    assertThat(HelperPod.loginMount().getMountPath()).isEqualTo("/etc/pgi-login");
    assertThat(HelperPod.loginMount().getReadOnly()).isTrue();
  }

  @Test
  void programReadsAVolumeUnlessItChangesTheArchive() {
    // Given
    Snapshot snapshot = snapshot("volume: {size: 20Gi}", "");

    // When
    Container program = program(snapshot);
    Container writing =
        pod(snapshot)
            .withWritableStore(pod(snapshot).program("upload", "operator:1", "com.example.Main"))
            .build();

    // Then
    assertThat(variables(program))
        .containsEntry("PGI_STORE_FOLDER", "/store")
        .doesNotContainKey("PGI_S3_BUCKET");
    assertThat(store(program)).singleElement().extracting(VolumeMount::getReadOnly).isEqualTo(true);
    assertThat(store(writing)).singleElement().extracting(VolumeMount::getReadOnly).isNull();
  }

  @Test
  void podsOfOneVolumePreferOneNodeBesidesWhatTheUserWants() {
    // Given
    Snapshot snapshot =
        snapshot(
            "volume: {size: 20Gi}",
            "pod: {affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution:"
                + " {nodeSelectorTerms: [{matchExpressions: [{key: disk, operator: Exists}]}]}}}}");

    // When
    PodTemplateSpec template = pod(snapshot).template("backup", "scripts", List.of()).build();

    // Then
    Affinity affinity = template.getSpec().getAffinity();
    assertThat(affinity.getNodeAffinity()).isNotNull();
    assertThat(affinity.getPodAffinity().getPreferredDuringSchedulingIgnoredDuringExecution())
        .singleElement()
        .satisfies(
            term ->
                assertThat(template.getMetadata().getLabels())
                    .containsAllEntriesOf(
                        term.getPodAffinityTerm().getLabelSelector().getMatchLabels())
                    .containsEntry("postgresinstance.dev/store-claim", "orders-backup"));
    assertThat(template.getSpec().getVolumes())
        .anySatisfy(
            volume ->
                assertThat(volume.getPersistentVolumeClaim())
                    .extracting(claim -> claim.getClaimName())
                    .isEqualTo("orders-backup"));
  }

  private static List<VolumeMount> store(Container container) {
    return container.getVolumeMounts().stream()
        .filter(mount -> mount.getMountPath().equals("/store"))
        .toList();
  }

  private static Snapshot snapshot(String store, String more) {
    Snapshot snapshot =
        Snapshots.withData(Snapshots.of("backup: {store: {%s}}\n%s".formatted(store, more)));
    return snapshot.with(
        new PersistentVolumeClaimBuilder(snapshot.get(ObjectKey.CLAIM).orElseThrow())
            .editMetadata()
            .withUid("uid-of-claim")
            .endMetadata()
            .build());
  }

  private static HelperPod pod(Snapshot snapshot) {
    return new HelperPod(snapshot, BackupClaim.archive(snapshot.instance()));
  }

  private static Container program(Snapshot snapshot) {
    return pod(snapshot).program("upload", "operator:1", "com.example.Main", "-Xmx64m").build();
  }

  private static Container script(Snapshot snapshot) {
    return pod(snapshot).script("postgres", "postgres:17", "basebackup.sh").build();
  }

  private static PodTemplateSpec template(Snapshot snapshot) {
    return pod(snapshot)
        .template("test", "orders-backup", List.of(script(snapshot), program(snapshot)))
        .build();
  }

  private static Map<String, String> variables(Container container) {
    return container.getEnv().stream().collect(Collectors.toMap(EnvVar::getName, EnvVar::getValue));
  }

  private static Map<String, String> mounts(Container container) {
    return container.getVolumeMounts().stream()
        .collect(Collectors.toMap(VolumeMount::getMountPath, VolumeMount::getName));
  }

  private static SecretVolumeSource secret(List<Volume> volumes, String name) {
    return volumes.stream()
        .filter(volume -> volume.getName().equals(name))
        .findFirst()
        .orElseThrow()
        .getSecret();
  }
}
