package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.CoversReasons;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.InstanceBuilder;
import dev.postgresinstance.tests.support.Node;
import io.fabric8.kubernetes.api.model.LimitRangeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Problems caused by the cluster, the volume or the data are reported, and so is their end. */
@Order(1)
class DiagnosisTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static final String DATA = "/pgdata/17/";
  private static final String HELD = "example.com/held";

  @Test
  @CoversReasons({Reason.QUOTA_EXCEEDED, Reason.RUNNING})
  void podQuotaIsReportedUntilItIsRemoved() {
    // Given
    InstanceBuilder many = given.instanceInOwnNamespace("many");
    ResourceQuota quota = given.objectInNamespaceOf(many, quota("pods", "0"));
    Instance instance = many.applied();
    assertThat(Eventually.instance(instance).isNotReady(Reason.QUOTA_EXCEEDED))
        .contains("exceeded quota: tight", "pods=1");

    // When
    Cluster.delete(quota);

    // Then
    Eventually.instance(instance).isReady();
  }

  @Test
  @Tag("long")
  @CoversReasons(Reason.QUOTA_EXCEEDED)
  void storageQuotaIsReportedUntilItIsRemoved() {
    // Given
    InstanceBuilder wide = given.instanceInOwnNamespace("wide");
    ResourceQuota quota = given.objectInNamespaceOf(wide, quota("requests.storage", "512Mi"));
    Instance instance = wide.applied();
    assertThat(Eventually.instance(instance).isNotReady(Reason.QUOTA_EXCEEDED))
        .contains("wide-data", "requests.storage=1Gi");

    // When
    Cluster.delete(quota);

    // Then
    Eventually.instance(instance).isReady();
  }

  @Test
  @Tag("long")
  @CoversReasons(Reason.QUOTA_EXCEEDED)
  void nodePortQuotaIsReportedUntilInstanceNeedsNoNodePort() {
    // Given
    InstanceBuilder open = given.instanceInOwnNamespace("open");
    given.objectInNamespaceOf(open, quota("services.nodeports", "0"));
    Instance instance = open.applied();
    assertThat(Eventually.instance(instance).isNotReady(Reason.QUOTA_EXCEEDED))
        .contains("services.nodeports=1");

    // When
    instance.change(spec -> spec.serviceType("ClusterIP"));

    // Then
    Eventually.that(
        "its pod is created", () -> assertThat(instance.pod()).as(instance.toString()).isNotNull());
  }

  @Test
  @Tag("long")
  @CoversReasons({Reason.POD_REFUSED, Reason.RUNNING})
  void limitRangeIsReportedUntilRequestFits() {
    // Given
    InstanceBuilder heavy = given.instanceInOwnNamespace("heavy");
    given.objectInNamespaceOf(
        heavy,
        new LimitRangeBuilder()
            .withNewMetadata()
            .withName("small")
            .endMetadata()
            .withNewSpec()
            .addNewLimit()
            .withType("Container")
            .withMax(Map.of("memory", new Quantity("300Mi")))
            .endLimit()
            .endSpec()
            .build());
    Instance instance = heavy.requests("50m", "400Mi").memoryLimit("400Mi").applied();
    assertThat(Eventually.instance(instance).isNotReady(Reason.POD_REFUSED))
        .contains("maximum memory usage per Container is 300Mi");

    // When
    instance.change(spec -> spec.requests("50m", "200Mi").memoryLimit("300Mi"));

    // Then
    Eventually.instance(instance).isReady();
  }

  @Test
  @CoversReasons({Reason.VOLUME_UNAVAILABLE, Reason.RUNNING})
  void unmountableVolumeIsReportedUntilItCanBeMounted() {
    // Given: a directory that does not exist on the node
    String folder = "/var/lib/pgi-test/" + given.namespace();
    given.clusterObject(
        new PersistentVolumeBuilder()
            .withNewMetadata()
            .withName(given.namespace())
            .endMetadata()
            .withNewSpec()
            .withCapacity(Map.of("storage", new Quantity("1Gi")))
            .withAccessModes("ReadWriteOnce")
            .withPersistentVolumeReclaimPolicy("Retain")
            .withStorageClassName("")
            .withNewClaimRef()
            .withNamespace(given.namespace())
            .withName("lone-data")
            .endClaimRef()
            .withNewHostPath(folder, "Directory")
            .endSpec()
            .build());
    Instance lone = given.instance("lone").storageClass("").applied();
    Eventually.that(
        "the missing directory is reported",
        () ->
            assertThat(Eventually.instance(lone).isNotReady(Reason.VOLUME_UNAVAILABLE))
                .contains("lone-data", folder));

    // When
    Node.run("mkdir -p %1$s && chmod 777 %1$s".formatted(folder));

    // Then
    Eventually.instance(lone).isReady();
    lone.delete();
    Eventually.that("the pod is deleted", () -> assertThat(lone.pod()).isNull());
    Node.run("rm -r " + folder);
  }

  @Test
  @Tag("long")
  @CoversReasons({Reason.POD_TERMINATING, Reason.RUNNING})
  void stuckPodIsReportedWithItsFinalizer() {
    // Given
    Instance stuck = given.instance("stuck").running();
    Pod pod = Cluster.edit(stuck.pod(), held -> held.getMetadata().setFinalizers(List.of(HELD)));
    Cluster.killPod(stuck);
    assertThat(Eventually.instance(stuck).isNotReady(Reason.POD_TERMINATING)).contains(HELD);

    // When
    Cluster.edit(stuck.pod(), held -> held.getMetadata().setFinalizers(List.of()));

    // Then
    Eventually.instance(stuck).isReadyWithNewPod(pod);
  }

  @Test
  @CoversReasons({Reason.OUT_OF_MEMORY, Reason.RUNNING})
  void outOfMemoryIsReportedUntilLimitIsRaised() {
    // Given: its lock table takes 300 MB
    Instance greedy =
        given
            .instance("greedy")
            .parameter("max_locks_per_transaction", "10000")
            .memoryLimit("1Gi")
            .running();
    greedy.change(spec -> spec.requests("50m", "128Mi").memoryLimit("128Mi"));
    assertThat(Eventually.instance(greedy).isNotReady(Reason.OUT_OF_MEMORY))
        .contains("spec.resources.limits.memory");

    // When
    greedy.change(spec -> spec.memoryLimit("1Gi"));

    // Then
    Eventually.instance(greedy).isReady();
  }

  @Test
  @CoversReasons({Reason.RECOVERING, Reason.RUNNING})
  void crashRecoveryIsReportedWithItsStartTime() {
    // Given
    Instance tired = given.instance("tired").running();
    Cluster.psql(
        tired,
        "CREATE TABLE many AS SELECT repeat(md5(i::text), 20) FROM generate_series(1, 100000) i");

    // When
    Cluster.crashIntoRecovery(tired);

    // Then
    assertThat(Eventually.instance(tired).isNotReady(Reason.RECOVERING))
        .contains("write-ahead log", "since 20");
    Cluster.thaw(tired);
    Eventually.instance(tired).isReady().acceptsLogins();
  }

  @Test
  @Tag("long")
  @CoversReasons(Reason.CRASHING)
  void crashIsReportedWithLastMessageOfPostgres() {
    // Given
    Instance broken = given.instance("broken").running();
    Cluster.exec(broken, "bash", "-c", "rm -r " + DATA + "pg_wal/*");

    // When
    Cluster.killContainerWhen(broken, "true");

    // Then
    Eventually.that(
        "the last message of PostgreSQL is reported",
        () ->
            assertThat(broken.ready().orElseThrow().getMessage()).contains("PANIC", "checkpoint"));
  }

  @Test
  @Tag("long")
  @CoversReasons(Reason.DATA_CORRUPT)
  void incompleteDataIsReported() {
    // Given
    Instance torn = given.instance("torn").running();
    Cluster.exec(torn, "rm", DATA + "PG_VERSION");

    // When
    Cluster.killPod(torn);

    // Then
    assertThat(Eventually.instance(torn).isNotReady(Reason.DATA_CORRUPT)).contains("PG_VERSION");
  }

  @Test
  @Tag("long")
  @CoversReasons(Reason.VOLUME_ACCESS_DENIED)
  void fileThatServerMayNotUseIsReportedWithCommand() {
    // Given
    Instance locked = given.instance("locked").running();
    Cluster.exec(locked, "chmod", "0", DATA + "PG_VERSION");

    // When
    Cluster.killPod(locked);

    // Then
    assertThat(Eventually.instance(locked).isNotReady(Reason.VOLUME_ACCESS_DENIED))
        .contains("PG_VERSION", "has mode 0", "kubectl run -n ", "locked-chown", "locked-data");
  }

  @Test
  @Tag("long")
  @CoversReasons(Reason.INITIALIZATION_FAILED)
  void localeMissingInImageIsReported() {
    // When
    Instance exotic =
        given
            .instance("exotic")
            .initdb("localeProvider", "libc")
            .initdb("locale", "tlh_AA.UTF-8")
            .applied();

    // Then
    assertThat(Eventually.instance(exotic).isNotReady(Reason.INITIALIZATION_FAILED))
        .contains("tlh_AA.UTF-8");
  }

  private static ResourceQuota quota(String resource, String limit) {
    return new ResourceQuotaBuilder()
        .withNewMetadata()
        .withName("tight")
        .endMetadata()
        .withNewSpec()
        .addToHard(resource, new Quantity(limit))
        .endSpec()
        .build();
  }
}
