package dev.postgresinstance.operator.archive.store;

import java.io.IOException;

/** A request that a store has not fulfilled. */
public final class StoreException extends IOException {

  /** What is wrong, as the status of an instance reports it. */
  public enum Problem {
    /** No connection, no answer in time, or an error of the server that a retry may solve. */
    UNREACHABLE,
    /** The credentials are missing, wrong or expired, or lack a permission. */
    ACCESS_DENIED,
    /** There is no such bucket. */
    BUCKET_MISSING,
    /** The bucket or the signature belongs to another region. */
    WRONG_REGION,
    /** The store has no space or no quota left. */
    STORE_FULL,
    /** The store does not understand a checksum or another part of a request. */
    UNSUPPORTED,
    /** The clocks of store and client differ too much. */
    CLOCK_SKEW,
    /** The certificate of the store is not trusted. */
    CERTIFICATE_INVALID,
    /** Anything else; the message has the words of the store. */
    REJECTED
  }

  private static final long serialVersionUID = 1;

  private final Problem problem;

  /** A failed request, with a sentence for people that contains no secret. */
  public StoreException(Problem problem, String message, Throwable cause) {
    super(message, cause);
    this.problem = problem;
  }

  /** What is wrong. */
  public Problem problem() {
    return problem;
  }

  /** Whether the same request may succeed later without a change by a person. */
  public boolean isTemporary() {
    return problem == Problem.UNREACHABLE;
  }
}
