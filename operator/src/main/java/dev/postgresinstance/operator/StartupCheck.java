package dev.postgresinstance.operator;

import dev.postgresinstance.api.v1alpha1.PostgresBackup;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.operator.kubernetes.AccessReview;
import dev.postgresinstance.operator.kubernetes.ApiErrors;
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

/** Checks at the start whether the operator can serve the cluster. */
final class StartupCheck {

  private static final Logger log = LoggerFactory.getLogger(StartupCheck.class);
  private static final String API_VERSION = HasMetadata.getApiVersion(PostgresInstance.class);
  private static final int TOO_MANY_REQUESTS = 429;
  private static final long RETRY_SECONDS = 2;

  private StartupCheck() {}

  /**
   * Waits until the operator can serve the cluster. The framework would report the cause in two
   * hundred lines, and would also exit while the API server is starting or when the operator's role
   * is created a moment later. Returns as soon as the operator may list instances in at least one
   * of its namespaces: a permission that is missing in another namespace is reported there.
   *
   * @throws OperatorException when waiting would not help
   */
  static void await(KubernetesClient client, OperatorConfig config) {
    Optional<String> logged = Optional.empty();
    Optional<String> problem = problem(client, config);
    while (problem.isPresent()) {
      if (!problem.equals(logged)) {
        log.warn("Waiting for the cluster at {}: {}", client.getMasterUrl(), problem.get());
        logged = problem;
      }
      sleep();
      problem = problem(client, config);
    }
  }

  /** Why the operator cannot serve the cluster yet; empty when it can. */
  private static Optional<String> problem(KubernetesClient client, OperatorConfig config) {
    try {
      List<String> refusals = listRefusals(client, config.watchNamespaces());
      int namespaces = Math.max(1, config.watchNamespaces().size());
      return refusals.size() < namespaces
          ? config.lease().flatMap(lease -> missingLeasePermission(client, lease))
          : Optional.of(refusals.getFirst());
    } catch (KubernetesClientException e) {
      if (isPermanent(e.getCode())) {
        throw cannotServe(client, ApiErrors.describe(e));
      }
      return Optional.of(ApiErrors.describe(e));
    }
  }

  /** The error of each namespace in which the operator may not list instances. */
  private static List<String> listRefusals(KubernetesClient client, Set<String> namespaces) {
    Set<String> paths =
        namespaces.isEmpty()
            ? Set.of("")
            : namespaces.stream()
                .map("namespaces/%s/"::formatted)
                .collect(Collectors.toCollection(TreeSet::new));
    List<String> refusals = new ArrayList<>();
    for (String path : paths) {
      refusal(client, path, PostgresInstance.class).ifPresent(refusals::add);
      refusal(client, path, PostgresBackup.class); // a missing permission is reported in the status
    }
    return refusals;
  }

  /** Why the operator may not list a kind in a namespace; empty when it may. */
  private static Optional<String> refusal(
      KubernetesClient client, String path, Class<? extends HasMetadata> kind) {
    try {
      String plural = HasMetadata.getPlural(kind);
      if (client.raw("/apis/" + API_VERSION + "/" + path + plural + "?limit=1") == null) {
        throw cannotServe(
            client,
            "the CustomResourceDefinition %s is not installed"
                .formatted(HasMetadata.getFullResourceName(kind)));
      }
      return Optional.empty();
    } catch (KubernetesClientException e) {
      if (e.getCode() != HttpURLConnection.HTTP_FORBIDDEN) {
        throw e;
      }
      return Optional.of(ApiErrors.describe(e));
    }
  }

  /** The permission on the lease that is missing; without the lease the operator never writes. */
  private static Optional<String> missingLeasePermission(KubernetesClient client, LeaseName lease) {
    Lease object =
        new LeaseBuilder()
            .withNewMetadata()
            .withNamespace(lease.namespace())
            .withName(lease.name())
            .endMetadata()
            .build();
    return AccessReview.missingPermission(
        client, List.of("get", "create", "update", "patch"), object);
  }

  /** Whether the API server would answer a retry with the same error. */
  private static boolean isPermanent(int code) {
    return code >= HttpURLConnection.HTTP_BAD_REQUEST
        && code < HttpURLConnection.HTTP_INTERNAL_ERROR
        && code != TOO_MANY_REQUESTS;
  }

  private static OperatorException cannotServe(KubernetesClient client, String cause) {
    return new OperatorException(
        "the operator cannot serve the cluster at %s: %s".formatted(client.getMasterUrl(), cause));
  }

  private static void sleep() {
    try {
      TimeUnit.SECONDS.sleep(RETRY_SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new OperatorException("Interrupted while waiting for the cluster");
    }
  }
}
