package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.AuditLog;
import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Consistently;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.S3Bucket;
import dev.postgresinstance.tests.support.Settings;
import io.fabric8.kubernetes.api.model.Pod;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * The upgrade from the operator of an earlier commit. Isolated, because it replaces the operator.
 */
@Tag("installed-only")
@Isolated
class UpgradeFromPreviousTest {

  /**
   * What a version may render differently: script, configuration and template, the statements for
   * the roles, the published URIs; and what it reports. An annotation of the pod makes the kubelet
   * read the new configuration.
   */
  private static final List<String> MAY_DIFFER =
      List.of("configmaps", "statefulsets", "secrets", "pods", "postgresinstances/status");

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  @AfterEach
  void restoreTheOperatorUnderTest() {
    given.operator().start();
  }

  @Test
  void upgradeRestartsNoDatabaseAndWritesOnlyWhatDiffers() throws SQLException {
    // Given: instances of every kind, created by the earlier operator
    Optional<String> previous = Settings.previousOperatorImage();
    assumeTrue(previous.isPresent(), "this clone does not contain the earlier commit");
    given.operator().upgrade(previous.get(), Settings.postgresImage().orElseThrow());
    Instance plain = given.instance("plain").running();
    Instance custom =
        given
            .instance("custom")
            .database("shop")
            .username("clerk")
            .parameter("work_mem", "8MB")
            .memoryLimit("256Mi")
            .pod("labels", Map.of("team", "shop"))
            .restartPolicy("Manual")
            .deletionPolicy("Delete")
            .running();
    Instance superuser = given.instance("superuser").superuserAccess(true).running();
    Instance suspended = given.instance("suspended").suspend(true).applied();
    Eventually.instance(suspended).hasCondition(ConditionType.AVAILABLE, Reason.SUSPENDED);
    List<Instance> running = List.of(plain, custom, superuser);
    Map<String, String> pods = podUids(running);
    try (Client session = Client.connect(plain)) {
      Instant start = Instant.now();

      // When
      given.operator().start();

      // Then
      running.forEach(
          instance ->
              Eventually.instance(instance)
                  .hasCondition(ConditionType.PENDING_RESTART, Reason.RESTART_REQUIRED)
                  .hasCondition(ConditionType.CERTIFICATE_READY, Reason.CERTIFICATE_SERVED));
      Consistently.that(
          "all instances stay ready and keep their pods",
          () -> {
            assertThat(running)
                .allMatch(instance -> "True".equals(instance.ready().orElseThrow().getStatus()));
            assertThat(podUids(running)).isEqualTo(pods);
          });
      assertThat(session.read("SELECT 1")).isEqualTo("1");
      assertThat(running).allMatch(instance -> Cluster.containerRestarts(instance) == 0);
      List<AuditLog.Request> writes = writesSince(start);
      assertThat(writes).extracting(AuditLog.Request::resource).isSubsetOf(MAY_DIFFER);
      Map<String, Long> count = countOfWrites(writes);
      assertThat(count).isNotEmpty();
      // A new configuration is offered, and then recorded as one that works.
      assertThat(count)
          .allSatisfy(
              (object, times) ->
                  assertThat(times).isLessThanOrEqualTo(object.startsWith("configmaps ") ? 2 : 1));
    }

    // When
    Pod before = plain.pod();
    S3Bucket bucket = given.bucketOnS3();
    bucket.createSecret(given.namespace(), "s3");
    plain.change(spec -> spec.backup(bucket, "s3"));

    // Then: the earlier server has no role for backups
    Eventually.instance(plain)
        .hasCondition(ConditionType.BACKUP_READY, Reason.RESTART_REQUIRED)
        .isReady();
    plain.assertHas(before);

    // When
    plain.annotate("postgresinstance.dev/restart", "now");

    // Then
    Eventually.instance(plain).isReadyWithNewPod(before);
    Eventually.instance(plain).hasCondition(ConditionType.BACKUP_READY, Reason.ARCHIVING);
  }

  /** How often each object but the pods was written, without the status. */
  private static Map<String, Long> countOfWrites(List<AuditLog.Request> writes) {
    return writes.stream()
        .filter(write -> !write.resource().endsWith("/status") && write.code() < 300)
        // The annotation of a pod changes until the kubelet has refreshed the configuration.
        .filter(write -> !write.resource().equals("pods"))
        .collect(
            Collectors.groupingBy(
                write -> write.resource() + " " + write.name(), Collectors.counting()));
  }

  private static Map<String, String> podUids(List<Instance> instances) {
    return instances.stream()
        .collect(
            Collectors.toMap(
                Instance::toString, instance -> instance.pod().getMetadata().getUid()));
  }

  private static List<AuditLog.Request> writesSince(Instant start) {
    return AuditLog.writesSince(start).stream()
        .filter(given.operator()::sent)
        .filter(write -> given.namespace().equals(write.namespace()))
        .filter(write -> !Stream.of("events", "leases").toList().contains(write.resource()))
        .toList();
  }
}
