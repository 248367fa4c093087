package dev.postgresinstance.operator.instance;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import java.util.Optional;

/** The restart that a user requests with the annotation {@link Labels#RESTART}. */
public final class RestartRequest {

  private RestartRequest() {}

  /** Value of the annotation, which identifies the request; empty when none was made. */
  public static Optional<String> of(PostgresInstance instance) {
    return Annotations.get(instance, Labels.RESTART).filter(value -> !value.isBlank());
  }

  /**
   * A key for something that is attempted once, and again when the user requests another restart.
   *
   * @param subject what is attempted
   */
  public static String keyOf(PostgresInstance instance, String subject) {
    return subject + of(instance).map(value -> "/" + value).orElse("");
  }
}
