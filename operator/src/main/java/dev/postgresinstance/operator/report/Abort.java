package dev.postgresinstance.operator.report;

import dev.postgresinstance.api.v1alpha1.Reason;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Optional;
import java.util.Set;

/** Ends a pass that must not go on; becomes the condition {@code Ready=False}. */
public final class Abort extends RuntimeException {

  private static final long serialVersionUID = 1;

  private static final Set<Integer> LASTING = Set.of(400, 403, 404, 405, 413, 422);

  private final Reason reason;

  /**
   * A refusal.
   *
   * @param message what is wrong and what a person can do
   */
  public Abort(Reason reason, String message) {
    super(message, null, false, false); // no fault of the code: a stack trace would say nothing
    this.reason = reason;
  }

  public static Abort of(Problem problem) {
    return new Abort(problem.reason(), problem.message());
  }

  public Reason reason() {
    return reason;
  }

  /** Whether the API server refused what another try at once would not mend. */
  public static boolean isLasting(KubernetesClientException e) {
    return LASTING.contains(e.getCode());
  }

  /** The API server's own words of why it refused, without the client's around them. */
  public static String words(KubernetesClientException e) {
    return Optional.ofNullable(e.getStatus())
        .map(Status::getMessage)
        .or(() -> Optional.ofNullable(e.getCause()).map(Throwable::toString))
        .orElse(e.getMessage());
  }

  /** The same for the log: of a missing right no more than which one it is. */
  public static String inShort(KubernetesClientException e) {
    String words = words(e);
    return Permission.missing(words).map(right -> "lacks the right to " + right).orElse(words);
  }
}
