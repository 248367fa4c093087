package dev.postgresinstance.operator;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.operator.kubernetes.AccessReview;
import dev.postgresinstance.operator.kubernetes.PermissionTracker;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.OperatorException;
import java.net.HttpURLConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether a cluster can be served. */
final class StartupCheck {

  private static final Logger log = LoggerFactory.getLogger(StartupCheck.class);
  private static final String CRD = HasMetadata.getFullResourceName(PostgresInstance.class);
  private static final String API = HasMetadata.getApiVersion(PostgresInstance.class);
  private static final String PLURAL = HasMetadata.getPlural(PostgresInstance.class);
  private static final int TOO_MANY_REQUESTS = 429;
  private static final long AGAIN_SECONDS = 2;

  private StartupCheck() {}

  /**
   * Returns when it can. The framework would say why not in two hundred lines, and end also when
   * the API server only starts, or when its role is made a moment later. Where it may serve one of
   * its namespaces it does: a right that is missing in another is told there.
   *
   * @throws OperatorException when it cannot, which time does not mend
   */
  static void await(KubernetesClient client, OperatorConfig config) {
    String said = "";
    for (String why = failure(client, config); !why.isEmpty(); ) {
      if (!why.equals(said)) {
        log.warn("waiting for the cluster at {}: {}", client.getMasterUrl(), why);
        said = why;
      }
      sleep();
      why = failure(client, config);
    }
  }

  /** Why it does not answer, or what may not be done; empty when it is well. */
  private static String failure(KubernetesClient client, OperatorConfig config) {
    try {
      List<String> refused = refused(client, config.watchNamespaces());
      return refused.isEmpty() || refused.size() < config.watchNamespaces().size()
          ? config.lease().flatMap(lease -> missing(client, lease)).orElse("")
          : refused.getFirst();
    } catch (KubernetesClientException e) {
      if (isRefusal(e.getCode())) {
        throw cannot(client, e.getMessage());
      }
      return e.getStatus() == null ? String.valueOf(e.getCause()) : e.getMessage();
    }
  }

  /** Where instances may not be listed, in the words of the API server. */
  private static List<String> refused(KubernetesClient client, Set<String> namespaces) {
    Set<String> folders =
        namespaces.isEmpty()
            ? Set.of("")
            : namespaces.stream()
                .map("namespaces/%s/"::formatted)
                .collect(Collectors.toCollection(TreeSet::new));
    List<String> refused = new ArrayList<>();
    for (String folder : folders) {
      try {
        if (client.raw("/apis/" + API + "/" + folder + PLURAL + "?limit=1") == null) {
          throw cannot(client, "it has no CustomResourceDefinition " + CRD);
        }
      } catch (KubernetesClientException e) {
        if (e.getCode() != HttpURLConnection.HTTP_FORBIDDEN) {
          throw e;
        }
        refused.add(PermissionTracker.words(e));
      }
    }
    return refused;
  }

  /** What may not be done with the lease, without which nothing is. */
  private static Optional<String> missing(KubernetesClient client, String lease) {
    int slash = lease.indexOf('/');
    Lease object =
        new LeaseBuilder()
            .withNewMetadata()
            .withNamespace(lease.substring(0, slash))
            .withName(lease.substring(slash + 1))
            .endMetadata()
            .build();
    return AccessReview.lacks(client, List.of("get", "create", "update", "patch"), object);
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
