package dev.postgresinstance.operator.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.archive.store.InMemoryStore;
import org.junit.jupiter.api.Test;

class ArchiveSizeTest {

  private final InMemoryStore store = new InMemoryStore();

  @Test
  void sumsAllLineagesOfOneInstance() throws Exception {
    store.put(ArchiveLayout.wal("id", "first", "000000010000000000000003"), new byte[300]);
    store.put(ArchiveLayout.base("id", "first", "20261128-030000"), new byte[4000]);
    store.put(ArchiveLayout.progress("id", "second"), new byte[50]);
    store.put(ArchiveLayout.base("other", "first", "20261128-030000"), new byte[10_000]);

    assertThat(ArchiveSize.of(store, "id")).isEqualTo(4350);
  }

  @Test
  void doesNotCountWhatIsBeingReceived() throws Exception {
    store.put(ArchiveLayout.spool("id") + "/wal/000000010000000000000003", new byte[1 << 20]);

    assertThat(ArchiveSize.of(store, "id")).isZero();
  }
}
