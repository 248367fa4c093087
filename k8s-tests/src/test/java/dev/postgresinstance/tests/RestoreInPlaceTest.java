package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.api.v1alpha1.StorageStatus;
import dev.postgresinstance.tests.support.Backup;
import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.CoversReasons;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.Page;
import dev.postgresinstance.tests.support.S3Bucket;
import dev.postgresinstance.tests.support.Settings;
import dev.postgresinstance.tests.support.Shell;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The data of an instance goes back to an earlier moment, and clients keep address and password.
 */
class RestoreInPlaceTest {

  private static final String ANNOTATION = "postgresinstance.dev/restore-to";
  private static final String NOW =
      "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')";

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  @Test
  @CoversReasons({Reason.RESTORE_REFUSED, Reason.RESTORE_COMPLETED})
  void droppedTableComesBackUnderTheSameAddress() throws SQLException {
    // Given
    S3Bucket bucket = given.bucketOnS3();
    bucket.createSecret(given.namespace(), "s3");
    Instance orders = given.instance("orders").backup(bucket, "s3").running();
    Eventually.instance(orders).hasCondition(ConditionType.BACKUP_READY, Reason.ARCHIVING);
    String moment;
    try (Client client = Client.connect(orders)) {
      client.execute("CREATE TABLE ledger AS SELECT n FROM generate_series(1, 1000) AS n");
      moment = client.read(NOW);
      client.execute("DROP TABLE ledger");
      client.execute("CREATE TABLE later AS SELECT 1 AS n");
      bucket.hasReached(orders, client.read("SELECT pg_current_wal_flush_lsn()"));
    }
    Pod server = orders.pod();
    PersistentVolumeClaim former = orders.claim();
    String uid = storage(orders).claimUid();
    int port = orders.nodePort();
    Map<String, String> credentials = orders.credentials();
    assertThat(uid).isEqualTo(former.getMetadata().getUid());

    // When
    orders.annotate(ANNOTATION, "yesterday");

    // Then
    assertThat(refusal(orders, "yesterday"))
        .contains("TARGET@UID", "latest@" + uid, "Nothing was changed");

    // When
    orders.annotate(ANNOTATION, moment + "@" + server.getMetadata().getUid());

    // Then
    assertThat(refusal(orders, server.getMetadata().getUid())).contains(moment + "@" + uid);

    // When
    orders.annotate(ANNOTATION, "2020-01-01T00:00:00Z@" + uid);

    // Then
    assertThat(
            Eventually.instance(orders)
                .conditionMessage(ConditionType.RESTORED_IN_PLACE, Reason.RESTORE_FAILED))
        .contains("2020-01-01T00:00:00Z", "the first possible target is");
    Eventually.instance(orders).isReady();
    orders.assertHas(server);

    // When
    orders.annotate(ANNOTATION, moment + "@" + uid);

    // Then
    String message =
        Eventually.instance(orders)
            .conditionMessage(ConditionType.RESTORED_IN_PLACE, Reason.RESTORE_COMPLETED);
    assertThat(message).contains("kubectl delete -n " + orders.namespace() + " pvc orders-data");
    Eventually.instance(orders).isReadyWithNewPod(server);
    assertThat(orders.nodePort()).isEqualTo(port);
    assertThat(orders.credentials()).isEqualTo(credentials);
    try (Client client = Client.connect(orders)) {
      assertThat(client.read("SELECT count(*) FROM ledger")).isEqualTo("1000");
      assertThat(client.read("SELECT to_regclass('later') IS NULL")).isEqualTo("t");
      client.execute("INSERT INTO ledger VALUES (1001)");
    }
    StorageStatus restored = storage(orders);
    assertThat(restored.restoredTo()).isEqualTo(moment + "@" + uid);
    assertThat(restored.claimName()).isNotEqualTo("orders-data").startsWith("orders-data-");
    assertThat(restored.retained()).isTrue();
    assertThat(orders.claim("orders-data").getMetadata().getUid()).isEqualTo(uid);
    assertThat(orders.events()).extracting(event -> event.getReason()).contains("RestoreCompleted");
    Eventually.that(
        "the claim of the refused restore is gone",
        () ->
            assertThat(orders.claims())
                .extracting(claim -> claim.getMetadata().getName())
                .containsExactlyInAnyOrder("orders-data", restored.claimName()));
    Eventually.instance(orders).hasCondition(ConditionType.BACKUP_READY, Reason.ARCHIVING);
    assertThat(queryOnFormerClaim(orders, "SELECT n FROM later")).isEqualTo("1");

    // When
    orders.delete();
    orders.apply();

    // Then
    Eventually.instance(orders).isReady();
    assertThat(Client.read(orders, "SELECT max(n) FROM ledger")).isEqualTo("1001");
    assertThat(storage(orders).claimUid()).isEqualTo(restored.claimUid());
    assertThat(orders.condition(ConditionType.RESTORED_IN_PLACE)).isEmpty();

    // When
    orders.change(spec -> spec.deletionPolicy("Delete"));
    Eventually.that(
        "the claim in use belongs to the instance",
        () -> assertThat(storage(orders).retained()).isFalse());
    orders.delete();

    // Then
    Eventually.that(
        "only the former claim is left",
        () ->
            assertThat(orders.claims())
                .extracting(claim -> claim.getMetadata().getName())
                .containsExactly("orders-data"));
  }

  @Test
  @Tag("long")
  void lostVolumeIsRestoredByTheCommandInTheStatus() throws SQLException {
    // Given
    Instance crm =
        given.instance("crm").backup("store", Map.of("volume", Map.of("size", "256Mi"))).running();
    Eventually.instance(crm).hasCondition(ConditionType.BACKUP_READY, Reason.ARCHIVING);
    Client.connect(crm)
        .execute("CREATE TABLE customers AS SELECT n FROM generate_series(1, 100) AS n");
    Backup.complete(crm, "crm-last");
    Cluster.emptyVolume(crm);
    Pod before = Cluster.killPod(crm);

    // When
    String message =
        Eventually.instance(crm).hasPodOtherThan(before).isNotReady(Reason.DATA_MISSING);
    Matcher command =
        Pattern.compile(
                "kubectl annotate \\S+ \\S+ pgi crm %s=latest@\\S+ --overwrite"
                    .formatted(ANNOTATION))
            .matcher(message);
    assertThat(command.find()).as(message).isTrue();
    Shell.run(Path.of("."), Map.of(), command.group());

    // Then
    Eventually.instance(crm)
        .hasCondition(ConditionType.RESTORED_IN_PLACE, Reason.RESTORE_COMPLETED)
        .isReady();
    assertThat(Client.read(crm, "SELECT count(*) FROM customers")).isEqualTo("100");
    Shell.run(
        Path.of("."),
        Map.of(),
        "kubectl annotate -n %s pgi crm %s-".formatted(crm.namespace(), ANNOTATION));
    Eventually.instance(crm).hasNoCondition(ConditionType.RESTORED_IN_PLACE).isReady();
    assertThat(Client.read(crm, "SELECT count(*) FROM customers")).isEqualTo("100");
  }

  /** Follows the documentation: a server of its own on the claim that is not in use any more. */
  private static String queryOnFormerClaim(Instance orders, String sql) {
    String[] commands =
        new Page(Path.of("../docs/backup.md"))
            .code("sh", "orders-former")
            .getFirst()
            .replace("kubectl ", "kubectl -n %s ".formatted(orders.namespace()))
            .replace("postgres:17", Settings.postgresImage().orElse("postgres:17"))
            .replace("exec -it", "exec")
            .split("(?<=END)\n(?=kubectl)", -1);
    assertThat(commands).hasSize(2);
    Shell.run(Path.of("."), Map.of(), commands[0]);
    return Eventually.nonNull(
            "the former data can be looked at",
            () ->
                Shell.run(
                    Path.of("."), Map.of(), commands[1].strip() + " -Atc '%s'".formatted(sql)))
        .strip();
  }

  private static String refusal(Instance instance, String words) {
    Eventually.that(
        "the annotation with %s is refused".formatted(words),
        () ->
            assertThat(instance.condition(ConditionType.RESTORED_IN_PLACE).orElseThrow())
                .satisfies(
                    condition -> {
                      assertThat(condition.getReason()).isEqualTo(Reason.RESTORE_REFUSED.word());
                      assertThat(condition.getMessage()).contains(words);
                    }));
    return instance.condition(ConditionType.RESTORED_IN_PLACE).orElseThrow().getMessage();
  }

  private static StorageStatus storage(Instance instance) {
    return instance.resource().getStatus().storage();
  }
}
