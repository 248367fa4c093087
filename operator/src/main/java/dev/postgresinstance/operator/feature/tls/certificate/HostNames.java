package dev.postgresinstance.operator.feature.tls.certificate;

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
import org.postgresql.ssl.PGjdbcHostnameVerifier;

/** The host names and addresses that certificates are for. */
public final class HostNames {

  /** The types of alternative names, RFC 5280, 4.2.1.6. */
  private static final Set<Integer> TYPES = Set.of(2, 7);

  private static final String OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
  private static final Pattern IPV4 = Pattern.compile(OCTET + "([.]" + OCTET + "){3}");

  /** For a text that begins with anything else, the JDK asks a name server. */
  private static final Pattern IPV6 = Pattern.compile("(?=.*:)[0-9a-fA-F:][0-9a-fA-F:.]*");

  private static final Pattern DIGITS = Pattern.compile("[0-9.]+");

  private HostNames() {}

  /** Whether a host looks like an address, as opposed to a name. */
  public static boolean isAddress(String host) {
    return IPV6.matcher(host).matches() || IPV4.matcher(host).matches();
  }

  /** The alternative names of a certificate, normalized. */
  public static Set<String> in(X509Certificate certificate) {
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
   * Whether clients accept a certificate for a host.
   *
   * @param names those of the certificate, normalized
   * @param host normalized
   */
  public static boolean cover(Set<String> names, String host) {
    boolean fitsPattern =
        names.stream().anyMatch(name -> PGjdbcHostnameVerifier.INSTANCE.verifyHostName(host, name));
    return names.contains(host) || (fitsPattern && !isAddress(host));
  }

  /**
   * The same text for all notations of a name, or of an address. Empty for what is neither, such as
   * an address with a port, which the spec may contain: no client could verify it.
   */
  public static Optional<String> normalized(String name) {
    if (!isAddress(name)) {
      return Optional.of(name.toLowerCase(Locale.ROOT))
          .filter(host -> !host.contains(":") && !DIGITS.matcher(host).matches());
    }
    try {
      return Optional.of(InetAddress.getByName(name).getHostAddress());
    } catch (UnknownHostException e) {
      return Optional.empty();
    }
  }
}
