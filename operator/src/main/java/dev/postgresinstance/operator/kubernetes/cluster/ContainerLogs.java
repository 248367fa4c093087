package dev.postgresinstance.operator.kubernetes.cluster;

import dev.postgresinstance.operator.kubernetes.ApiErrors;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the ends of logs. Programs without a token for the API server tell the operator in this way
 * how far they are.
 *
 * @param client for the requests
 */
public record ContainerLogs(KubernetesClient client) {

  private static final Logger log = LoggerFactory.getLogger(ContainerLogs.class);

  private static final int LINES = 10;

  /** The last lines of a container; empty if they cannot be read. */
  public String read(Pod pod, String container) {
    try {
      return client.pods().resource(pod).inContainer(container).tailingLines(LINES).getLog();
    } catch (KubernetesClientException e) {
      log.info(
          "Cannot read the log of container {} of pod {}, the status contains fewer details: {}",
          container,
          pod.getMetadata().getName(),
          ApiErrors.describe(e));
      return "";
    }
  }
}
