package dev.postgresinstance.tests.scale;

import dev.postgresinstance.tests.support.AuditLog;
import dev.postgresinstance.tests.support.Command;
import dev.postgresinstance.tests.support.TestCluster;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.readiness.Readiness;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** The only pod of the installed operator: its resource usage and its metrics. */
final class OperatorPod {

  private static final String NAMESPACE = "postgres-instance-system";
  private static final String NAME = "postgres-instance-operator";
  private static final String OPTIONS = "@/app/jvm.options";
  private static final String MAIN = "dev.postgresinstance.operator.Main";
  private static final Pattern USE = Pattern.compile("(\\d+) kB\\n(\\d+) kB\\n(\\d+) (\\d+)");
  private static final Pattern THREAD = Pattern.compile("(?m)^(\\d+) (.+)$");
  private static final double NANOS_PER_SECOND = 1e9;
  private static final double KIB_PER_MIB = 1024;
  private static final double TICKS_PER_SECOND = 100;

  private final KubernetesClient client = TestCluster.client();
  private final String node;

  /** The operator whose processes are visible in the given Docker container, the kind node. */
  OperatorPod(String node) {
    this.node = node;
  }

  /** Memory of the process in MiB and its CPU time in seconds. */
  record Use(double resident, double peak, double cpuSeconds) {}

  Use use() {
    String output =
        ofProcess(
            """
            sed -n 's/^VmHWM:[[:space:]]*//p; s/^VmRSS:[[:space:]]*//p' $p/status
            cut -d' ' -f14,15 $p/stat
            """);
    Matcher use = USE.matcher(output);
    if (!use.matches()) {
      throw new IllegalStateException("expected one operator process: " + output);
    }
    return new Use(
        Long.parseLong(use.group(2)) / KIB_PER_MIB,
        Long.parseLong(use.group(1)) / KIB_PER_MIB,
        (Long.parseLong(use.group(3)) + Long.parseLong(use.group(4))) / TICKS_PER_SECOND);
  }

  /** CPU time in seconds so far by the name of the threads, without their numbers. */
  Map<String, Double> threadSeconds() {
    String output =
        ofProcess(
            """
            for t in $p/task/*; do
              echo "$(cut -d' ' -f1 $t/schedstat) $(cat $t/comm)"
            done 2> /dev/null
            """);
    return THREAD
        .matcher(output)
        .results()
        .collect(
            Collectors.groupingBy(
                thread -> thread.group(2).replaceAll("[-#]?\\d+", ""),
                Collectors.summingDouble(
                    thread -> Long.parseLong(thread.group(1)) / NANOS_PER_SECOND)));
  }

  /** The number of series of a metric; 0 while the operator is too busy to answer. */
  long series(String metric) {
    try {
      return values(metric).count();
    } catch (KubernetesClientException e) {
      return 0;
    }
  }

  /** The sum over all series of a metric. */
  double sum(String metric) {
    return values(metric).mapToDouble(Double::parseDouble).sum();
  }

  private Stream<String> values(String metric) {
    return client
        .raw(
            "/api/v1/namespaces/%s/pods/%s:8080/proxy/metrics"
                .formatted(NAMESPACE, pods().getFirst().getMetadata().getName()))
        .lines()
        .filter(line -> line.startsWith(metric + "{"))
        .map(line -> line.substring(line.lastIndexOf(' ') + 1));
  }

  /** Whether the operator sent the request. */
  static boolean sent(AuditLog.Request request) {
    return request.user().equals("system:serviceaccount:" + NAMESPACE + ":" + NAME);
  }

  /** Replaces the pod and waits until the new one serves; returns the time of the deletion. */
  Instant replace() {
    List<Pod> before = pods();
    Instant begin = Instant.now();
    before.forEach(pod -> client.resource(pod).delete());
    waitUntilServing();
    return begin;
  }

  /**
   * Replaces the pod by one with the given JVM options and waits until it serves; returns the start
   * time.
   */
  Instant runWith(Runtimes.Choice choice) {
    Instant begin = Instant.now();
    List<String> command =
        Stream.of(
                List.of(choice.java(), OPTIONS),
                choice.options(),
                List.of("-cp", "/app/*:/app/lib/*", MAIN))
            .flatMap(List::stream)
            .toList();
    client
        .apps()
        .deployments()
        .inNamespace(NAMESPACE)
        .withName(NAME)
        .unlock()
        .edit(
            deployment -> {
              PodSpec pod = deployment.getSpec().getTemplate().getSpec();
              pod.getContainers().getFirst().setCommand(command);
              return deployment;
            });
    waitUntilServing();
    return begin;
  }

  private void waitUntilServing() {
    Awaitility.await("the only operator pod serves")
        .atMost(Duration.ofMinutes(5))
        .pollInterval(Duration.ofMillis(250))
        .until(() -> isRolledOut() && pods().size() == 1 && isServing(pods().getFirst()));
  }

  private boolean isRolledOut() {
    Deployment deployment = client.apps().deployments().inNamespace(NAMESPACE).withName(NAME).get();
    DeploymentStatus status = deployment.getStatus();
    return status.getObservedGeneration() >= deployment.getMetadata().getGeneration()
        && Objects.equals(status.getUpdatedReplicas(), deployment.getSpec().getReplicas());
  }

  private static boolean isServing(Pod pod) {
    return pod.getMetadata().getDeletionTimestamp() == null && Readiness.isPodReady(pod);
  }

  private List<Pod> pods() {
    return client
        .pods()
        .inNamespace(NAMESPACE)
        .withLabel("app.kubernetes.io/name", NAME)
        .list()
        .getItems();
  }

  /** The output of commands for the operator's process, whose folder in /proc is $p. */
  private String ofProcess(String commands) {
    return Command.run(
        "docker",
        "exec",
        node,
        "sh",
        "-c",
        """
        for p in /proc/[0-9]*; do
          if grep -q operator.Main $p/cmdline 2> /dev/null && [ "$(cat $p/comm)" = java ]; then
        %s  fi
        done"""
            .formatted(commands));
  }
}
