package dev.postgresinstance.operator.archive.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.postgresinstance.operator.archive.store.StoreException.Problem;
import dev.postgresinstance.operator.feature.tls.certificate.Pem;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.security.auth.x500.X500Principal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wildfly.security.x500.GeneralName;
import org.wildfly.security.x500.cert.SubjectAlternativeNamesExtension;
import org.wildfly.security.x500.cert.X509CertificateBuilder;

/** A store with TLS. Its certificate, which signs itself, is for the name localhost only. */
class MountedAuthorityTest {

  private static final char[] PASSWORD = "password".toCharArray();

  @TempDir private Path folder;
  private X509Certificate certificate;
  private ScriptedS3 s3;
  private Path authority;

  @BeforeEach
  void start() throws Exception {
    KeyPair keys = KeyPairGenerator.getInstance("EC").generateKeyPair();
    certificate = certificate(keys);
    HttpsServer server =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(context(keys, certificate)));
    s3 = new ScriptedS3(server);
    authority = folder.resolve("ca.crt");
    Files.writeString(folder.resolve("accessKeyId"), "id");
    Files.writeString(folder.resolve("secretAccessKey"), "secret");
  }

  @AfterEach
  void stop() {
    s3.close();
  }

  @Test
  void authorityInTheFileIsTrusted() throws Exception {
    // Given
    trust(certificate);

    // When
    put("localhost", Optional.of(authority));

    // Then
    assertThat(s3.requests()).hasSize(1);
  }

  @Test
  void authorityIsUnknownWithoutTheFile() {
    assertUntrusted("localhost", Optional.empty());
  }

  @Test
  void certificateForAnotherNameIsNotTrusted() throws Exception {
    // Given
    trust(certificate);

    // Then
    assertUntrusted("127.0.0.1", Optional.of(authority));
  }

  @Test
  void newAuthorityIsInForceAtOnce() throws Exception {
    // Given
    trust(certificate(KeyPairGenerator.getInstance("EC").generateKeyPair()));
    try (S3Store store = store("localhost", Optional.of(authority))) {
      assertThatThrownBy(() -> store.put("a", "content".getBytes(UTF_8)))
          .isInstanceOf(StoreException.class);

      // When
      trust(certificate);
      store.put("a", "content".getBytes(UTF_8));
    }

    // Then
    assertThat(s3.requests()).hasSize(1);
  }

  @Test
  void fileWithoutCertificateIsReported() throws IOException {
    // Given
    Files.writeString(authority, "");

    // Then
    assertUntrusted("localhost", Optional.of(authority));
  }

  private void trust(X509Certificate trusted) throws IOException {
    Files.writeString(authority, Pem.of(List.of(trusted)));
  }

  private void assertUntrusted(String host, Optional<Path> file) {
    assertThatThrownBy(() -> put(host, file))
        .isInstanceOfSatisfying(
            StoreException.class,
            e -> assertThat(e.problem()).isEqualTo(Problem.CERTIFICATE_INVALID));
    assertThat(s3.requests()).isEmpty();
  }

  private void put(String host, Optional<Path> file) throws StoreException {
    try (S3Store store = store(host, file)) {
      store.put("a", "content".getBytes(UTF_8));
    }
  }

  private S3Store store(String host, Optional<Path> file) {
    String endpoint = "https://%s:%d".formatted(host, s3.port());
    return new S3Store(ScriptedS3.config(endpoint), folder, file);
  }

  private static X509Certificate certificate(KeyPair keys) throws GeneralSecurityException {
    ZonedDateTime now = ZonedDateTime.now(ZoneOffset.UTC);
    return new X509CertificateBuilder()
        .setSubjectDn(new X500Principal("CN=store"))
        .setIssuerDn(new X500Principal("CN=store"))
        .setPublicKey(keys.getPublic())
        .setSigningKey(keys.getPrivate())
        .setSignatureAlgorithmName("SHA256withECDSA")
        .setSerialNumber(BigInteger.TEN)
        .setNotValidBefore(now.minusDays(1))
        .setNotValidAfter(now.plusDays(1))
        .addExtension(
            new SubjectAlternativeNamesExtension(
                false, List.of(new GeneralName.DNSName("localhost"))))
        .build();
  }

  private static SSLContext context(KeyPair keys, X509Certificate certificate)
      throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    store.setKeyEntry("server", keys.getPrivate(), PASSWORD, new Certificate[] {certificate});
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, PASSWORD);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(factory.getKeyManagers(), null, null);
    return context;
  }
}
