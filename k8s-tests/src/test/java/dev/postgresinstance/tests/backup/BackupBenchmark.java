package dev.postgresinstance.tests.backup;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresBackupStatus;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Backup;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.InstanceBuilder;
import dev.postgresinstance.tests.support.S3Bucket;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Measures what backups cost, side by side with a server without them and with PostgreSQL's own
 * programs. Prints figures and asserts nothing.
 */
@Tag("bench")
@Timeout(3600)
class BackupBenchmark {

  private static final int ROUNDS = Integer.getInteger("rounds", 5);

  /** About 450 MB. */
  private static final int SCALE = 30;

  private static final int CLIENTS = 8;
  private static final int SECONDS = 20;
  private static final double MEGA = 1e6;

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private Instance plain;
  private Instance archived;

  @Test
  void measure() {
    S3Bucket bucket = given.bucketOnS3();
    bucket.createSecret(given.namespace(), "s3");
    plain = instance("plain").applied();
    archived =
        instance("archived")
            .backup(bucket, "s3")
            .backup("wal", Map.of("uploadInterval", "5s"))
            .running();
    Eventually.instance(plain).isReady();
    Eventually.instance(archived).hasCondition(ConditionType.BACKUP_READY, Reason.ARCHIVING);
    for (Instance instance : List.of(plain, archived)) {
      shell(instance, "pgbench --quiet --initialize --scale=%d app 2>&1".formatted(SCALE));
    }
    measureOverhead();
    measureBackupsAndRestores();
  }

  /**
   * Requests what an instance requests by default: the tests' builder requests less for instances
   * with backups, and where processors are scarce, the requests decide who gets them.
   */
  private static InstanceBuilder instance(String name) {
    return given.instance(name).storage("4Gi").requests("100m", "256Mi");
  }

  private void measureOverhead() {
    List<Double> most =
        compare(
            "transactions/s, as many as possible",
            "%8.0f",
            instance -> number("tps = ([0-9.]+)", pgbench(instance, "")));
    double half = median(most) / 2;
    compare(
        "latency in ms at %.0f transactions/s, half of that".formatted(half),
        "%8.2f",
        instance ->
            number(
                "latency average = ([0-9.]+)", pgbench(instance, "--rate=%.0f".formatted(half))));
  }

  /**
   * Measures both servers in turn, and prints the figures and their ratios.
   *
   * @return the figures of the server without backup
   */
  private List<Double> compare(String what, String format, ToDoubleFunction<Instance> measurement) {
    List<Double> without = new ArrayList<>();
    List<Double> with = new ArrayList<>();
    List<Double> ratio = new ArrayList<>();
    for (int round = 0; round <= ROUNDS; round++) {
      boolean plainFirst = round % 2 == 0;
      double first = measurement.applyAsDouble(plainFirst ? plain : archived);
      double second = measurement.applyAsDouble(plainFirst ? archived : plain);
      if (round > 0) { // the first one warms up
        without.add(plainFirst ? first : second);
        with.add(plainFirst ? second : first);
        ratio.add(with.getLast() / without.getLast());
      }
    }
    System.out.printf(
        "%npgbench, %d clients, %d s, %d rounds in turn      min   median      max%n%s%n",
        CLIENTS, SECONDS, ROUNDS, what);
    print("without backup", without, format);
    print("with backup", with, format);
    print("with / without", ratio, "%8.3f");
    return without;
  }

  private static String pgbench(Instance instance, String options) {
    return shell(
        instance,
        "psql -qd app -c CHECKPOINT && pgbench --no-vacuum --client=%d --jobs=2 --time=%d %s app 2>&1"
            .formatted(CLIENTS, SECONDS, options));
  }

  private static double number(String pattern, String output) {
    return Double.parseDouble(output.replaceAll("(?s).*" + pattern + ".*", "$1"));
  }

  private void measureBackupsAndRestores() {
    List<Double> copy = new ArrayList<>();
    List<Double> plainBackup = new ArrayList<>();
    List<Double> backup = new ArrayList<>();
    List<Double> restore = new ArrayList<>();
    double megabytes = 0;
    for (int round = 1; round <= ROUNDS; round++) {
      Backup made = Backup.complete(archived, "archived-" + round);
      PostgresBackupStatus status = made.resource().getStatus();
      megabytes = status.size().getNumericalAmount().doubleValue() / MEGA;
      Duration time =
          Duration.between(Instant.parse(status.startedAt()), Instant.parse(status.completedAt()));
      backup.add(megabytes / Math.max(1, time.toSeconds()));
      plainBackup.add(
          megabytes
              / seconds(
                  archived,
                  "pg_basebackup --pgdata=- --format=tar --wal-method=none --checkpoint=fast"
                      + " >/dev/null"));
      copy.add(megabytes / seconds(archived, "cp -a /pgdata/$PGI_MAJOR /pgdata/copy && sync"));
      shell(archived, "rm -rf /pgdata/copy");
      restore.add(megabytes / restored(made, round));
    }
    System.out.printf(
        "%n%.0f MB, in MB/s, %d rounds in turn              min   median      max%n",
        megabytes, ROUNDS);
    print("cp within the volume", copy, "%8.0f");
    print("pg_basebackup to nowhere", plainBackup, "%8.0f");
    print("PostgresBackup, compressed, to S3", backup, "%8.0f");
    print("restore until Ready, with its pods", restore, "%8.0f");
  }

  private double restored(Backup backup, int round) {
    long begin = System.nanoTime();
    Instance restored =
        given
            .instance("restored-" + round)
            .storage("4Gi")
            .source("backup", Map.of("name", backup.name()))
            .source("target", Map.of("endOfBackup", true))
            .running();
    double seconds = (System.nanoTime() - begin) / 1e9;
    restored.delete();
    return seconds;
  }

  private static double seconds(Instance instance, String script) {
    String micros =
        "begin=${EPOCHREALTIME/./}; %s; echo $((${EPOCHREALTIME/./} - begin))".formatted(script);
    return Long.parseLong(shell(instance, micros)) / MEGA;
  }

  private static String shell(Instance instance, String script) {
    return Cluster.exec(instance, "bash", "-euc", script);
  }

  private static void print(String what, List<Double> values, String format) {
    System.out.printf("%-48s", what);
    DoubleStream.of(Collections.min(values), median(values), Collections.max(values))
        .forEach(value -> System.out.printf(format + " ", value));
    System.out.println();
  }

  private static double median(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
