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

  /** Creates a key, which equals no other key. */
  public static <T> FindingKey<T> of(Class<T> type) {
    return new FindingKey<>(type);
  }

  /** Returns a finding of this key with its type. */
  T cast(Object finding) {
    return type.cast(finding);
  }

  @Override
  public String toString() {
    return type.getSimpleName();
  }
}
