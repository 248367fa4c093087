package dev.postgresinstance.tests.support;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.ContainerResource;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** Manual changes and failures that can happen to an instance in a cluster. */
public final class Cluster {

  /** The name of the server's container in the pod of an instance. */
  static final String CONTAINER = "postgres";

  /** Node ports already handed out to tests, which may not have requested them yet. */
  private static final Set<Integer> PORTS = ConcurrentHashMap.newKeySet();

  private Cluster() {}

  /** Deletes the pod, as a drain or a person does. Returns the deleted pod. */
  public static Pod killPod(Instance instance) {
    Pod pod = Objects.requireNonNull(instance.pod(), "there is no pod");
    delete(pod);
    return pod;
  }

  /**
   * Deletes the pod with grace period 0: the API object is gone at once, its processes may still
   * run.
   */
  public static void forceDeletePod(Instance instance) {
    TestCluster.client().resource(instance.pod()).withGracePeriod(0).delete();
  }

  /** Deletes an object and everything it owns. */
  public static void delete(HasMetadata object) {
    TestCluster.client().resource(object).delete();
  }

  /** Reads the current state of the object; null if it does not exist. */
  public static <T extends HasMetadata> T current(T object) {
    return TestCluster.client().resource(object).get();
  }

  /**
   * Changes an object by a patch, as `kubectl edit` does: concurrent writes to other fields are
   * kept.
   */
  public static <T extends HasMetadata> T edit(T object, Consumer<T> change) {
    return TestCluster.client().resource(object).unlock().accept(change);
  }

  /** Writes another password into a Secret, as a person would. */
  public static Secret editPassword(Secret secret, String password) {
    String encoded = Base64.getEncoder().encodeToString(password.getBytes(UTF_8));
    return edit(secret, edited -> edited.getData().put("password", encoded));
  }

  /**
   * Deletes a StatefulSet without its pod and creates it again from the given object, as a person
   * would.
   */
  public static StatefulSet recreateAroundPod(StatefulSet written) {
    KubernetesClient client = TestCluster.client();
    String uid = written.getMetadata().getUid();
    StatefulSet recreated = client.getKubernetesSerialization().clone(written);
    recreated.getMetadata().setUid(null);
    recreated.getMetadata().setResourceVersion(null);
    recreated.getMetadata().setManagedFields(null);
    recreated.setStatus(null);
    client.resource(written).withPropagationPolicy(DeletionPropagation.ORPHAN).delete();
    return Eventually.nonNull(
        "another StatefulSet than " + uid, () -> client.resource(recreated).create());
  }

  /** Waits until the container runs: its start script has started, the server may not have. */
  public static void waitForContainer(Instance instance) {
    Eventually.nonNull(
        "a running container of " + instance,
        () -> PodState.of(instance.pod()).running() ? true : null);
  }

  /** Kills all processes of the pod's container as soon as a shell condition holds. */
  public static void killContainerWhen(Instance instance, String condition) {
    // Check the condition inside the container, from its start on: the container status in the API
    // is up to one second old. SIGKILL leaves the processes no time to clean up. A container that
    // has only just started has no other process than its first one, which kill cannot reach.
    String script =
        "until %s && kill -KILL -1; do [ $SECONDS -lt 50 ] || exit 9; done".formatted(condition);
    runWhenPossible(instance, script, true);
  }

  /**
   * Runs a script in the container as soon as the container accepts one.
   *
   * @param isKilled whether the script may be killed together with the container; otherwise a
   *     killed script is run again in the next container
   */
  private static void runWhenPossible(Instance instance, String script, boolean isKilled) {
    Awaitility.await("a shell in the container of " + instance)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(20))
        .atMost(Duration.ofMinutes(4))
        .ignoreExceptions()
        .until(
            () -> Exec.run(instance, "bash", "-c", script), exec -> isKilled || !exec.wasKilled())
        .orFail(isKilled);
  }

  /** The restart count of the container. */
  public static int containerRestarts(Instance instance) {
    return PodState.of(instance.pod()).restarts();
  }

  /** Removes all files from the volume while the server runs, as a lost disk does. */
  public static void emptyVolume(Instance instance) {
    // A server may create files while its directory is removed.
    exec(instance, "bash", "-c", "until rm -rf /pgdata/* /pgdata/.[!.]*; do sleep 0.1; done");
  }

  /** The container that runs the server; admission controllers may have added others. */
  public static Container serverIn(Pod pod) {
    return pod.getSpec().getContainers().stream()
        .filter(container -> CONTAINER.equals(container.getName()))
        .findFirst()
        .orElseThrow();
  }

  /** All files of the volume with size, modification time and checksum, read in the running pod. */
  public static List<String> volume(Instance instance) {
    return exec(
            instance,
            "bash",
            "-c",
            "cd /pgdata && find . -type f -printf '%p %s %T@\\n' -o -type d -printf '%p %T@\\n' | sort"
                + " && find . -type f -exec sha256sum {} + | sort")
        .lines()
        .toList();
  }

  /** Sets the reclaim policy of the instance's persistent volume. */
  public static void setReclaimPolicy(Instance instance, String policy) {
    TestCluster.client()
        .persistentVolumes()
        .withName(instance.claim().getSpec().getVolumeName())
        .unlock()
        .edit(
            volume ->
                new PersistentVolumeBuilder(volume)
                    .editSpec()
                    .withPersistentVolumeReclaimPolicy(policy)
                    .endSpec()
                    .build());
  }

  /** Sends SIGSTOP to all processes of the server: it hangs, but still exists. */
  public static void freeze(Instance instance) {
    signalServer(instance, "STOP");
  }

  /** Sends SIGCONT to the processes of a frozen server. */
  public static void thaw(Instance instance) {
    signalServer(instance, "CONT");
  }

  private static void signalServer(Instance instance, String signal) {
    exec(
        instance,
        "bash",
        "-c",
        "for process in /proc/[0-9]*; do"
            + " [ \"$(cat $process/comm 2>/dev/null)\" != postgres ] || kill -%s ${process#/proc/};"
                .formatted(signal)
            + " done");
  }

  /**
   * Kills the server and stops the startup process of the next server, which replays the
   * write-ahead log. Recovery then lasts until {@link #thaw}.
   */
  public static void crashIntoRecovery(Instance instance) {
    killContainerWhen(instance, "true");
    runWhenPossible(
        instance,
        "until for p in /proc/[0-9]*; do read -r -d '' title < $p/cmdline;"
            + " case $title in 'postgres: startup'*) kill -STOP ${p#/proc/} && break;; *) false;;"
            + " esac; done; do [ $SECONDS -lt 50 ] || exit 9; done 2> /dev/null",
        false);
  }

  /**
   * Runs a statement by `kubectl exec … psql -U postgres`, the emergency access of an
   * administrator.
   */
  public static String psql(Instance instance, String sql) {
    return exec(instance, "psql", "-U", "postgres", "-XtAc", sql);
  }

  /** The log of the instance's container. */
  public static String log(Instance instance) {
    return TestCluster.client()
        .pods()
        .inNamespace(instance.namespace())
        .withName(instance.podName())
        .inContainer(CONTAINER)
        .getLog();
  }

  /** The logs of the current and the previous container of the instance's pod. */
  static String logs(Instance instance) {
    return logs(instance.namespace(), instance.podName(), CONTAINER);
  }

  /** The logs of the current and the previous containers of a pod. */
  static String logs(Pod pod) {
    return pod.getSpec().getContainers().stream()
        .map(
            container ->
                logs(
                    pod.getMetadata().getNamespace(),
                    pod.getMetadata().getName(),
                    container.getName()))
        .collect(Collectors.joining("\n"));
  }

  private static String logs(String namespace, String pod, String container) {
    ContainerResource resource =
        TestCluster.client().pods().inNamespace(namespace).withName(pod).inContainer(container);
    return Stream.<Supplier<String>>of(resource::getLog, () -> resource.terminated().getLog())
        .map(Cluster::orEmpty)
        .collect(Collectors.joining("\n"));
  }

  /** A container that has not started has no log, and most pods have no previous container. */
  private static String orEmpty(Supplier<String> log) {
    try {
      return Objects.requireNonNullElse(log.get(), "");
    } catch (KubernetesClientException e) {
      return "";
    }
  }

  /** All events of a namespace, one line each. */
  public static String events(String namespace) {
    return TestCluster.client().v1().events().inNamespace(namespace).list().getItems().stream()
        .map(event -> event.getReason() + ": " + event.getMessage())
        .collect(Collectors.joining("\n"));
  }

  /** The events of a namespace that a component reported, each with its resource version. */
  public static List<String> eventsBy(String component, String namespace) {
    return TestCluster.client().v1().events().inNamespace(namespace).list().getItems().stream()
        .filter(
            event ->
                component.equals(event.getReportingComponent())
                    || component.equals(event.getSource().getComponent()))
        .map(
            event ->
                "%s %s: %s, version %s"
                    .formatted(
                        event.getInvolvedObject().getName(),
                        event.getReason(),
                        event.getMessage(),
                        event.getMetadata().getResourceVersion()))
        .toList();
  }

  /** Runs a program in the instance's container and returns its standard output. */
  public static String exec(Instance instance, String... command) {
    return Exec.run(instance, command).orFail(false).output();
  }

  /** Runs a program in a container of the backup pod, and returns its standard output. */
  public static String execInBackupPod(Instance instance, String container, String... command) {
    return Exec.inPod(instance, instance.name() + "-backup-0", container, command)
        .orFail(false)
        .output();
  }

  /**
   * Starts `kubectl exec` and kills the local kubectl while the program runs in the container, as
   * closing a laptop does.
   *
   * @param hasStarted a shell condition that holds in the container once the program runs
   */
  public static void execAndDisconnect(Instance instance, String hasStarted, String... command) {
    Process kubectl =
        Command.start(
            Stream.concat(
                    Stream.of(
                        Settings.kubectl(),
                        "--context=" + Settings.context(),
                        "--namespace=" + instance.namespace(),
                        "exec",
                        instance.podName(),
                        "--container=" + CONTAINER,
                        "--"),
                    Stream.of(command))
                .toArray(String[]::new));
    Eventually.that(
        String.join(" ", command) + " runs", () -> exec(instance, "bash", "-c", hasStarted));
    kubectl.destroyForcibly();
  }

  /**
   * Sets the load balancer address in the status of the Service: the test cluster has no load
   * balancer.
   */
  public static void setLoadBalancerAddress(Instance instance, String address) {
    TestCluster.client()
        .resource(instance.service())
        .unlock()
        .editStatus(
            now ->
                new ServiceBuilder(now)
                    .withNewStatus()
                    .withNewLoadBalancer()
                    .addNewIngress()
                    .withIp(address)
                    .endIngress()
                    .endLoadBalancer()
                    .endStatus()
                    .build());
  }

  /** Starts a second pod like the instance's own, on the same claim. */
  public static Pod startSecondPod(Instance instance) {
    return TestCluster.client().resource(podLike(instance, "-second").build()).create();
  }

  /** Starts an idle pod that mounts the instance's volume. */
  public static Pod holdVolume(Instance instance) {
    Pod pod = TestCluster.client().resource(idlePodLike(instance, "sleep", "600")).create();
    return Eventually.nonNull(
        "a running " + pod.getMetadata().getName(),
        () -> "Running".equals(current(pod).getStatus().getPhase()) ? current(pod) : null);
  }

  /** Starts a pod that locks the instance's volume as soon as the server has stopped. */
  public static Pod lockVolumeAfterShutdown(Instance instance) {
    Pod pod =
        TestCluster.client()
            .resource(idlePodLike(instance, "flock", "/pgdata/lock", "sleep", "600"))
            .create();
    return Eventually.nonNull(
        "a running " + pod.getMetadata().getName(),
        () -> "Running".equals(current(pod).getStatus().getPhase()) ? current(pod) : null);
  }

  /** Waits until the pod has failed and returns the termination message of its container. */
  public static String terminationMessage(Pod pod) {
    return Eventually.nonNull(
        pod.getMetadata().getName() + " has failed",
        () -> {
          Pod now = current(pod);
          return "Failed".equals(now.getStatus().getPhase())
              ? now.getStatus()
                  .getContainerStatuses()
                  .getFirst()
                  .getState()
                  .getTerminated()
                  .getMessage()
              : null;
        });
  }

  /** The names of all files on the volume, read by a helper pod: the server need not run. */
  public static List<String> filesOnVolume(Instance instance) {
    return runOnVolume(instance, "find", "/pgdata", "-type", "f");
  }

  /**
   * All files on the volume with modification time and checksum, sorted by name; shows whether
   * anything was written.
   */
  public static List<String> contentOfVolume(Instance instance) {
    return runOnVolume(
            instance,
            "find",
            "/pgdata",
            "-type",
            "f",
            "-printf",
            "%p %T@ ",
            "-exec",
            "sha256sum",
            "{}",
            ";")
        .stream()
        .sorted()
        .toList();
  }

  private static List<String> runOnVolume(Instance instance, String... command) {
    KubernetesClient client = TestCluster.client();
    Pod pod = client.resource(idlePodLike(instance, command)).create();
    String files =
        Eventually.nonNull(
            "the files on the volume of " + instance,
            () ->
                "Succeeded".equals(current(pod).getStatus().getPhase())
                    ? client.pods().resource(pod).getLog()
                    : null);
    delete(pod);
    return files.lines().toList();
  }

  /** A pod like the instance's own that runs the given program instead of a server. */
  private static Pod idlePodLike(Instance instance, String... program) {
    return podLike(instance, "-helper")
        .editSpec()
        .withTerminationGracePeriodSeconds(1L)
        .editFirstContainer()
        .withCommand(program)
        .withArgs()
        .withStartupProbe(null)
        .withReadinessProbe(null)
        .withLifecycle(null)
        .endContainer()
        .endSpec()
        .build();
  }

  private static PodBuilder podLike(Instance instance, String suffix) {
    return new PodBuilder()
        .withNewMetadata()
        .withNamespace(instance.namespace())
        .withName(instance.name() + suffix)
        .endMetadata()
        .withNewSpecLike(instance.pod().getSpec())
        .withRestartPolicy("Never")
        .withNodeName(null)
        .withHostname(null)
        .withSubdomain(null)
        .endSpec();
  }

  /**
   * A node port that no Service uses and that this method has not returned before. It is from the
   * part of the range that the cluster rarely assigns automatically.
   */
  public static int freeNodePort() {
    KubernetesClient client = TestCluster.client();
    Set<Integer> taken =
        client.services().inAnyNamespace().list().getItems().stream()
            .flatMap(service -> service.getSpec().getPorts().stream())
            .map(port -> port.getNodePort())
            .filter(Objects::nonNull)
            .collect(Collectors.toSet());
    return new Random()
        .ints(10_000, 30000, 30086)
        .filter(port -> !taken.contains(port) && PORTS.add(port))
        .findFirst()
        .orElseThrow();
  }

  /** The full name of a Kubernetes image on the node whose name contains the given part. */
  public static String imageOnNode(String part) {
    return TestCluster.client().nodes().list().getItems().stream()
        .flatMap(node -> node.getStatus().getImages().stream())
        .flatMap(image -> image.getNames().stream())
        .filter(name -> name.contains(part) && !name.contains("@"))
        .findFirst()
        .orElseThrow();
  }

  /** Runs a command of a message as a shell does when a user pastes it; returns its output. */
  public static String paste(String command) {
    return Command.run(
        "sh",
        "-c",
        "kubectl() { '%s' '--context=%s' \"$@\"; }\n%s"
            .formatted(Settings.kubectl(), Settings.context(), command));
  }

  /** Runs `kubectl` and returns its output. */
  public static String kubectl(String... command) {
    String[] all = new String[command.length + 2];
    all[0] = Settings.kubectl();
    all[1] = "--context=" + Settings.context();
    System.arraycopy(command, 0, all, 2, command.length);
    return Command.run(all);
  }
}
