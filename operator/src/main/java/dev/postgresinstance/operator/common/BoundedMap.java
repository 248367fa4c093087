package dev.postgresinstance.operator.common;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A map with a maximum number of entries: putting one more removes the entry that was used least
 * recently, by {@code get} or {@code put}. It holds what the operator remembers of objects that may
 * be deleted without notice, so that their entries do not accumulate.
 */
public final class BoundedMap<K, V> extends LinkedHashMap<K, V> {

  private static final long serialVersionUID = 1;
  private static final int DEFAULT_MAX_ENTRIES = 20_000;
  private static final int INITIAL_CAPACITY = 16;
  private static final float LOAD_FACTOR = 0.75f;

  private final int maxEntries;

  private BoundedMap(int maxEntries) {
    super(INITIAL_CAPACITY, LOAD_FACTOR, true);
    this.maxEntries = maxEntries;
  }

  /** Creates an empty map, which is not thread-safe. */
  public static <K, V> Map<K, V> leastRecentlyUsed(int maxEntries) {
    return new BoundedMap<>(maxEntries);
  }

  /** Creates an empty, thread-safe map of at most {@value #DEFAULT_MAX_ENTRIES} entries. */
  public static <K, V> Map<K, V> threadSafe() {
    return Collections.synchronizedMap(leastRecentlyUsed(DEFAULT_MAX_ENTRIES));
  }

  @Override
  protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
    return size() > maxEntries;
  }
}
