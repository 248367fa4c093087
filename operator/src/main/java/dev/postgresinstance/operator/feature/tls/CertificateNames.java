package dev.postgresinstance.operator.feature.tls;

import dev.postgresinstance.api.v1alpha1.EndpointsStatus;
import dev.postgresinstance.operator.feature.network.Endpoints;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Snapshot;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The host names and addresses of a certificate. */
final class CertificateNames {

  /** The types of alternative names, RFC 5280, 4.2.1.6. */
  private static final Set<Integer> TYPES = Set.of(2, 7);

  private static final String OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
  private static final Pattern IPV4 = Pattern.compile(OCTET + "([.]" + OCTET + "){3}");
  private static final Pattern DIGITS = Pattern.compile("[0-9.]+");

  private CertificateNames() {}

  /** Whether a host is an address, as opposed to a name. */
  static boolean isAddress(String host) {
    return host.contains(":") || IPV4.matcher(host).matches();
  }

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
            .filter(CertificateNames::isAddress); // not "None"
    Stream<String> published =
        Endpoints.of(snapshot).map(EndpointsStatus::external).stream()
            .flatMap(external -> external.hosts().stream());
    Stream<String> requested =
        Optional.ofNullable(snapshot.instance().getSpec().tls().dnsNames()).stream()
            .flatMap(Collection::stream);
    Stream<String> forwarded = Stream.of("localhost", "127.0.0.1", "::1");
    return Stream.of(ofService, addressesOfService, published, requested, forwarded)
        .flatMap(names -> names)
        .flatMap(name -> normalized(name).stream())
        .collect(TreeSet::new, Set::add, Set::addAll);
  }

  /** The names and addresses in a certificate. */
  static Set<String> in(X509Certificate certificate) {
    Set<String> names = new TreeSet<>();
    try {
      Collection<List<?>> alternatives =
          Optional.ofNullable(certificate.getSubjectAlternativeNames()).orElse(List.of());
      alternatives.stream()
          .filter(name -> TYPES.contains((Integer) name.get(0)))
          .flatMap(name -> normalized((String) name.get(1)).stream())
          .forEach(names::add);
    } catch (CertificateParsingException e) {
      return Set.of();
    }
    return names;
  }

  /**
   * The same text for all notations of a name, or of an address. Empty for what is neither, such as
   * an address with a port, which the spec may contain: no client could verify it.
   */
  private static Optional<String> normalized(String name) {
    if (!isAddress(name)) {
      return Optional.of(name.toLowerCase(Locale.ROOT))
          .filter(host -> !DIGITS.matcher(host).matches());
    }
    try {
      return Optional.of(InetAddress.getByName(name).getHostAddress());
    } catch (UnknownHostException e) {
      return Optional.empty();
    }
  }
}
