package dev.postgresinstance.operator.feature.tls.certificate;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.wildfly.security.asn1.DERDecoder;
import org.wildfly.security.asn1.DEREncoder;

/** Certificates and keys as text (RFC 7468), in which Secrets and PostgreSQL hold them. */
public final class Pem {

  private static final int LINE = 64;
  private static final String PKCS8 = "PRIVATE KEY";
  private static final Pattern KEY =
      Pattern.compile(
          "-----BEGIN ((RSA |EC )?PRIVATE KEY)-----\\s([A-Za-z0-9+/=\\s]*)-----END \\1-----");

  private Pem() {}

  /** The certificates in that order. */
  public static String of(List<X509Certificate> certificates) {
    return certificates.stream().map(Pem::of).collect(Collectors.joining());
  }

  private static String of(X509Certificate certificate) {
    try {
      return block("CERTIFICATE", certificate.getEncoded());
    } catch (CertificateException e) {
      throw new IllegalStateException("A certificate that was decoded can be encoded", e);
    }
  }

  /** The key in PKCS #8. */
  public static String of(PrivateKey key) {
    return block(PKCS8, key.getEncoded());
  }

  private static String block(String label, byte[] content) {
    byte[] lineFeed = "\n".getBytes(StandardCharsets.US_ASCII);
    return "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n"
        .formatted(label, Base64.getMimeEncoder(LINE, lineFeed).encodeToString(content));
  }

  /** The certificates in a text; none if it contains none, or one that cannot be decoded. */
  public static List<X509Certificate> certificates(String text) {
    try {
      return CertificateFactory.getInstance("X.509")
          .generateCertificates(
              new ByteArrayInputStream(text.getBytes(StandardCharsets.ISO_8859_1)))
          .stream()
          .map(X509Certificate.class::cast)
          .toList();
    } catch (CertificateException e) {
      return List.of();
    }
  }

  /**
   * The private key in a text: in PKCS #8, or in the older forms for RSA (RFC 8017, appendix A.1.2)
   * and for elliptic curves (RFC 5915). Empty if there is none that can be read without a
   * passphrase, or none of this kind.
   *
   * @param publicKey a key of the same kind
   */
  public static Optional<PrivateKey> key(String text, PublicKey publicKey) {
    Matcher block = KEY.matcher(text);
    if (!block.find()) {
      return Optional.empty();
    }
    try {
      byte[] content = Base64.getMimeDecoder().decode(block.group(3));
      byte[] encoded = block.group(1).equals(PKCS8) ? content : pkcs8(content, publicKey);
      return Optional.of(
          KeyFactory.getInstance(publicKey.getAlgorithm())
              .generatePrivate(new PKCS8EncodedKeySpec(encoded)));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** The JDK reads no other form: PKCS #8 adds the algorithm, which the public key has, too. */
  private static byte[] pkcs8(byte[] content, PublicKey publicKey) {
    DERDecoder encodedKey = new DERDecoder(publicKey.getEncoded());
    encodedKey.startSequence();
    DEREncoder encoder = new DEREncoder();
    encoder.startSequence();
    encoder.encodeInteger(BigInteger.ZERO);
    encoder.writeEncoded(encodedKey.drainElement());
    encoder.encodeOctetString(content);
    encoder.endSequence();
    return encoder.getEncoded();
  }
}
