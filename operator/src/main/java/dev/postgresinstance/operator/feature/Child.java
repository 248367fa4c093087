package dev.postgresinstance.operator.feature;

import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.report.EventMessage;
import dev.postgresinstance.operator.report.Problem;
import dev.postgresinstance.operator.report.Rejection;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Optional;
import java.util.function.Function;

/**
 * One object as it should be.
 *
 * @param key which object it is
 * @param desired all fields that the operator sets
 * @param onRejection what to do when the API server rejects it; by default that is a problem, and
 *     the reconciliation goes on with what does not depend on the object
 * @param action reported once the object is written; empty for none
 * @param <T> kind of the object
 */
public record Child<T extends HasMetadata>(
    ObjectKey<T> key,
    T desired,
    Function<Rejection, Optional<Fallback<T>>> onRejection,
    Optional<EventMessage> action) {

  /** What to do instead when the API server rejects an object. */
  public sealed interface Fallback<T> {

    /** Write another version of the object, and report a problem. */
    record UseInstead<T>(T desired, Problem problem) implements Fallback<T> {}

    /** Leave the object as it is, or do without it, and report a problem. */
    record Leave<T>(Problem problem) implements Fallback<T> {}

    /** Delete the present object without its dependents, and create it again later. */
    record Replace<T>() implements Fallback<T> {}
  }

  /** An object without a fallback, whose writing is not reported. */
  public static <T extends HasMetadata> Child<T> of(ObjectKey<T> key, T desired) {
    return new Child<>(key, desired, rejection -> Optional.empty(), Optional.empty());
  }

  /**
   * The same object with a fallback.
   *
   * @param fallback what to do for a rejection; empty for none
   */
  public Child<T> orElse(Function<Rejection, Optional<Fallback<T>>> fallback) {
    return new Child<>(key, desired, fallback, action);
  }

  /**
   * The same object, and what to report once it is written.
   *
   * @param message empty for nothing
   */
  public Child<T> reporting(Optional<EventMessage> message) {
    return new Child<>(key, desired, onRejection, message);
  }
}
