package dev.postgresinstance.operator.archive.program;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GuardSlotTest {

  @Test
  void theNameContainsTheStartOfTheLineage() {
    Instant start = Instant.parse("2026-11-28T03:04:05Z");
    String name = GuardSlot.nameFor(start);

    GuardSlot slot = new GuardSlot(name, true, Optional.empty());

    assertThat(name).isEqualTo("pgi_backup_20261128t030405z").matches(GuardSlot.NAMES);
    assertThat(slot.startedAt()).isEqualTo(start);
    assertThat(slot.lineage("71", 17)).isEqualTo("71-00000011-20261128t030405z");
    assertThat(slot.isUsable()).isFalse();
  }
}
