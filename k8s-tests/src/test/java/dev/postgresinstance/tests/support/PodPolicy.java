package dev.postgresinstance.tests.support;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A MutatingAdmissionPolicy that changes the pod of one instance when it is created, as the
 * admission webhooks of service meshes and registry mirrors do.
 */
public final class PodPolicy {

  private static final String IMAGE = "registry.invalid/probe";

  private final String name;
  private final String manifest;
  private final Pod probe;

  private PodPolicy(String name, String manifest, Pod probe) {
    this.name = name;
    this.manifest = manifest;
    this.probe = probe;
  }

  /**
   * Adds a container before all others.
   *
   * @param command what the container runs
   */
  public static PodPolicy containerFirst(
      String namespace, String instance, Sidecar container, String... command) {
    return adding(
        namespace, instance, "/spec/containers/0", container.cel("containers", List.of(command)));
  }

  /** Adds a container after all others. */
  public static PodPolicy containerLast(
      String namespace, String instance, Sidecar container, String... command) {
    return adding(
        namespace, instance, "/spec/containers/-", container.cel("containers", List.of(command)));
  }

  /** Adds an init container. The API server cannot convert a list of objects in a patch. */
  public static PodPolicy initContainer(
      String namespace, String instance, Sidecar container, String... command) {
    return create(
        namespace,
        instance,
        "JSONPatch{op: \"add\", path: \"/spec/initContainers\", value: []}, "
            + add("/spec/initContainers/-", container.cel("initContainers", List.of(command))));
  }

  /** Replaces the image of the first container. */
  public static PodPolicy image(String namespace, String instance, String image) {
    return create(
        namespace,
        instance,
        "JSONPatch{op: \"replace\", path: \"/spec/containers/0/image\", value: \"%s\"}"
            .formatted(image));
  }

  /** Name and image of a container that the policy adds. */
  public record Sidecar(String name, String image) {

    /** The container in the Common Expression Language, under Pod Security `restricted`. */
    private String cel(String field, List<String> command) {
      String type = "Object.spec." + field;
      String words = String.join(", ", command.stream().map("\"%s\""::formatted).toList());
      return """
          %1$s{name: "%2$s", image: "%3$s", command: [%4$s], \
          terminationMessagePolicy: "FallbackToLogsOnError", \
          securityContext: %1$s.securityContext{allowPrivilegeEscalation: false, \
          capabilities: %1$s.securityContext.capabilities{drop: ["ALL"]}}}"""
          .formatted(type, name, image, words);
    }
  }

  private static PodPolicy adding(String namespace, String instance, String path, String value) {
    return create(namespace, instance, add(path, value));
  }

  private static String add(String path, String value) {
    return "JSONPatch{op: \"add\", path: \"%s\", value: %s}".formatted(path, value);
  }

  private static PodPolicy create(String namespace, String instance, String patch) {
    String name = namespace + "-" + instance;
    String manifest =
        """
        apiVersion: admissionregistration.k8s.io/v1beta1
        kind: MutatingAdmissionPolicy
        metadata: {name: %1$s}
        spec:
          failurePolicy: Fail
          reinvocationPolicy: Never
          matchConstraints:
            namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: %2$s}}
            objectSelector: {matchLabels: {postgresinstance.dev/instance: %3$s}}
            resourceRules:
            - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}
          mutations:
          - patchType: JSONPatch
            jsonPatch:
              expression: >-
                [%4$s]
        ---
        apiVersion: admissionregistration.k8s.io/v1beta1
        kind: MutatingAdmissionPolicyBinding
        metadata: {name: %1$s}
        spec: {policyName: %1$s}
        """
            .formatted(name, namespace, instance, patch);
    return new PodPolicy(name, manifest, probe(namespace, instance));
  }

  /** The API server learns of a policy with a delay. */
  private void assertChanges(boolean expected) {
    Pod created = TestCluster.client().resource(probe).dryRun(true).create();
    List<String> images =
        Stream.concat(
                created.getSpec().getInitContainers().stream(),
                created.getSpec().getContainers().stream())
            .map(Container::getImage)
            .toList();
    assertThat(!images.equals(List.of(IMAGE))).isEqualTo(expected);
  }

  /** A pod that the policy changes and that is never stored. */
  private static Pod probe(String namespace, String instance) {
    return new PodBuilder()
        .withNewMetadata()
        .withNamespace(namespace)
        .withName(instance + "-probe")
        .withLabels(Map.of("postgresinstance.dev/instance", instance))
        .endMetadata()
        .withNewSpec()
        .withNewSecurityContext()
        .withRunAsNonRoot(true)
        .withRunAsUser(999L)
        .withNewSeccompProfile()
        .withType("RuntimeDefault")
        .endSeccompProfile()
        .endSecurityContext()
        .addNewContainer()
        .withName("probe")
        .withImage(IMAGE)
        .withNewSecurityContext()
        .withAllowPrivilegeEscalation(false)
        .withNewCapabilities()
        .withDrop("ALL")
        .endCapabilities()
        .endSecurityContext()
        .endContainer()
        .endSpec()
        .build();
  }

  /** What a test does while the policy is in effect. */
  @FunctionalInterface
  public interface Body<E extends Exception> {
    void run() throws E;
  }

  /** Creates the policy, and removes it again after the body. */
  public <E extends Exception> void during(Body<E> body) throws E {
    Command.runWith(
        manifest, Settings.kubectl(), "--context=" + Settings.context(), "create", "--filename=-");
    try {
      Eventually.that("policy " + name + " changes pods", () -> assertChanges(true));
      body.run();
    } finally {
      Cluster.kubectl("delete", "mutatingadmissionpolicybinding", name);
      Cluster.kubectl("delete", "mutatingadmissionpolicy", name);
    }
    Eventually.that("policy " + name + " changes no pods", () -> assertChanges(false));
  }
}
