package dev.postgresinstance.operator.archive.program.ship;

import dev.postgresinstance.operator.archive.ArchiveLayout;
import dev.postgresinstance.operator.archive.program.ship.spool.GzipFile;
import dev.postgresinstance.operator.archive.program.ship.spool.Spool;
import dev.postgresinstance.operator.archive.store.ObjectStore;
import dev.postgresinstance.operator.archive.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;

/**
 * The folder of the store with the write-ahead log of a lineage.
 *
 * @param spool has space for what is uploaded next
 * @param lineage name of its folder
 */
record WalFolder(ObjectStore store, Spool spool, String instanceId, String lineage) {

  /** Compresses a file, and writes it under a name; replaces what is there. */
  void put(String name, Path file) throws IOException {
    put(name, file, 0, Files.size(file));
  }

  /**
   * Compresses a part of a file, and writes it under a name; replaces what is there.
   *
   * @param from offset of its first byte
   * @param to offset of the first byte behind it
   */
  void put(String name, Path file, long from, long to) throws IOException {
    Path compressed = spool.outgoing();
    GzipFile.write(file, from, to, compressed);
    store.put(key(name), compressed);
    Files.delete(compressed);
  }

  /** Deletes the files of names; they need not exist. */
  void delete(Collection<String> names) throws StoreException {
    store.delete(names.stream().map(this::key).toList());
  }

  private String key(String name) {
    return ArchiveLayout.wal(instanceId, lineage, name);
  }
}
