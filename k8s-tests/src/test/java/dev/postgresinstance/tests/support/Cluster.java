package dev.postgresinstance.tests.support;

import static java.nio.charset.StandardCharsets.UTF_8;

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
import io.fabric8.kubernetes.client.dsl.PodResource;
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

/** What can happen to an instance in a cluster, by hand or by accident. */
public final class Cluster {

  /** The node ports that were given out, and are perhaps not asked for yet. */
  private static final Set<Integer> PORTS = ConcurrentHashMap.newKeySet();

  private Cluster() {}

  /** Deletes the pod, as a drain or a person does, and gives the one that was there. */
  public static Pod killPod(Instance instance) {
    Pod pod = Objects.requireNonNull(instance.pod(), "there is no pod");
    delete(pod);
    return pod;
  }

  /** Takes the pod out of the API at once, while its processes may still run. */
  public static void forgetPod(Instance instance) {
    TestCluster.client().resource(instance.pod()).withGracePeriod(0).delete();
  }

  /** Deletes an object by hand; what it owns goes with it. */
  public static void delete(HasMetadata object) {
    TestCluster.client().resource(object).delete();
  }

  /** The object as it is now; null if there is none. */
  public static <T extends HasMetadata> T now(T object) {
    return TestCluster.client().resource(object).get();
  }

  /** Changes an object by a patch, as `kubectl edit` does: what others write meanwhile stays. */
  public static <T extends HasMetadata> T edit(T object, Consumer<T> change) {
    return TestCluster.client().resource(object).unlock().accept(change);
  }

  /** Writes another password into a Secret, by hand. */
  public static Secret editPassword(Secret secret, String password) {
    String encoded = Base64.getEncoder().encodeToString(password.getBytes(UTF_8));
    return edit(secret, edited -> edited.getData().put("password", encoded));
  }

  /** Replaces a StatefulSet, but not its pod, by one of that name that a person has written. */
  public static StatefulSet makeAnewAroundItsPod(StatefulSet written) {
    KubernetesClient client = TestCluster.client();
    String uid = written.getMetadata().getUid();
    StatefulSet anew = client.getKubernetesSerialization().clone(written);
    anew.getMetadata().setUid(null);
    anew.getMetadata().setResourceVersion(null);
    anew.getMetadata().setManagedFields(null);
    anew.setStatus(null);
    client.resource(written).withPropagationPolicy(DeletionPropagation.ORPHAN).delete();
    return Eventually.there(
        "another StatefulSet than " + uid, () -> client.resource(anew).create());
  }

  /** Waits until the container runs: its script has begun, the server may not have. */
  public static void waitForContainer(Instance instance) {
    Eventually.there(
        "a running container of " + instance,
        () -> PodState.of(instance.pod()).running() ? true : null);
  }

  /** Kills all processes of the pod's container at the moment when a shell condition holds. */
  public static void killContainerWhen(Instance instance, String condition) {
    // The moment is looked for in the container, and from its first on: what the API says of a
    // container is up to a second old. SIGKILL leaves no time for anything.
    String script =
        "until %s; do [ $SECONDS -lt 20 ] || exit 9; done; kill -KILL -1".formatted(condition);
    whenItCan(instance, script, true);
  }

  /**
   * Runs a script in the container as soon as it takes one.
   *
   * @param isKilled whether the script ends with the container; else it is run again in the next
   */
  private static void whenItCan(Instance instance, String script, boolean isKilled) {
    Awaitility.await("a shell in the container of " + instance)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(20))
        .atMost(Duration.ofMinutes(2))
        .ignoreExceptions()
        .until(
            () -> Exec.run(instance, "bash", "-c", script), exec -> isKilled || !exec.wasKilled())
        .orFail(isKilled);
  }

  /** How often the container was started again. */
  public static int containerRestarts(Instance instance) {
    return PodState.of(instance.pod()).restarts();
  }

  /** Removes all files from the volume while the server runs: a disk that is lost. */
  public static void emptyVolume(Instance instance) {
    exec(instance, "bash", "-c", "rm -rf /pgdata/* /pgdata/.[!.]*");
  }

  /** All files of the volume with size, time of change and content, seen from the running pod. */
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

  /** Says what becomes of the instance's persistent volume without its claim. */
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

  /** Stops all processes of the server where they stand: it hangs, and is not gone. */
  public static void freeze(Instance instance) {
    signalServer(instance, "STOP");
  }

  /** Lets a frozen server go on. */
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
   * Kills the server and stops the process of the next one that replays the write-ahead log, so
   * that its recovery takes until {@link #thaw}.
   */
  public static void crashIntoRecovery(Instance instance) {
    killContainerWhen(instance, "true");
    whenItCan(
        instance,
        "until for p in /proc/[0-9]*; do read -r -d '' title < $p/cmdline;"
            + " case $title in 'postgres: startup'*) kill -STOP ${p#/proc/} && break;; *) false;;"
            + " esac; done; do [ $SECONDS -lt 20 ] || exit 9; done 2> /dev/null",
        false);
  }

  /** A statement by `kubectl exec … psql -U postgres`, the way in for emergencies. */
  public static String psql(Instance instance, String sql) {
    return exec(instance, "psql", "-U", "postgres", "-XtAc", sql);
  }

  /** What the instance's container has printed. */
  public static String log(Instance instance) {
    return TestCluster.client()
        .pods()
        .inNamespace(instance.namespace())
        .withName(instance.podName())
        .getLog();
  }

  /** What the containers of its pod have printed, the one before the present one included. */
  static String logs(Instance instance) {
    PodResource pod =
        TestCluster.client().pods().inNamespace(instance.namespace()).withName(instance.podName());
    return Stream.<Supplier<String>>of(pod::getLog, () -> pod.terminated().getLog())
        .map(Cluster::orNothing)
        .collect(Collectors.joining("\n"));
  }

  /** A container that has not started has no log, and most have none before them. */
  private static String orNothing(Supplier<String> log) {
    try {
      return Objects.requireNonNullElse(log.get(), "");
    } catch (KubernetesClientException e) {
      return "";
    }
  }

  /** All events of a namespace. */
  public static String events(String namespace) {
    return TestCluster.client().v1().events().inNamespace(namespace).list().getItems().stream()
        .map(event -> event.getReason() + ": " + event.getMessage())
        .collect(Collectors.joining("\n"));
  }

  /** The events of a namespace that a component has made, each with its version. */
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

  /** Runs a program in the instance's container and gives its standard output. */
  public static String exec(Instance instance, String... words) {
    return Exec.run(instance, words).orFail(false).output();
  }

  /**
   * Cuts `kubectl exec` off while its program runs in the container, as a laptop does that is shut.
   *
   * @param hasBegun a shell condition that holds in the container once the program runs
   */
  public static void execCutOff(Instance instance, String hasBegun, String... words) {
    Process kubectl =
        Command.start(
            Stream.concat(
                    Stream.of(
                        Settings.kubectl(),
                        "--context=" + Settings.context(),
                        "--namespace=" + instance.namespace(),
                        "exec",
                        instance.podName(),
                        "--"),
                    Stream.of(words))
                .toArray(String[]::new));
    Eventually.that(
        String.join(" ", words) + " runs", () -> exec(instance, "bash", "-c", hasBegun));
    kubectl.destroyForcibly();
  }

  /** Sets the address that the cluster's load balancer would get, where there is no such thing. */
  public static void giveLoadBalancerAddress(Instance instance, String address) {
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

  /** Starts another pod that uses the instance's volume and does nothing with it. */
  public static Pod holdVolume(Instance instance) {
    Pod pod = TestCluster.client().resource(idlePodLike(instance, "sleep", "600")).create();
    return Eventually.there(
        "a running " + pod.getMetadata().getName(),
        () -> "Running".equals(now(pod).getStatus().getPhase()) ? now(pod) : null);
  }

  /** Starts another pod that locks the instance's volume as soon as its server has ended. */
  public static Pod lockVolumeNext(Instance instance) {
    Pod pod =
        TestCluster.client()
            .resource(idlePodLike(instance, "flock", "/pgdata/lock", "sleep", "600"))
            .create();
    return Eventually.there(
        "a running " + pod.getMetadata().getName(),
        () -> "Running".equals(now(pod).getStatus().getPhase()) ? now(pod) : null);
  }

  /** The last words of a pod that has failed. */
  public static String lastWords(Pod pod) {
    return Eventually.there(
        pod.getMetadata().getName() + " has failed",
        () -> {
          Pod now = now(pod);
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

  /** The names of all files on the volume, seen from a pod of ours: the server need not run. */
  public static List<String> filesOnVolume(Instance instance) {
    return look(instance, "find", "/pgdata", "-type", "f");
  }

  /**
   * The same with time of change and content, in the order of their names: whether anything was
   * written.
   */
  public static List<String> contentOfVolume(Instance instance) {
    return look(
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

  private static List<String> look(Instance instance, String... command) {
    KubernetesClient client = TestCluster.client();
    Pod pod = client.resource(idlePodLike(instance, command)).create();
    String files =
        Eventually.there(
            "a look at the volume of " + instance,
            () ->
                "Succeeded".equals(now(pod).getStatus().getPhase())
                    ? client.pods().resource(pod).getLog()
                    : null);
    delete(pod);
    return files.lines().toList();
  }

  /** One that runs that program instead of a server. */
  private static Pod idlePodLike(Instance instance, String... program) {
    return podLike(instance, "-look")
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
   * A node port that no Service has and nobody has got here before, of the part of the range that
   * the cluster rarely gives out.
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

  /** The name of an image of Kubernetes' own that is on the node, by a part of it. */
  public static String imageOnNode(String part) {
    return TestCluster.client().nodes().list().getItems().stream()
        .flatMap(node -> node.getStatus().getImages().stream())
        .flatMap(image -> image.getNames().stream())
        .filter(name -> name.contains(part) && !name.contains("@"))
        .findFirst()
        .orElseThrow();
  }

  /** What `kubectl` prints. */
  public static String kubectl(String... words) {
    String[] all = new String[words.length + 2];
    all[0] = Settings.kubectl();
    all[1] = "--context=" + Settings.context();
    System.arraycopy(words, 0, all, 2, words.length);
    return Command.run(all);
  }
}
