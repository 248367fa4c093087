package dev.postgresinstance.operator.kubernetes;

import dev.postgresinstance.operator.common.BoundedMap;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.report.Rejection;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Asks the API server whether it would accept a write: an apply with {@code dryRun=All} passes
 * authorization, admission and validation, and stores nothing.
 */
final class DryRuns {

  private static final PatchContext DRY_RUN =
      new PatchContext.Builder()
          .withPatchType(PatchType.SERVER_SIDE_APPLY)
          .withFieldManager(Labels.MANAGER)
          .withForce(true)
          .withDryRun(List.of("All"))
          .build();

  /**
   * An admission policy can tell a dry run from a write. Where the write was rejected although the
   * dry run was not, the dry run proves nothing for this long, unless the object changes.
   */
  private static final Duration DISTRUSTED_FOR = Duration.ofHours(1);

  private final KubernetesClient client;

  /** The last rejected dry run of each object. */
  private final Map<String, Answer> rejected = BoundedMap.threadSafe();

  /** The last rejected write of each object, until a dry run is rejected as well. */
  private final Map<String, Answer> rejectedWrites = BoundedMap.threadSafe();

  DryRuns(KubernetesClient client) {
    this.client = client;
  }

  private record Answer(Attempt attempt, Rejection rejection, Instant at) {

    /** Whether it is about the same state of the object, whatever state was desired. */
    boolean holds(Attempt other, Duration time) {
      return attempt.hasSameObject(other) && at.plus(time).isAfter(Instant.now());
    }
  }

  /**
   * Why the API server would reject the attempt; empty if it would accept it.
   *
   * @param request the object as it would be sent
   * @throws KubernetesClientException when the API server does not answer, or the object has
   *     changed since it was read
   */
  Optional<Rejection> rejection(Attempt attempt, Supplier<? extends HasMetadata> request) {
    return last(rejected, attempt, WriteOutcomes.RETRY_REJECTED_AFTER)
        .or(() -> run(attempt, request.get()))
        .or(() -> last(rejectedWrites, attempt, DISTRUSTED_FOR));
  }

  /** Records that the API server rejected a write. */
  void rejectedWrite(Attempt attempt, Rejection rejection) {
    rejectedWrites.put(attempt.object(), new Answer(attempt, rejection, Instant.now()));
  }

  private static Optional<Rejection> last(
      Map<String, Answer> answers, Attempt attempt, Duration time) {
    return Optional.ofNullable(answers.get(attempt.object()))
        .filter(answer -> answer.holds(attempt, time))
        .map(Answer::rejection);
  }

  private Optional<Rejection> run(Attempt attempt, HasMetadata request) {
    try {
      client.resource(request).patch(DRY_RUN);
      return Optional.empty();
    } catch (KubernetesClientException e) {
      if (!ApiErrors.isPermanent(e)) {
        throw e;
      }
      Rejection rejection = explained(ApiErrors.rejection(e), attempt, request);
      rejected.put(attempt.object(), new Answer(attempt, rejection, Instant.now()));
      rejectedWrites.remove(attempt.object());
      return Optional.of(rejection);
    }
  }

  /** The API server does not name the permission to create an object. */
  private Rejection explained(Rejection rejection, Attempt attempt, HasMetadata request) {
    return attempt.creates()
            && rejection.code() == HttpURLConnection.HTTP_FORBIDDEN
            && rejection.missing().isEmpty()
        ? AccessReview.missing(client, "create", request).map(rejection::because).orElse(rejection)
        : rejection;
  }
}
