package dev.postgresinstance.operator.feature.network;

import dev.postgresinstance.api.v1alpha1.EndpointsStatus;
import dev.postgresinstance.api.v1alpha1.ExternalEndpoint;
import dev.postgresinstance.api.v1alpha1.ExternalTrafficPolicy;
import dev.postgresinstance.api.v1alpha1.InternalEndpoint;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.api.v1alpha1.ServiceType;
import dev.postgresinstance.operator.instance.Identity;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Snapshot;
import io.fabric8.kubernetes.api.model.Service;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** Where clients reach the server, read from the Service and the nodes. */
public final class Endpoints {

  private Endpoints() {}

  /** The endpoints; empty while the instance has no Service. */
  public static Optional<EndpointsStatus> of(Snapshot snapshot) {
    InternalEndpoint internal =
        new InternalEndpoint(Names.serviceHost(snapshot.instance()), Names.PORT_NUMBER);
    return snapshot
        .get(ObjectKey.SERVICE)
        .filter(service -> Identity.of(service).equals(Optional.of(Identity.of(snapshot))))
        .map(
            service -> {
              ExternalEndpoint external = external(service, snapshot);
              return new EndpointsStatus(address(internal, external), internal, external);
            });
  }

  /** {@code host:port}, with an IPv6 address in brackets; {@code :port} where no host is known. */
  public static String address(String host, int port) {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }

  private static String address(InternalEndpoint internal, ExternalEndpoint external) {
    return external == null
        ? address(internal.host(), internal.port())
        : address(external.hosts().stream().findFirst().orElse(""), external.port());
  }

  private static ExternalEndpoint external(Service service, Snapshot snapshot) {
    String type = service.getSpec().getType();
    if (type.equals(ServiceType.LOAD_BALANCER.kubernetesName())) {
      List<String> hosts = loadBalancerHosts(service);
      return hosts.isEmpty()
          ? null
          : new ExternalEndpoint(advertised(snapshot).orElse(hosts), Names.PORT_NUMBER);
    }
    return type.equals(ServiceType.NODE_PORT.kubernetesName())
        ? snapshot
            .nodePort()
            .map(
                p ->
                    new ExternalEndpoint(
                        advertised(snapshot).orElseGet(() -> nodeHosts(service, snapshot)), p))
            .orElse(null)
        : null;
  }

  /** The name that the user gives to nodes or load balancer replaces what the cluster reports. */
  private static Optional<List<String>> advertised(Snapshot snapshot) {
    return Optional.ofNullable(snapshot.instance().getSpec().service().advertisedHost())
        .map(List::of);
  }

  private static List<String> nodeHosts(Service service, Snapshot snapshot) {
    String local = ExternalTrafficPolicy.LOCAL.kubernetesName();
    Collection<String> hosts =
        local.equals(service.getSpec().getExternalTrafficPolicy())
            ? hostOfPod(snapshot)
            : snapshot.cluster().nodeHosts().values();
    return hosts.stream().limit(ExternalEndpoint.MAX_HOSTS).toList();
  }

  /**
   * The address of the pod's node, the only one that answers. While the pod has no node, as in each
   * restart, the address published last: otherwise the Secret would lose its keys for a moment.
   */
  private static List<String> hostOfPod(Snapshot snapshot) {
    return snapshot
        .pod()
        .map(pod -> pod.getSpec().getNodeName())
        .map(node -> Stream.ofNullable(snapshot.cluster().nodeHosts().get(node)).toList())
        .orElseGet(
            () ->
                lastHosts(snapshot).stream()
                    .filter(snapshot.cluster().nodeHosts()::containsValue)
                    .toList());
  }

  private static List<String> lastHosts(Snapshot snapshot) {
    return snapshot
        .previousStatus()
        .get(PostgresInstanceStatus::endpoints)
        .map(EndpointsStatus::external)
        .map(ExternalEndpoint::hosts)
        .orElse(List.of());
  }

  private static List<String> loadBalancerHosts(Service service) {
    return Stream.ofNullable(service.getStatus())
        .flatMap(status -> Stream.ofNullable(status.getLoadBalancer()))
        .flatMap(balancer -> balancer.getIngress().stream())
        .map(ingress -> Optional.ofNullable(ingress.getHostname()).orElse(ingress.getIp()))
        .filter(Objects::nonNull)
        .limit(ExternalEndpoint.MAX_HOSTS)
        .toList();
  }
}
