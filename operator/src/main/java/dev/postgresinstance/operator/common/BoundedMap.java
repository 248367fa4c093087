package dev.postgresinstance.operator.common;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What is remembered of objects by their names; what belongs to those long gone falls out of it.
 */
public final class BoundedMap<V> extends LinkedHashMap<String, V> {

  private static final long serialVersionUID = 1;
  private static final int ENTRIES = 20_000;

  /** An empty one, for all threads. */
  public static <V> Map<String, V> empty() {
    return Collections.synchronizedMap(new BoundedMap<>());
  }

  @Override
  protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
    return size() > ENTRIES;
  }
}
