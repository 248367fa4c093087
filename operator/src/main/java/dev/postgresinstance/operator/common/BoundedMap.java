package dev.postgresinstance.operator.common;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A map with a maximum number of entries: putting one more removes the eldest. It holds what the
 * operator remembers of objects that may be deleted without notice, so that their entries do not
 * accumulate. Not thread-safe.
 */
public final class BoundedMap<K, V> extends LinkedHashMap<K, V> {

  private static final long serialVersionUID = 1;
  private static final int DEFAULT_MAX_ENTRIES = 20_000;
  private static final float LOAD_FACTOR = 0.75f;

  private final int maxEntries;

  /** Creates an empty map whose eldest entry is the one that was inserted first. */
  public BoundedMap(int maxEntries) {
    this(maxEntries, false);
  }

  private BoundedMap(int maxEntries, boolean accessOrder) {
    super(16, LOAD_FACTOR, accessOrder);
    this.maxEntries = maxEntries;
  }

  /** Creates an empty map whose eldest entry is the one that was used least recently. */
  public static <K, V> BoundedMap<K, V> leastRecentlyUsed(int maxEntries) {
    return new BoundedMap<>(maxEntries, true);
  }

  /** Creates an empty, thread-safe map of at most {@value #DEFAULT_MAX_ENTRIES} entries. */
  public static <K, V> Map<K, V> empty() {
    return Collections.synchronizedMap(new BoundedMap<>(DEFAULT_MAX_ENTRIES));
  }

  @Override
  protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
    return size() > maxEntries;
  }
}
