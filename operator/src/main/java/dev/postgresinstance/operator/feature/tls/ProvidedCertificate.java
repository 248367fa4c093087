package dev.postgresinstance.operator.feature.tls;

import dev.postgresinstance.api.v1alpha1.EndpointsStatus;
import dev.postgresinstance.operator.feature.network.Endpoints;
import dev.postgresinstance.operator.feature.tls.certificate.CertificateCheck;
import dev.postgresinstance.operator.feature.tls.certificate.HostNames;
import dev.postgresinstance.operator.feature.tls.certificate.KeyedCertificate;
import dev.postgresinstance.operator.feature.tls.certificate.Pem;
import dev.postgresinstance.operator.instance.Identity;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.SecretData;
import dev.postgresinstance.operator.instance.Snapshot;
import io.fabric8.kubernetes.api.model.Secret;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The certificate in the Secret that spec.tls.secretName names, as cert-manager writes it.
 *
 * @param certificate the certificate with its key; empty where it cannot be used
 * @param trusted the authorities in ca.crt, as PEM; empty where the Secret has none
 * @param fault why it cannot be used, in a sentence; empty where it can
 */
record ProvidedCertificate(
    Optional<KeyedCertificate> certificate, Optional<String> trusted, Optional<String> fault) {

  /** The Secret of the application repeats the authorities, and a Secret can have 1 MiB. */
  private static final int MAX_CHARACTERS = 64 * 1024;

  /** What the Secret holds; empty where the spec names none. */
  static Optional<ProvidedCertificate> of(Snapshot snapshot, Instant now) {
    return ObjectKey.USER_CERTIFICATE_SECRET
        .name(snapshot.instance())
        .map(
            name -> {
              Optional<Secret> secret = snapshot.get(ObjectKey.USER_CERTIFICATE_SECRET);
              ProvidedCertificate provided =
                  secret
                      .map(present -> read(snapshot, present, now))
                      .orElseGet(() -> faulty("does not exist"));
              return new ProvidedCertificate(
                  provided.certificate,
                  provided.trusted,
                  provided.fault.map(
                      why ->
                          "Secret %s, which spec.tls.secretName names, %s.".formatted(name, why)));
            });
  }

  private static ProvidedCertificate faulty(String why) {
    return new ProvidedCertificate(Optional.empty(), Optional.empty(), Optional.of(why));
  }

  private static ProvidedCertificate read(Snapshot snapshot, Secret secret, Instant now) {
    if (Identity.of(secret).isPresent()) {
      return faulty("was created by the operator for an instance and cannot be used here");
    }
    Optional<String> text = text(secret, KeyedCertificate.CERTIFICATE);
    List<X509Certificate> chain = text.map(Pem::certificates).orElse(List.of());
    if (chain.isEmpty()) {
      return faulty("contains no certificate in tls.crt that can be read");
    }
    Optional<String> trusted = text(secret, CertificateAuthority.TRUSTED);
    List<X509Certificate> authorities = trusted.map(Pem::certificates).orElse(List.of());
    if (trusted.isPresent() && authorities.isEmpty()) {
      return faulty("contains no certificate in ca.crt that can be read");
    }
    if (text.get().length() + trusted.orElse("").length() > MAX_CHARACTERS) {
      return faulty("contains more than 64 KiB in tls.crt and ca.crt");
    }
    Optional<PrivateKey> key =
        text(secret, KeyedCertificate.KEY)
            .flatMap(pem -> Pem.key(pem, chain.getFirst().getPublicKey()));
    return new CertificateCheck(chain, now)
        .fault(key, authorities)
        .or(() -> uncovered(snapshot, chain.getFirst()))
        .map(ProvidedCertificate::faulty)
        .orElseGet(
            () ->
                new ProvidedCertificate(
                    key.map(present -> new KeyedCertificate(chain, present)),
                    authorities.isEmpty() ? Optional.empty() : Optional.of(Pem.of(authorities)),
                    Optional.empty()));
  }

  private static Optional<String> text(Secret secret, String key) {
    return SecretData.text(Optional.of(secret), key).filter(text -> !text.isBlank());
  }

  private static Optional<String> uncovered(Snapshot snapshot, X509Certificate certificate) {
    Set<String> names = HostNames.in(certificate);
    String missing =
        published(snapshot)
            .filter(host -> !HostNames.cover(names, host))
            .sorted()
            .collect(Collectors.joining(", "));
    return missing.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "has a certificate that does not contain %s; clients are told to connect there"
                .formatted(missing));
  }

  /** The addresses in the published Secret, and the names that the spec asks for. */
  private static Stream<String> published(Snapshot snapshot) {
    return Stream.of(
            Endpoints.of(snapshot).stream().map(endpoints -> endpoints.internal().host()),
            Endpoints.of(snapshot).stream()
                .map(EndpointsStatus::external)
                .flatMap(Stream::ofNullable)
                .flatMap(external -> external.hosts().stream()),
            Stream.ofNullable(snapshot.instance().getSpec().tls().dnsNames()).flatMap(List::stream))
        .flatMap(hosts -> hosts)
        .flatMap(host -> HostNames.normalized(host).stream())
        .distinct();
  }
}
