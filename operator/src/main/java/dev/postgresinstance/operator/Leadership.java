package dev.postgresinstance.operator;

import dev.postgresinstance.operator.kubernetes.ApiErrors;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfiguration;
import java.net.HttpURLConnection;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Leader election by a lease: only the process that holds the lease changes anything. A process
 * that could not renew the lease in time sends no further writes, and exits. Writes are blocked in
 * the HTTP client, because a process that was suspended and resumed would otherwise write before it
 * notices that it lost the lease.
 */
final class Leadership implements Interceptor {

  private static final Logger log = LoggerFactory.getLogger(Leadership.class);

  /** Another process can acquire the lease this long after the last renewal. */
  private static final Duration LEASE_DURATION = Duration.ofSeconds(20);

  /**
   * The holder stops writing this long after its last renewal. The difference to the lease duration
   * allows for clock drift between nodes.
   */
  private static final Duration RENEW_DEADLINE = Duration.ofSeconds(15);

  /** The framework adds up to 120 % at random. Each renewal takes two requests. */
  private static final Duration RETRY_PERIOD = Duration.ofSeconds(3);

  private static final long RELEASE_SECONDS = 2;

  private final LeaseName lease;
  private final String identity;
  private final Consumer<String> onLost;
  private volatile long sentAt;
  private volatile Optional<Long> renewedAt = Optional.empty();
  private volatile boolean closing;

  /**
   * Creates the leader election for one lease; it starts with the framework.
   *
   * @param identity identity of this process, unique among the running processes
   * @param onLost called with the reason when this process lost the lease and must stop
   */
  Leadership(LeaseName lease, String identity, Consumer<String> onLost) {
    this.lease = lease;
    this.identity = identity;
    this.onLost = onLost;
  }

  /** The configuration of the framework, which acquires the lease before it processes events. */
  LeaderElectionConfiguration election() {
    LeaderCallbacks callbacks =
        new LeaderCallbacks(
            () -> log.info("{} holds the lease {}", identity, lease),
            this::onStoppedLeading,
            leader -> {});
    return new LeaderElectionConfiguration(
        lease.name(),
        lease.namespace(),
        LEASE_DURATION,
        RENEW_DEADLINE,
        RETRY_PERIOD,
        identity,
        callbacks,
        false);
  }

  private void onStoppedLeading() {
    if (!closing) {
      onLost.accept("lost the lease " + lease);
    }
  }

  /** Whether this process holds the lease, and therefore may write. */
  boolean holdsLease() {
    return renewedAt.filter(at -> System.nanoTime() - at < RENEW_DEADLINE.toNanos()).isPresent();
  }

  @Override
  public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
    if (isRenewal(request)) {
      sentAt = System.nanoTime();
    } else if (isWrite(request) && !holdsLease()) {
      throw new KubernetesClientException(
          "Write blocked: %s does not hold the lease %s".formatted(identity, lease));
    }
  }

  @Override
  public void after(
      HttpRequest request,
      HttpResponse<?> response,
      AsyncBody.Consumer<List<ByteBuffer>> consumer) {
    if (response.code() == HttpURLConnection.HTTP_FORBIDDEN && isForLeases(request)) {
      log.warn(
          "Cannot hold the lease {}: the operator lacks permission to {} leases in namespace {}",
          lease,
          verb(request),
          lease.namespace());
      return;
    }
    if (!isRenewal(request)) {
      return;
    }
    if (response.isSuccessful()) {
      renewedAt = Optional.of(sentAt); // not a race: the leader election renews in one thread
    } else if (response.code() != HttpURLConnection.HTTP_CONFLICT) {
      log.warn("Cannot renew the lease {}: HTTP {}", lease, response.code());
    }
  }

  @Override
  public void afterConnectionFailure(HttpRequest request, Throwable failure) {
    if (isRenewal(request)) {
      log.warn("Cannot renew the lease {}: {}", lease, failure.toString());
    }
  }

  private static boolean isWrite(HttpRequest request) {
    // A SelfSubjectAccessReview is a POST, but it changes nothing.
    return !"GET".equals(request.method()) && !request.uri().getPath().contains("/selfsubject");
  }

  private boolean isRenewal(HttpRequest request) {
    return !"GET".equals(request.method()) && isForLeases(request);
  }

  private static String verb(HttpRequest request) {
    return switch (request.method()) {
      case "POST" -> "create";
      case "PUT" -> "update";
      default -> request.method().toLowerCase(Locale.ROOT);
    };
  }

  private boolean isForLeases(HttpRequest request) {
    return request.uri().getPath().contains("/namespaces/" + lease.namespace() + "/leases");
  }

  /** From now on, losing the lease is expected and not reported. */
  void markClosing() {
    closing = true;
  }

  /**
   * Releases the lease, so that the next process acquires it at once instead of after it has
   * expired. Waits at most {@value #RELEASE_SECONDS} s for the API server.
   */
  void release(KubernetesClient client) {
    if (holdsLease()) {
      CompletableFuture.runAsync(() -> clearHolder(client))
          .completeOnTimeout(null, RELEASE_SECONDS, TimeUnit.SECONDS)
          .join();
    }
  }

  private void clearHolder(KubernetesClient client) {
    try {
      Lease held = client.leases().inNamespace(lease.namespace()).withName(lease.name()).get();
      if (held != null && Objects.equals(held.getSpec().getHolderIdentity(), identity)) {
        held.getSpec().setHolderIdentity(null);
        client.resource(held).lockResourceVersion(held.getMetadata().getResourceVersion()).update();
        log.info("Released the lease {}", lease);
      }
    } catch (KubernetesClientException e) {
      log.info(
          "Cannot release the lease {}, it expires by itself: {}", lease, ApiErrors.message(e));
    }
  }
}
