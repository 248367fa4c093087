package dev.postgresinstance.tests.support;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A folder of manifests that a pipeline applies to the cluster.
 *
 * @param instances the instances defined in the folder
 */
public record Manifests(Path folder, List<Instance> instances) {

  /** Copies the instances of an example, with the given namespace and free node ports. */
  static Manifests copyOf(Path example, String namespace) {
    Path copy = Example.copyInstances(example, Path.of("target", "examples", namespace), namespace);
    return new Manifests(
        copy,
        Example.read(copy).stream().map(object -> new Instance(object.getMetadata())).toList());
  }

  /** Applies the manifests with the given options of `kubectl apply`. */
  public void apply(String... options) {
    kubectl("apply", options);
  }

  /** The output of `kubectl diff`: what another `kubectl apply` would change. */
  public String diff(String... options) {
    return kubectl("diff", options);
  }

  private String kubectl(String verb, String... options) {
    List<String> command = new ArrayList<>(List.of(verb, "--filename=" + folder));
    command.addAll(Arrays.asList(options));
    return Cluster.kubectl(command.toArray(String[]::new));
  }
}
