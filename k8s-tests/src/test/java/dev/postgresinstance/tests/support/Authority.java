package dev.postgresinstance.tests.support;

import io.fabric8.kubernetes.api.model.Secret;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import javax.security.auth.x500.X500Principal;
import org.wildfly.security.x500.GeneralName;
import org.wildfly.security.x500.cert.BasicConstraintsExtension;
import org.wildfly.security.x500.cert.SubjectAlternativeNamesExtension;
import org.wildfly.security.x500.cert.X509CertificateBuilder;

/** An authority of a user, which issues certificates as cert-manager does. */
public final class Authority {

  private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|.*:.*");
  private static final int SERIAL_NUMBER_BITS = 64;

  private final KeyPair keys;
  private final String name;
  private final String certificate;

  /** An authority with a new key. */
  public Authority(String name) {
    this.keys = keys("EC");
    this.name = name;
    this.certificate =
        encoded(
            build(keys, Instant.now().minus(Duration.ofDays(1)), Duration.ofDays(30), List.of()));
  }

  /**
   * The authority in a Secret of an instance.
   *
   * @param name its common name
   */
  public Authority(String name, Secret secret) {
    Map<String, String> data = Instance.decoded(secret);
    this.keys = new KeyPair(null, key(data.get("tls.key")));
    this.name = name;
    this.certificate = data.get("tls.crt");
  }

  private static PrivateKey key(String pem) {
    try {
      String content = pem.replaceAll("-----[^-]+-----", "");
      return KeyFactory.getInstance("EC")
          .generatePrivate(new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(content)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The content of a Secret with a certificate that is valid for those hosts now. */
  public Map<String, String> issue(List<String> hosts) {
    return issue("EC", Instant.now().minus(Duration.ofHours(1)), hosts);
  }

  /**
   * The content of a Secret with a certificate that is valid for ten days.
   *
   * @param algorithm of the key, such as EC
   * @param start when its time begins
   * @param hosts names and addresses
   */
  public Map<String, String> issue(String algorithm, Instant start, List<String> hosts) {
    KeyPair serverKeys = keys(algorithm);
    X509Certificate issued = build(serverKeys, start, Duration.ofDays(10), hosts);
    return Map.of(
        "tls.crt", encoded(issued),
        "tls.key", pem("PRIVATE KEY", serverKeys.getPrivate().getEncoded()),
        "ca.crt", certificate);
  }

  private X509Certificate build(
      KeyPair subjectKeys, Instant start, Duration lifetime, List<String> hosts) {
    X509CertificateBuilder builder =
        new X509CertificateBuilder()
            .setIssuerDn(new X500Principal("CN=" + name))
            .setSubjectDn(new X500Principal("CN=" + (hosts.isEmpty() ? name : "server")))
            .setPublicKey(subjectKeys.getPublic())
            .setSigningKey(keys.getPrivate())
            .setSignatureAlgorithmName("SHA256withECDSA")
            .setSerialNumber(
                new BigInteger(SERIAL_NUMBER_BITS, new SecureRandom()).add(BigInteger.ONE))
            .setNotValidBefore(start.atZone(ZoneOffset.UTC))
            .setNotValidAfter(start.plus(lifetime).atZone(ZoneOffset.UTC))
            .addExtension(new BasicConstraintsExtension(true, hosts.isEmpty(), -1));
    if (!hosts.isEmpty()) {
      builder.addExtension(
          new SubjectAlternativeNamesExtension(
              false, hosts.stream().map(Authority::generalName).toList()));
    }
    try {
      return builder.build();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static GeneralName generalName(String host) {
    try {
      return ADDRESS.matcher(host).matches()
          ? new GeneralName.IPAddress(InetAddress.getByName(host).getAddress())
          : new GeneralName.DNSName(host);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(host, e);
    }
  }

  private static KeyPair keys(String algorithm) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
      if (algorithm.equals("EC")) {
        generator.initialize(256);
      }
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String encoded(X509Certificate certificate) {
    try {
      return pem("CERTIFICATE", certificate.getEncoded());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String pem(String label, byte[] content) {
    byte[] lineFeed = "\n".getBytes(StandardCharsets.US_ASCII);
    return "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n"
        .formatted(label, Base64.getMimeEncoder(64, lineFeed).encodeToString(content));
  }
}
