package dev.postgresinstance.operator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HeapReleaseTest {

  private static final long MIB = 1024 * 1024;

  private long used = 30 * MIB;
  private long live = 30 * MIB;
  private int collections;
  private final HeapRelease release =
      new HeapRelease(
          () -> used,
          () -> {
            used = live;
            collections++;
          });

  @Test
  void collectsEverSeldomerWhileThereIsNothingToRelease() {
    // When
    List<Integer> collectedAt = collectedAt(1, 60);

    // Then: after 1, 2, 4, 8 checks, then every 12
    assertThat(collectedAt).startsWith(1, 3, 7, 15, 27, 39);
  }

  @Test
  void collectsAtTheNextCheckWhenTheHeapHasGrown() {
    // Given
    collectedAt(1, 39);

    // When
    used += 3 * MIB;

    // Then
    assertThat(collectedAt(40, 40)).containsExactly(40);
  }

  @Test
  void collectsAtEachCheckWhileThereIsGarbage() {
    // Given
    collectedAt(1, 39);
    used += 3 * MIB;
    release.run();

    // When
    used += MIB;

    // Then
    assertThat(collectedAt(40, 40)).containsExactly(40);
  }

  @Test
  void releasesWithinFourMinutesWhatHasBecomeGarbageWithoutAnyGrowth() {
    // Given
    collectedAt(1, 39);

    // When
    live -= 20 * MIB;
    collectedAt(40, 51);

    // Then
    assertThat(used).isEqualTo(live);
  }

  /** The numbers of the checks that collected. */
  private List<Integer> collectedAt(int first, int last) {
    List<Integer> collectedAt = new ArrayList<>();
    for (int check = first; check <= last; check++) {
      int before = collections;
      release.run();
      if (collections > before) {
        collectedAt.add(check);
      }
    }
    return collectedAt;
  }
}
