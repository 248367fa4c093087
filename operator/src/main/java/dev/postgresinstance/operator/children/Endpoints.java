package dev.postgresinstance.operator.children;

import dev.postgresinstance.api.v1alpha1.EndpointsStatus;
import dev.postgresinstance.api.v1alpha1.ExternalEndpoint;
import dev.postgresinstance.api.v1alpha1.InternalEndpoint;
import dev.postgresinstance.api.v1alpha1.ServiceType;
import io.fabric8.kubernetes.api.model.Service;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Where clients reach the server, read from the Service and the nodes. */
public final class Endpoints {

  private Endpoints() {}

  /** All endpoints; none while there is no Service. */
  public static Optional<EndpointsStatus> of(World world) {
    InternalEndpoint internal =
        new InternalEndpoint(Names.serviceHost(world.instance()), Names.PORT_NUMBER);
    return world
        .service()
        .map(
            service -> {
              ExternalEndpoint external = external(service, world);
              return new EndpointsStatus(address(internal, external), internal, external);
            });
  }

  /** {@code host:port}, an IPv6 address in brackets; just the port where no host is known. */
  public static String address(String host, int port) {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }

  private static String address(InternalEndpoint internal, ExternalEndpoint external) {
    return external == null
        ? address(internal.host(), internal.port())
        : address(external.hosts().stream().findFirst().orElse(""), external.port());
  }

  private static ExternalEndpoint external(Service service, World world) {
    String type = service.getSpec().getType();
    if (type.equals(ServiceType.LOAD_BALANCER.kubernetesName())) {
      List<String> hosts = loadBalancerHosts(service);
      return hosts.isEmpty() ? null : new ExternalEndpoint(hosts, Names.PORT_NUMBER);
    }
    return type.equals(ServiceType.NODE_PORT.kubernetesName())
        ? world.nodePort().map(p -> new ExternalEndpoint(world.nodeHosts(), p)).orElse(null)
        : null;
  }

  private static List<String> loadBalancerHosts(Service service) {
    return service.getStatus().getLoadBalancer().getIngress().stream()
        .map(ingress -> Optional.ofNullable(ingress.getHostname()).orElse(ingress.getIp()))
        .filter(Objects::nonNull)
        .limit(ExternalEndpoint.MAX_HOSTS)
        .toList();
  }
}
