package dev.postgresinstance.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertAll;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.faults.Effects.Fault;
import dev.postgresinstance.tests.support.Backup;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.InstanceBuilder;
import dev.postgresinstance.tests.support.OperatorProcess;
import dev.postgresinstance.tests.support.S3Bucket;
import dev.postgresinstance.tests.support.Settings;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The operator crashes before each of its effects in turn, or loses the response to it: the end
 * state is the same. Isolated, because the shared operator would complete the work of the crashed
 * one.
 */
@Isolated
class CrashTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  /** Number of parallel lanes: a run mostly waits, but more lanes would overload two cores. */
  private static final int LANES = 4;

  private static final String SECRET = "s3";

  private static final AtomicInteger instances = new AtomicInteger();

  /** The archive from which the flow RESTORE creates instances, by the namespace of the lane. */
  private static final Map<String, Map<String, Object>> archives = new ConcurrentHashMap<>();

  private static List<String> namespaces;
  private static S3Bucket bucket;

  @BeforeAll
  static void stopSharedOperator() {
    given.operator().stop();
    OperatorProcess.shareClasses(given.namespace());
    namespaces = Stream.generate(given::anotherNamespace).limit(LANES).toList();
    bucket = given.bucketOnS3();
    namespaces.forEach(namespace -> bucket.createSecret(namespace, SECRET));
  }

  @AfterAll
  static void restoreSharedOperator() {
    given.operator().start();
  }

  @Test
  void crashBeforeEveryThirdEffectOfACreationLeadsToSameEndState() throws Exception {
    try (Crashes crashes = crashes(Flow.CREATE)) {
      // When
      PointResults halted = crashes.at(Fault.HALT, 3);

      // Then
      halted.assertAllPassed();
    }
  }

  @Tag("faults")
  @Timeout(value = 2, unit = TimeUnit.HOURS)
  @ParameterizedTest(name = "{0}")
  @MethodSource("flows")
  void crashOrLostResponseAtAnyEffectLeadsToSameEndState(Flow flow) throws Exception {
    try (Crashes crashes = crashes(flow)) {
      // When
      PointResults halted = crashes.at(Fault.HALT);
      PointResults lost = crashes.at(Fault.LOSE);

      // Then
      assertAll(crashes::assertNoPause, halted::assertAllPassed, lost::assertAllPassed);
    }
  }

  private static List<Flow> flows() {
    List<String> chosen = Settings.faultFlows();
    return chosen.isEmpty() ? List.of(Flow.values()) : chosen.stream().map(Flow::valueOf).toList();
  }

  private static Crashes crashes(Flow flow) throws Exception {
    return Crashes.of(
        flow,
        namespaces.stream()
            .map(namespace -> new Lane(flow, namespace, () -> instance(flow, namespace)))
            .toList());
  }

  /** Another instance in the state from which the flow starts. */
  private static Instance instance(Flow flow, String namespace) {
    String name =
        "%s-%d"
            .formatted(flow, instances.incrementAndGet())
            .toLowerCase(Locale.ROOT)
            .replace('_', '-');
    InstanceBuilder instance = given.instance(namespace, name).requests("10m", "64Mi");
    return switch (flow) {
      case CREATE -> instance.notApplied();
      case GROWTH -> instance.storageClass("limited").storage("512Mi").running();
      case REMOVAL -> instance.deletionPolicy("Delete").running();
      case RESUME -> suspend(instance.running());
      case BACKUP -> archiving(instance);
      case BACKUP_DELETION -> withUnwantedBackup(archiving(instance));
      case RESTORE ->
          instance
              .source("archive", archives.computeIfAbsent(namespace, CrashTest::archive))
              .notApplied();
      case RESTORE_IN_PLACE -> changedSinceBackup(archiving(instance));
      case RELOAD, RESTART, ROTATION, PORT, SUSPEND, RETURN, DELETION -> instance.running();
    };
  }

  private static Instance archiving(InstanceBuilder builder) {
    Instance instance = builder.backup(bucket, SECRET).running();
    Eventually.instance(instance).hasCondition(ConditionType.BACKUP_READY, Reason.ARCHIVING);
    return instance;
  }

  private static Instance withUnwantedBackup(Instance instance) {
    Flow.BACKUP_DELETION.after(instance);
    return instance;
  }

  /** The instance with a base backup of a state that has changed since. */
  private static Instance changedSinceBackup(Instance instance) {
    Cluster.psql(instance, "CREATE TABLE restored AS SELECT 1 AS n");
    String backup = Backup.complete(instance, instance.name() + "-wanted").name();
    Cluster.psql(instance, "UPDATE restored SET n = 2");
    Eventually.that(
        "the status names the backup",
        () -> assertThat(instance.resource().getStatus().backup().lastBackup()).isEqualTo(backup));
    return instance;
  }

  /** The archive of an instance that is gone, and has no effects any more. */
  private static Map<String, Object> archive(String namespace) {
    Instance source =
        archiving(given.instance(namespace, "source-of-" + namespace).deletionPolicy("Delete"));
    Cluster.psql(source, "CREATE TABLE restored AS SELECT 1 AS n");
    bucket.hasReached(source, Cluster.psql(source, "SELECT pg_current_wal_flush_lsn()"));
    Map<String, Object> archive = bucket.archive(source, SECRET);
    source.delete();
    return archive;
  }

  private static Instance suspend(Instance instance) {
    instance.change(spec -> spec.suspend(true));
    Eventually.instance(instance).isReadyFor(Reason.SUSPENDED);
    return instance;
  }
}
