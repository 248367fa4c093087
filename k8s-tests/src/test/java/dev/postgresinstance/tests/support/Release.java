package dev.postgresinstance.tests.support;

import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A release of the chart with its rights in the cluster, exactly as Helm renders them; its operator
 * is a process on this machine, which has these rights and no more.
 */
public final class Release implements AutoCloseable {

  private static final KubernetesSerialization YAML = new KubernetesSerialization();

  private final String name;
  private final String namespace;
  private final List<HasMetadata> objects;
  private final List<OperatorProcess> processes = new ArrayList<>();

  private Release(String name, String namespace, List<HasMetadata> objects) {
    this.name = name;
    this.namespace = namespace;
    this.objects = objects;
  }

  /**
   * One in that namespace, of a name that no other has.
   *
   * @param values as {@code helm --set} takes them
   */
  public static Release in(String namespace, String... values) {
    String name = "in-" + namespace;
    Release release = new Release(name, namespace, render(name, namespace, values));
    release.rights().forEach(object -> TestCluster.client().resource(object).serverSideApply());
    return release;
  }

  /** All objects of the chart, as they are without a cluster. */
  static List<HasMetadata> render(String name, String namespace, String... values) {
    String chart =
        Command.run(
            Stream.concat(
                    Stream.of(
                        Settings.helm(),
                        "template",
                        name,
                        Settings.chart(),
                        "--namespace=" + namespace),
                    Stream.of(values).map(value -> "--set=" + value))
                .toArray(String[]::new));
    return Stream.of(chart.split("(?m)^---$"))
        .filter(document -> !document.isBlank())
        .map(document -> YAML.<HasMetadata>unmarshal(document))
        .toList();
  }

  /** Starts its operator, or one more, and does not wait. */
  public OperatorProcess start() {
    return start(TestCluster.config().getMasterUrl());
  }

  /** The same of one that reaches the API server by that way alone. */
  public OperatorProcess start(Toxiproxy way) {
    return start(way.url());
  }

  private OperatorProcess start(String server) {
    Map<String, String> environment = new HashMap<>();
    objects.stream()
        .filter(Deployment.class::isInstance)
        .map(Deployment.class::cast)
        .flatMap(
            deployment ->
                deployment
                    .getSpec()
                    .getTemplate()
                    .getSpec()
                    .getContainers()
                    .getFirst()
                    .getEnv()
                    .stream())
        .filter(variable -> List.of("WATCH_NAMESPACES", "LEASE").contains(variable.getName()))
        .forEach((EnvVar variable) -> environment.put(variable.getName(), variable.getValue()));
    environment.put("KUBERNETES_IMPERSONATE_USERNAME", user());
    OperatorProcess process =
        OperatorProcess.start(
            "%s-%d".formatted(name, processes.size()),
            "dev.postgresinstance.operator.Main",
            server,
            environment);
    processes.add(process);
    return process;
  }

  /** What it may do in a namespace that it serves. */
  public GrantedRights rightsIn(String served) {
    return of(name, served);
  }

  /** What it may do with its lease. */
  public GrantedRights rightsOnLease() {
    return of(name + "-lease", namespace);
  }

  private GrantedRights of(String role, String in) {
    return rights()
        .filter(Role.class::isInstance)
        .filter(object -> object.getMetadata().getName().equals(role))
        .filter(object -> object.getMetadata().getNamespace().equals(in))
        .findFirst()
        .map(object -> new GrantedRights(object, user()))
        .orElseThrow();
  }

  /** Whether it may do anything of that in a namespace. */
  public boolean mayAnyOf(List<Right> rights, String elsewhere) {
    return rights.stream().anyMatch(right -> GrantedRights.isAllowed(user(), right, elsewhere));
  }

  private Stream<HasMetadata> rights() {
    return objects.stream()
        .filter(object -> object.getApiVersion().startsWith("rbac.authorization.k8s.io/"));
  }

  private String user() {
    return "system:serviceaccount:%s:%s".formatted(namespace, name);
  }

  @Override
  public void close() {
    processes.forEach(OperatorProcess::close);
    rights().forEach(object -> TestCluster.client().resource(object).delete());
  }
}
