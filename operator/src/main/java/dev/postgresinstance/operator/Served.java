package dev.postgresinstance.operator;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.OperatorException;
import java.net.HttpURLConnection;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether a cluster can be served. */
final class Served {

  private static final Logger log = LoggerFactory.getLogger(Served.class);
  private static final String CRD = HasMetadata.getFullResourceName(PostgresInstance.class);
  private static final String API = HasMetadata.getApiVersion(PostgresInstance.class);
  private static final String PLURAL = HasMetadata.getPlural(PostgresInstance.class);
  private static final int TOO_MANY_REQUESTS = 429;
  private static final long AGAIN_SECONDS = 2;

  private Served() {}

  /**
   * Returns when it can. The framework would say why not in two hundred lines, and end also when
   * the API server only starts.
   *
   * @throws OperatorException when it cannot, which time does not mend
   */
  static void await(KubernetesClient client, Set<String> namespaces) {
    String said = "";
    for (String why = failure(client, namespaces); !why.isEmpty(); ) {
      if (!why.equals(said)) {
        log.warn("waiting for the cluster at {}: {}", client.getMasterUrl(), why);
        said = why;
      }
      sleep();
      why = failure(client, namespaces);
    }
  }

  /** Why it does not answer; empty when it does. */
  private static String failure(KubernetesClient client, Set<String> namespaces) {
    String namespace = namespaces.stream().findFirst().map(n -> "namespaces/" + n + "/").orElse("");
    try {
      if (client.raw("/apis/" + API + "/" + namespace + PLURAL + "?limit=1") == null) {
        throw cannot(client, "it has no CustomResourceDefinition " + CRD);
      }
      return "";
    } catch (KubernetesClientException e) {
      if (isRefusal(e.getCode())) {
        throw cannot(client, e.getMessage());
      }
      return e.getStatus() == null ? String.valueOf(e.getCause()) : e.getMessage();
    }
  }

  /** An answer that will be the same next time. */
  private static boolean isRefusal(int code) {
    return code >= HttpURLConnection.HTTP_BAD_REQUEST
        && code < HttpURLConnection.HTTP_INTERNAL_ERROR
        && code != TOO_MANY_REQUESTS;
  }

  private static OperatorException cannot(KubernetesClient client, String why) {
    return new OperatorException(
        "the cluster at %s cannot be served: %s".formatted(client.getMasterUrl(), why));
  }

  private static void sleep() {
    try {
      TimeUnit.SECONDS.sleep(AGAIN_SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new OperatorException("interrupted while waiting for the cluster");
    }
  }
}
