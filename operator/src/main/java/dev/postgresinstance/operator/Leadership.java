package dev.postgresinstance.operator;

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
 * Which of several operator processes acts: the one that holds the lease. One that could not renew
 * it in time sends nothing more that changes anything, and ends. A process that was stopped and
 * goes on would otherwise write before it notices.
 */
final class Leadership implements Interceptor {

  private static final Logger log = LoggerFactory.getLogger(Leadership.class);

  /** Another one may take the lease so long after it was renewed last. */
  private static final Duration LEASE = Duration.ofSeconds(12);

  /** So long after that the holder acts no more; the rest is for clocks that differ. */
  private static final Duration RENEW = Duration.ofSeconds(8);

  private static final Duration RETRY = Duration.ofSeconds(2);

  private static final long RELEASE_SECONDS = 2;

  private final String namespace;
  private final String name;
  private final String identity;
  private final Consumer<String> onLost;
  private volatile long sentAt;
  private volatile Optional<Long> renewedAt = Optional.empty();
  private volatile boolean closing;

  /**
   * The leadership that goes with a lease.
   *
   * @param lease namespace and name, separated by a slash
   * @param identity of this process: no two that run have the same
   * @param onLost is told why it must not go on
   */
  Leadership(String lease, String identity, Consumer<String> onLost) {
    this.namespace = lease.substring(0, lease.indexOf('/'));
    this.name = lease.substring(lease.indexOf('/') + 1);
    this.identity = identity;
    this.onLost = onLost;
  }

  /** For the framework, which waits for the lease before it processes the first event. */
  LeaderElectionConfiguration election() {
    LeaderCallbacks callbacks =
        new LeaderCallbacks(
            () -> log.info("{} holds lease {}/{}", identity, namespace, name),
            this::stopped,
            leader -> {});
    return new LeaderElectionConfiguration(
        name, namespace, LEASE, RENEW, RETRY, identity, callbacks, false);
  }

  private void stopped() {
    if (!closing) {
      onLost.accept("lease %s/%s is lost".formatted(namespace, name));
    }
  }

  /** Whether it may change anything now. */
  boolean holds() {
    return renewedAt.filter(at -> System.nanoTime() - at < RENEW.toNanos()).isPresent();
  }

  @Override
  public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
    if (isRenewal(request)) {
      sentAt = System.nanoTime();
    } else if (changes(request) && !holds()) {
      throw new KubernetesClientException(
          "%s does not hold lease %s/%s, and changes nothing".formatted(identity, namespace, name));
    }
  }

  @Override
  public void after(
      HttpRequest request,
      HttpResponse<?> response,
      AsyncBody.Consumer<List<ByteBuffer>> consumer) {
    if (response.code() == HttpURLConnection.HTTP_FORBIDDEN && isOfLeases(request)) {
      log.warn(
          "lease {}/{} cannot be held: lacks the right to {} leases",
          namespace,
          name,
          verb(request));
      return;
    }
    if (!isRenewal(request)) {
      return;
    }
    if (response.isSuccessful()) {
      renewedAt = Optional.of(sentAt); // the election renews from one thread
    } else if (response.code() != HttpURLConnection.HTTP_CONFLICT) {
      log.warn("lease {}/{} was not renewed: HTTP {}", namespace, name, response.code());
    }
  }

  @Override
  public void afterConnectionFailure(HttpRequest request, Throwable failure) {
    if (isRenewal(request)) {
      log.warn("lease {}/{} was not renewed: {}", namespace, name, failure.toString());
    }
  }

  private static boolean changes(HttpRequest request) {
    // What a process asks about its own rights is posted, too, and changes nothing.
    return !"GET".equals(request.method()) && !request.uri().getPath().contains("/selfsubject");
  }

  private boolean isRenewal(HttpRequest request) {
    return !"GET".equals(request.method()) && isOfLeases(request);
  }

  private static String verb(HttpRequest request) {
    return switch (request.method()) {
      case "POST" -> "create";
      case "PUT" -> "update";
      default -> request.method().toLowerCase(Locale.ROOT);
    };
  }

  private boolean isOfLeases(HttpRequest request) {
    return request.uri().getPath().contains("/namespaces/" + namespace + "/leases");
  }

  /** From now on to lose the lease is no accident. */
  void closing() {
    closing = true;
  }

  /**
   * Gives the lease to whoever asks next, so that nobody waits until it has run out. A server that
   * hangs is not waited for.
   */
  void release(KubernetesClient client) {
    if (holds()) {
      CompletableFuture.runAsync(() -> giveBack(client))
          .completeOnTimeout(null, RELEASE_SECONDS, TimeUnit.SECONDS)
          .join();
    }
  }

  private void giveBack(KubernetesClient client) {
    try {
      Lease lease = client.leases().inNamespace(namespace).withName(name).get();
      if (lease != null && Objects.equals(lease.getSpec().getHolderIdentity(), identity)) {
        lease.getSpec().setHolderIdentity(null);
        client
            .resource(lease)
            .lockResourceVersion(lease.getMetadata().getResourceVersion())
            .update();
        log.info("lease {}/{} is released", namespace, name);
      }
    } catch (KubernetesClientException e) {
      log.info("lease {}/{} runs out by itself: {}", namespace, name, e.getMessage());
    }
  }
}
