package dev.postgresinstance.tests.support;

import io.fabric8.kubernetes.api.model.NodeAddress;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Map;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/** The S3 server in the test cluster, which {@code k8s-tests/cluster/s3.sh} installs. */
final class S3Server {

  /** The namespace, and the name of each object in it. */
  static final String NAME = "s3";

  /** The port of its Services. */
  static final int PORT = 7070;

  private S3Server() {}

  /** The credentials, and the certificate with its key. */
  static Map<String, String> secret() {
    return Holder.SECRET;
  }

  /** The client of the tests, which stays connected when the connections of others are cut. */
  static S3Client client() {
    return Holder.CLIENT;
  }

  /** The URL of a Service of the server for this machine. */
  static URI urlOnNode(Service service) {
    int port = service.getSpec().getPorts().getFirst().getNodePort();
    return URI.create("https://%s:%d".formatted(nodeAddress(), port));
  }

  /** The address of the only node. */
  static String nodeAddress() {
    return TestCluster.client().nodes().list().getItems().stream()
        .flatMap(node -> node.getStatus().getAddresses().stream())
        .filter(address -> "InternalIP".equals(address.getType()))
        .map(NodeAddress::getAddress)
        .findFirst()
        .orElseThrow();
  }

  /** Runs a shell script in the container of the server. */
  static void run(String script) {
    Cluster.kubectl("exec", "--namespace=" + NAME, "deployment/" + NAME, "--", "sh", "-ec", script);
  }

  private static Map<String, String> readSecret() {
    Secret secret = TestCluster.client().secrets().inNamespace(NAME).withName(NAME).get();
    if (secret == null) {
      throw new IllegalStateException(
          "The test cluster has no S3 server. `make e2e` installs it, unless TEST names a class"
              + " whose source does not contain S3.");
    }
    return Instance.decoded(secret);
  }

  private static S3Client connect() {
    Map<String, String> secret = secret();
    Service service = TestCluster.client().services().inNamespace(NAME).withName(NAME).get();
    TrustManager[] trusted = trusting(secret.get("ca.crt"));
    return S3Client.builder()
        .endpointOverride(urlOnNode(service))
        .region(Region.US_EAST_1)
        .forcePathStyle(true)
        .credentialsProvider(
            StaticCredentialsProvider.create(
                AwsBasicCredentials.create(
                    secret.get("accessKeyId"), secret.get("secretAccessKey"))))
        .httpClient(
            UrlConnectionHttpClient.builder().tlsTrustManagersProvider(() -> trusted).build())
        .build();
  }

  private static TrustManager[] trusting(String authority) {
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      store.setCertificateEntry(
          NAME,
          CertificateFactory.getInstance("X.509")
              .generateCertificate(
                  new ByteArrayInputStream(authority.getBytes(StandardCharsets.US_ASCII))));
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(store);
      return factory.getTrustManagers();
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Reads the Secret, and creates the client, on first use. */
  private static final class Holder {
    static final Map<String, String> SECRET = readSecret();
    static final S3Client CLIENT = connect();
  }
}
