package dev.postgresinstance.operator.feature.backup;

/** The access of the backup pods to the server. */
public sealed interface ArchiveAccess {

  /** It stays as it is. */
  record Unchanged() implements ArchiveAccess {}

  /** The role cannot log in, and there is no slot that keeps the write-ahead log. */
  record Closed() implements ArchiveAccess {}

  /**
   * The role logs in with a password.
   *
   * @param password the one in the Secret of the backup pods
   */
  record Open(String password) implements ArchiveAccess {

    /** Never the value: records end up in logs. */
    @Override
    public String toString() {
      return "Open[]";
    }
  }
}
