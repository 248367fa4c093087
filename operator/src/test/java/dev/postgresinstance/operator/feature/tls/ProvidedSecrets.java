package dev.postgresinstance.operator.feature.tls;

import dev.postgresinstance.operator.feature.tls.certificate.KeyedCertificate;
import dev.postgresinstance.operator.feature.tls.certificate.Pem;
import dev.postgresinstance.operator.instance.SecretData;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.spec.RSAKeyGenParameterSpec;
import java.security.spec.RSAPrivateKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import javax.security.auth.x500.X500Principal;
import org.wildfly.security.asn1.DERDecoder;
import org.wildfly.security.x500.GeneralName;
import org.wildfly.security.x500.cert.BasicConstraintsExtension;
import org.wildfly.security.x500.cert.SubjectAlternativeNamesExtension;
import org.wildfly.security.x500.cert.X509CertificateBuilder;

/** Certificates as users provide them, good and bad, in Secrets as cert-manager writes them. */
final class ProvidedSecrets {

  static final String NAME = "orders-from-cert-manager";

  private ProvidedSecrets() {}

  /** RSA keys of a size that takes long to generate; they are no pair. */
  static KeyPair hugeKeys(int bits) {
    BigInteger modulus = BigInteger.ONE.shiftLeft(bits).subtract(BigInteger.ONE);
    try {
      KeyFactory factory = KeyFactory.getInstance("RSA");
      return new KeyPair(
          factory.generatePublic(new RSAPublicKeySpec(modulus, RSAKeyGenParameterSpec.F4)),
          factory.generatePrivate(new RSAPrivateKeySpec(modulus, modulus.shiftRight(1))));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Keys of an algorithm, such as RSA, and a size or curve. */
  static KeyPair keys(String algorithm, int size) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
      if (size > 0) {
        generator.initialize(size);
      }
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** An authority signed by another one, or by itself. */
  static KeyedCertificate authority(String name, KeyPair keys, List<KeyedCertificate> issuer) {
    return certificate(name, keys, issuer, List.of(), Instant.EPOCH, Duration.ofDays(36500), true);
  }

  /** The certificate of a server with its chain, without the root. */
  static KeyedCertificate server(
      KeyPair keys, KeyedCertificate issuer, List<String> hosts, Instant start, Duration lifetime) {
    return certificate("server", keys, List.of(issuer), hosts, start, lifetime, false);
  }

  private static KeyedCertificate certificate(
      String name,
      KeyPair keys,
      List<KeyedCertificate> issuer,
      List<String> hosts,
      Instant start,
      Duration lifetime,
      boolean isAuthority) {
    X500Principal subject = new X500Principal("CN=" + name);
    PrivateKey signing = issuer.isEmpty() ? keys.getPrivate() : issuer.getFirst().key();
    X509CertificateBuilder builder =
        new X509CertificateBuilder()
            .setSubjectDn(subject)
            .setIssuerDn(
                issuer.isEmpty()
                    ? subject
                    : issuer.getFirst().certificate().getSubjectX500Principal())
            .setPublicKey(keys.getPublic())
            .setSigningKey(signing)
            .setSignatureAlgorithmName(
                signing.getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA")
            .setSerialNumber(BigInteger.TEN)
            .setNotValidBefore(start.atZone(ZoneOffset.UTC))
            .setNotValidAfter(start.plus(lifetime).atZone(ZoneOffset.UTC))
            .addExtension(new BasicConstraintsExtension(true, isAuthority, -1));
    if (!hosts.isEmpty()) {
      builder.addExtension(
          new SubjectAlternativeNamesExtension(
              false,
              hosts.stream()
                  .<GeneralName>map(GeneralName.DNSName::new)
                  .collect(Collectors.toList())));
    }
    try {
      List<X509Certificate> chain = new ArrayList<>(List.of(builder.build()));
      issuer.stream()
          .map(KeyedCertificate::certificate)
          .filter(
              parent -> !parent.getIssuerX500Principal().equals(parent.getSubjectX500Principal()))
          .forEach(chain::add);
      return new KeyedCertificate(chain, keys.getPrivate());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The Secret with a certificate; without authorities, it has no ca.crt. */
  static Secret secret(KeyedCertificate certificate, List<KeyedCertificate> authorities) {
    Map<String, String> data = new HashMap<>();
    data.put("tls.crt", Pem.of(certificate.chain()));
    data.put("tls.key", Pem.of(certificate.key()));
    if (!authorities.isEmpty()) {
      data.put("ca.crt", Pem.of(authorities.stream().map(KeyedCertificate::certificate).toList()));
    }
    return secret(data);
  }

  /** The Secret with these texts. */
  static Secret secret(Map<String, String> data) {
    return new SecretBuilder()
        .withNewMetadata()
        .withName(NAME)
        .withNamespace("shop")
        .endMetadata()
        .withType(KeyedCertificate.TYPE)
        .withData(SecretData.encode(data))
        .build();
  }

  /** The key in the form before PKCS #8, as cert-manager and OpenSSL write it by default. */
  static String traditional(PrivateKey key) {
    DERDecoder decoder = new DERDecoder(key.getEncoded());
    decoder.startSequence();
    decoder.decodeInteger();
    decoder.skipElement();
    return "-----BEGIN %1$s PRIVATE KEY-----\n%2$s\n-----END %1$s PRIVATE KEY-----\n"
        .formatted(
            key.getAlgorithm(),
            Base64.getMimeEncoder().encodeToString(decoder.decodeOctetString()));
  }
}
