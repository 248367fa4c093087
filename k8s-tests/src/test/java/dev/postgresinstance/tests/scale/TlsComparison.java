package dev.postgresinstance.tests.scale;

import dev.postgresinstance.tests.support.TestCluster;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * What a login costs without TLS and with it: the processor time of the threads that log in, for
 * each login with the session of the operator after it. At first a Secret of another owner has the
 * name of each certificate, so that no server gets one; that of the real server exists already.
 */
final class TlsComparison {

  private static final String REAL_SERVER = "scale-server/server";
  private static final int PER_SECOND = 10;
  private static final Duration SETTLING = Duration.ofSeconds(90);
  private static final Duration SAMPLING = Duration.ofSeconds(60);

  private final KubernetesClient client = TestCluster.client();
  private final OperatorPod operator;
  private final Fleet fleet;

  TlsComparison(OperatorPod operator, Fleet fleet) {
    this.operator = operator;
    this.fleet = fleet;
  }

  /** Measures the same instances without TLS, then with it, and prints both and the ratio. */
  void compare() throws InterruptedException {
    fleet.createNamespaces();
    fleet.names().forEach(instance -> client.resource(foreignSecret(instance)).create());
    fleet.create(0, fleet.size(), PER_SECOND);
    Cost without = measure();

    List<String> all = Stream.concat(fleet.names().stream(), Stream.of(REAL_SERVER)).toList();
    all.forEach(instance -> client.resource(foreignSecret(instance)).delete());
    Certificates.waitUntilMountedByNextPods(all);
    all.stream()
        .map(Fleet::namespace)
        .distinct()
        .forEach(namespace -> client.pods().inNamespace(namespace).delete());
    Certificates.waitUntilServed(all);
    Cost with = measure();

    print("", "ms per login", "logins", "resident, MiB");
    print("without TLS", without.millis(), without.logins(), without.resident());
    print("with TLS", with.millis(), with.logins(), with.resident());
    System.out.printf(Locale.ROOT, "ratio %.2f (goal: 2)%n", with.millis() / without.millis());
  }

  private static Secret foreignSecret(String instance) {
    return new SecretBuilder()
        .withNewMetadata()
        .withNamespace(Fleet.namespace(instance))
        .withName(instance.substring(instance.indexOf('/') + 1) + "-tls")
        .endMetadata()
        .build();
  }

  private record Cost(double millis, double logins, double resident) {}

  private Cost measure() throws InterruptedException {
    TimeUnit.MILLISECONDS.sleep(SETTLING.toMillis()); // there is no event to wait for
    double secondsBefore = secondsOfLogins();
    double loginsBefore = operator.sum("postgresinstance_login_seconds_count");
    TimeUnit.MILLISECONDS.sleep(SAMPLING.toMillis());
    double logins = operator.sum("postgresinstance_login_seconds_count") - loginsBefore;
    double seconds = secondsOfLogins() - secondsBefore;
    return new Cost(1000 * seconds / logins, logins, operator.use().resident());
  }

  private double secondsOfLogins() {
    return operator.threadSeconds().entrySet().stream()
        .filter(thread -> thread.getKey().startsWith("login"))
        .mapToDouble(Map.Entry::getValue)
        .sum();
  }

  private static void print(Object... columns) {
    System.out.printf(
        Locale.ROOT,
        columns[1] instanceof Double ? "%-14s %-14.2f %-10.0f %.1f%n" : "%-14s %-14s %-10s %s%n",
        columns);
  }
}
