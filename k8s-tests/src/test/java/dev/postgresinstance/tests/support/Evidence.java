package dev.postgresinstance.tests.support;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Saves the objects, events and logs of a failed test before they are deleted. */
public final class Evidence {

  private final KubernetesClient client = TestCluster.client();
  private final Path folder;
  private final String namespace;

  private Evidence(Path folder, String namespace) {
    this.folder = folder;
    this.namespace = namespace;
  }

  static void save(
      ExtensionContext context,
      String namespace,
      List<Instance> instances,
      OperatorUnderTest operator) {
    save(name(context), namespace, instances, operator::logs);
  }

  /** Saves the evidence of one part of a test that uses its own operator. */
  public static void save(String part, Instance instance, Supplier<String> operatorLog) {
    save(part, instance.namespace(), List.of(instance), operatorLog);
  }

  private static void save(
      String test, String namespace, List<Instance> instances, Supplier<String> operatorLog) {
    Path folder = Path.of("target", "failures", test.replaceAll("[^A-Za-z0-9._-]+", "-"));
    try {
      Files.createDirectories(folder);
      new Evidence(folder, namespace).collect(instances, operatorLog);
    } catch (IOException | RuntimeException e) {
      // A failure to save the evidence must not hide the failure of the test.
      System.err.println("Could not save all evidence: " + e);
    }
    System.err.println("FAILED " + test + ": see " + folder.toAbsolutePath());
  }

  /** Class, method and, for a parameterized method, its arguments. */
  private static String name(ExtensionContext context) {
    String test = context.getRequiredTestClass().getSimpleName();
    if (context.getTestMethod().isEmpty()) {
      return test;
    }
    String method = context.getRequiredTestMethod().getName();
    String shown = context.getDisplayName();
    return test + "." + method + (shown.startsWith(method) ? "" : "-" + shown);
  }

  private void collect(List<Instance> instances, Supplier<String> operatorLog) throws IOException {
    for (Instance instance : instances) {
      if (instance.find().isPresent()) {
        yaml("instance-" + instance.name(), instance.resource());
      }
    }
    for (Pod pod : client.pods().inNamespace(namespace).list().getItems()) {
      String name = pod.getMetadata().getName();
      yaml("pod-" + name, pod);
      logs(name);
    }
    client.services().inNamespace(namespace).list().getItems().forEach(o -> yamlOf("service", o));
    client
        .persistentVolumeClaims()
        .inNamespace(namespace)
        .list()
        .getItems()
        .forEach(o -> yamlOf("claim", o));
    client
        .apps()
        .statefulSets()
        .inNamespace(namespace)
        .list()
        .getItems()
        .forEach(o -> yamlOf("statefulset", o));
    write("events.txt", events());
    write("operator.log", operatorLog.get());
  }

  private void yamlOf(String kind, HasMetadata object) {
    try {
      yaml(kind + "-" + object.getMetadata().getName(), object);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private void yaml(String name, HasMetadata object) throws IOException {
    write(name + ".yaml", client.getKubernetesSerialization().asYaml(object));
  }

  private void logs(String pod) throws IOException {
    for (boolean previous : new boolean[] {false, true}) {
      try {
        var logs = client.pods().inNamespace(namespace).withName(pod);
        write(
            "pod-" + pod + (previous ? "-previous" : "") + ".log",
            previous ? logs.terminated().getLog() : logs.getLog());
      } catch (RuntimeException e) {
        // A container that has not started has no log, and most have no previous one.
      }
    }
  }

  private String events() {
    return client.v1().events().inNamespace(namespace).list().getItems().stream()
        .map(Evidence::line)
        .sorted()
        .collect(Collectors.joining("\n"));
  }

  private static String line(Event event) {
    String time =
        event.getLastTimestamp() != null
            ? event.getLastTimestamp()
            : event.getMetadata().getCreationTimestamp();
    return "%s %s %s/%s %s: %s"
        .formatted(
            time,
            event.getType(),
            event.getInvolvedObject().getKind(),
            event.getInvolvedObject().getName(),
            event.getReason(),
            event.getMessage());
  }

  private void write(String file, String text) throws IOException {
    Files.writeString(folder.resolve(file), text);
  }
}
