package dev.postgresinstance.operator.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A mock API server that plays back the responses a test defines, and a client for it. */
public final class MockApiServer implements BeforeEachCallback, AfterEachCallback {

  /** In a field, because an unreferenced logger, and its level, may be garbage-collected. */
  private static final Logger REQUESTS = Logger.getLogger("io.fabric8.mockwebserver");

  private final KubernetesMockServer server = new KubernetesMockServer(false);
  private KubernetesClient client;

  @Override
  public void beforeEach(ExtensionContext context) {
    REQUESTS.setLevel(Level.WARNING);
    server.init();
    client =
        server.createClient(
            builder -> builder.editOrNewConfig().withRequestRetryBackoffLimit(0).endConfig());
  }

  @Override
  public void afterEach(ExtensionContext context) {
    client.close();
    server.destroy();
  }

  public KubernetesMockServer server() {
    return server;
  }

  public KubernetesClient client() {
    return client;
  }
}
