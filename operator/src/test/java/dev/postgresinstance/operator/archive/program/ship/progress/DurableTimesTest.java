package dev.postgresinstance.operator.archive.program.ship.progress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.archive.Lsn;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class DurableTimesTest {

  private final DurableTimes times = new DurableTimes();

  @Test
  void aPositionHasTheTimeOfTheNewestSampleBeforeIt() {
    add(100, 1);
    add(200, 2);
    add(300, 3);

    assertThat(times.before(new Lsn(99))).isEmpty();
    assertThat(times.before(new Lsn(250))).contains(second(2));
    assertThat(times.before(new Lsn(250))).contains(second(2));
    assertThat(times.before(new Lsn(300))).contains(second(3));
  }

  @Test
  void theTimeOfAnIdleServerGoesOn() {
    add(100, 1);
    add(100, 2);
    add(100, 3);

    assertThat(times.before(new Lsn(100))).contains(second(3));
  }

  @Test
  void aLongOutageOfTheStoreLeavesFewerSamplesButNoWrongOnes() {
    for (int i = 1; i <= 5 * DurableTimes.MAX_SAMPLES; i++) {
      add(i, i);
    }

    for (int i = 1; i <= 5 * DurableTimes.MAX_SAMPLES; i += 97) {
      int position = i;
      times
          .before(new Lsn(position))
          .ifPresent(time -> assertThat(time).isBeforeOrEqualTo(second(position)));
    }
    assertThat(times.before(new Lsn(5L * DurableTimes.MAX_SAMPLES)))
        .contains(second(5 * DurableTimes.MAX_SAMPLES));
  }

  private void add(long lsn, long second) {
    times.add(new Lsn(lsn), second(second));
  }

  private static Instant second(long second) {
    return Instant.ofEpochSecond(second);
  }
}
