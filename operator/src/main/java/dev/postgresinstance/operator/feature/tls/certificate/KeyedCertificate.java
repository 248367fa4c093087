package dev.postgresinstance.operator.feature.tls.certificate;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.operator.common.Hashes;
import dev.postgresinstance.operator.instance.Annotations;
import dev.postgresinstance.operator.instance.SecretData;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A certificate with its key, as a Secret of type {@code kubernetes.io/tls} holds it.
 *
 * @param chain the certificate, then those of the authorities between it and the trusted one
 * @param key the private key
 */
public record KeyedCertificate(List<X509Certificate> chain, PrivateKey key) {

  /** The type of the Secret. */
  public static final String TYPE = "kubernetes.io/tls";

  /** On the Secret: hash of certificate and key. */
  private static final String CONTENT = PostgresInstance.GROUP + "/certificate-hash";

  /** Key of the certificate in the Secret. */
  public static final String CERTIFICATE = "tls.crt";

  /** Key of the private key in the Secret. */
  public static final String KEY = "tls.key";

  /**
   * What the operator has written to a Secret; empty if there is none, or somebody has changed it.
   */
  public static Optional<KeyedCertificate> in(Optional<Secret> secret) {
    if (!Annotations.get(secret, CONTENT).equals(secret.flatMap(KeyedCertificate::hash))) {
      return Optional.empty();
    }
    return in(secret, CERTIFICATE, KEY);
  }

  /** A certificate and a key under other names of a Secret; empty if one of them is missing. */
  public static Optional<KeyedCertificate> in(
      Optional<Secret> secret, String certificate, String key) {
    List<X509Certificate> chain =
        SecretData.text(secret, certificate).map(Pem::certificates).orElse(List.of());
    return chain.stream()
        .findFirst()
        .flatMap(
            first ->
                SecretData.text(secret, key).flatMap(text -> Pem.key(text, first.getPublicKey())))
        .map(found -> new KeyedCertificate(chain, found));
  }

  /** The certificate. */
  public X509Certificate certificate() {
    return chain.getFirst();
  }

  /** The Secret with the certificate, and a hash that shows whether somebody has changed it. */
  public Secret secret(ObjectMetaBuilder metadata, Map<String, String> others) {
    Map<String, String> data = new TreeMap<>(others);
    data.put(CERTIFICATE, Pem.of(chain));
    data.put(KEY, Pem.of(key));
    Secret secret =
        new SecretBuilder()
            .withMetadata(metadata.build())
            .withType(TYPE)
            .withData(SecretData.encode(data))
            .build();
    return new SecretBuilder(secret)
        .editMetadata()
        .addToAnnotations(CONTENT, hash(secret).orElseThrow())
        .endMetadata()
        .build();
  }

  private static Optional<String> hash(Secret secret) {
    return Optional.ofNullable(secret.getData())
        .map(data -> Hashes.brief(data.get(CERTIFICATE) + " " + data.get(KEY)));
  }

  /** SHA-256 fingerprint of the certificate, in hexadecimal digits. */
  public String fingerprint() {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(certificate().getEncoded());
      return HexFormat.of().formatHex(hash);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every JDK has SHA-256", e);
    }
  }

  /** Whether the key belongs to the certificate. */
  public boolean isPair() {
    PublicKey publicKey = certificate().getPublicKey();
    try {
      Signature signature =
          Signature.getInstance(
              publicKey.getAlgorithm().equals("RSA")
                  ? "SHA256withRSA"
                  : CertificateMaker.SIGNATURE);
      signature.initSign(key);
      signature.update(certificate().getSignature());
      byte[] signed = signature.sign();
      signature.initVerify(publicKey);
      signature.update(certificate().getSignature());
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      return false; // sizes or curves differ, too
    }
  }

  /** Whether this authority has signed the certificate. */
  public boolean isSignedBy(KeyedCertificate authority) {
    try {
      certificate().verify(authority.certificate().getPublicKey());
      return certificate()
          .getIssuerX500Principal()
          .equals(authority.certificate().getSubjectX500Principal());
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  /** Never the key: records end up in logs. */
  @Override
  public String toString() {
    return "KeyedCertificate[%s]".formatted(certificate().getSubjectX500Principal());
  }
}
