package dev.postgresinstance.operator.feature.tls;

import dev.postgresinstance.api.v1alpha1.EndpointsStatus;
import dev.postgresinstance.operator.feature.network.Endpoints;
import dev.postgresinstance.operator.feature.tls.certificate.HostNames;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Snapshot;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The host names and addresses under which clients connect. */
final class CertificateNames {

  private CertificateNames() {}

  /**
   * Every name and address under which clients can reach the server: those of the Service, those
   * that the status publishes, those of the spec, and those of a forwarded port.
   */
  static Set<String> wanted(Snapshot snapshot) {
    String service = Names.service(snapshot.instance());
    String namespace = snapshot.instance().getMetadata().getNamespace();
    Stream<String> ofService =
        Stream.of(
            service,
            service + "." + namespace,
            Names.serviceHost(snapshot.instance()),
            Names.serviceHost(snapshot.instance()) + ".cluster.local");
    Stream<String> addressesOfService =
        snapshot.get(ObjectKey.SERVICE).stream()
            .flatMap(s -> Optional.ofNullable(s.getSpec().getClusterIPs()).stream())
            .flatMap(Collection::stream)
            .filter(HostNames::isAddress); // not "None"
    Stream<String> published =
        Endpoints.of(snapshot).map(EndpointsStatus::external).stream()
            .flatMap(external -> external.hosts().stream());
    Stream<String> requested =
        Optional.ofNullable(snapshot.instance().getSpec().tls().dnsNames()).stream()
            .flatMap(Collection::stream);
    Stream<String> forwarded = Stream.of("localhost", "127.0.0.1", "::1");
    return Stream.of(ofService, addressesOfService, published, requested, forwarded)
        .flatMap(names -> names)
        .flatMap(name -> HostNames.normalized(name).stream())
        .collect(TreeSet::new, Set::add, Set::addAll);
  }
}
