package dev.postgresinstance.operator.common;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class BoundedMapTest {

  @Test
  void removesTheEntryThatWasUsedLeastRecently() {
    // Given
    Map<String, Integer> map = BoundedMap.leastRecentlyUsed(2);
    map.put("a", 1);
    map.put("b", 2);
    map.get("a");

    // When
    map.put("c", 3);

    // Then
    assertThat(map).containsOnlyKeys("a", "c");
  }
}
