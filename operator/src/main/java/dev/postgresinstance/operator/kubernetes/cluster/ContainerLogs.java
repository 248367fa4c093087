package dev.postgresinstance.operator.kubernetes.cluster;

import dev.postgresinstance.operator.kubernetes.ApiErrors;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the ends of logs. Programs without a token for the API server tell the operator in this way
 * how far they are.
 */
public final class ContainerLogs {

  private static final Logger log = LoggerFactory.getLogger(ContainerLogs.class);

  private static final int LINES = 10;

  private final KubernetesClient client;
  private final Denials denials = new Denials();

  /** Creates a reader. */
  public ContainerLogs(KubernetesClient client) {
    this.client = client;
  }

  /** The last lines of a container; empty if they cannot be read. */
  public String read(Pod pod, String container) {
    String namespace = pod.getMetadata().getNamespace();
    if (denials.isDenied(namespace)) {
      return "";
    }
    try {
      // The client's own method first waits until the pod is ready.
      String log =
          client.raw(
              "/api/v1/namespaces/%s/pods/%s/log?container=%s&tailLines=%d"
                  .formatted(namespace, pod.getMetadata().getName(), container, LINES));
      return Objects.requireNonNullElse(log, "");
    } catch (KubernetesClientException e) {
      denials.failed(namespace, e);
      log.info(
          "Cannot read the log of container {} of pod {}, the status contains fewer details: {}",
          container,
          pod.getMetadata().getName(),
          ApiErrors.describe(e));
      return "";
    }
  }
}
