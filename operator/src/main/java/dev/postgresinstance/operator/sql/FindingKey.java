package dev.postgresinstance.operator.sql;

/**
 * Identifies what one {@link SessionTask} finds in a server.
 *
 * @param <T> type of the finding; a value with {@code equals}
 */
public final class FindingKey<T> {

  private final Class<T> type;

  private FindingKey(Class<T> type) {
    this.type = type;
  }

  /** A key of its own. */
  public static <T> FindingKey<T> of(Class<T> type) {
    return new FindingKey<>(type);
  }

  /** The finding of this key in an untyped map. */
  T cast(Object finding) {
    return type.cast(finding);
  }

  @Override
  public String toString() {
    return type.getSimpleName();
  }
}
