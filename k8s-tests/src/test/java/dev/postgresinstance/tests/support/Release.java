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
 * A release of the chart: its RBAC objects are in the cluster, exactly as Helm renders them; its
 * operator is a process on this machine with exactly these permissions.
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
   * Creates a release in the given namespace, with a unique name.
   *
   * @param values arguments for {@code helm --set}
   */
  public static Release in(String namespace, String... values) {
    String name = "in-" + namespace;
    Release release = new Release(name, namespace, render(name, namespace, values));
    release
        .permissions()
        .forEach(object -> TestCluster.client().resource(object).serverSideApply());
    return release;
  }

  /** Renders all objects of the chart by `helm template`, without a cluster. */
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

  /** Starts an operator of this release without waiting for it. */
  public OperatorProcess start() {
    return start(TestCluster.config().getMasterUrl());
  }

  /** Starts an operator that reaches the API server only through the given proxy. */
  public OperatorProcess start(Toxiproxy proxy) {
    return start(proxy.url());
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

  /** The permissions of the operator in a namespace that it serves. */
  public GrantedPermissions permissionsIn(String served) {
    return of(name, served);
  }

  /** The permissions of the operator on its lease. */
  public GrantedPermissions leasePermissions() {
    return of(name + "-lease", namespace);
  }

  private GrantedPermissions of(String role, String roleNamespace) {
    return permissions()
        .filter(Role.class::isInstance)
        .filter(object -> object.getMetadata().getName().equals(role))
        .filter(object -> object.getMetadata().getNamespace().equals(roleNamespace))
        .findFirst()
        .map(object -> new GrantedPermissions(object, user()))
        .orElseThrow();
  }

  /** Whether the operator has any of the given permissions in another namespace. */
  public boolean isAllowedAny(List<Permission> permissions, String otherNamespace) {
    return permissions.stream()
        .anyMatch(permission -> GrantedPermissions.isAllowed(user(), permission, otherNamespace));
  }

  private Stream<HasMetadata> permissions() {
    return objects.stream()
        .filter(object -> object.getApiVersion().startsWith("rbac.authorization.k8s.io/"));
  }

  private String user() {
    return "system:serviceaccount:%s:%s".formatted(namespace, name);
  }

  @Override
  public void close() {
    processes.forEach(OperatorProcess::close);
    permissions().forEach(object -> TestCluster.client().resource(object).delete());
  }
}
