package dev.postgresinstance.tests.support;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A folder of manifests, as a pipeline brings them into the cluster.
 *
 * @param instances those that are in the folder
 */
public record Manifests(Path folder, List<Instance> instances) {

  /** The instances of an example, in that namespace and at free node ports. */
  static Manifests copyOf(Path example, String namespace) {
    Path copy = Example.copyInstances(example, Path.of("target", "examples", namespace), namespace);
    return new Manifests(
        copy,
        Example.read(copy).stream().map(object -> new Instance(object.getMetadata())).toList());
  }

  /** Applies them, again if they are there; options are those of `kubectl apply`. */
  public void apply(String... options) {
    kubectl("apply", options);
  }

  /** What another `kubectl apply` would change. */
  public String diff(String... options) {
    return kubectl("diff", options);
  }

  private String kubectl(String verb, String... options) {
    List<String> words = new ArrayList<>(List.of(verb, "--filename=" + folder));
    words.addAll(Arrays.asList(options));
    return Cluster.kubectl(words.toArray(String[]::new));
  }
}
