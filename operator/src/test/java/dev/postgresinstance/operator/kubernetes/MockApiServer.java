package dev.postgresinstance.operator.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** An API server that plays back the answers that a test expects, and its client. */
public final class MockApiServer implements BeforeEachCallback, AfterEachCallback {

  /** Kept here: a logger that nothing refers to may be collected, and its level with it. */
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
