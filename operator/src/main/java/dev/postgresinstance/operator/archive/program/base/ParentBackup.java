package dev.postgresinstance.operator.archive.program.base;

import dev.postgresinstance.operator.archive.ArchiveLayout;
import dev.postgresinstance.operator.archive.ArchivedLineage;
import dev.postgresinstance.operator.archive.BackupRecord;
import dev.postgresinstance.operator.archive.Catalogue;
import dev.postgresinstance.operator.archive.LineageRecord;
import dev.postgresinstance.operator.archive.program.ProgramLog;
import dev.postgresinstance.operator.archive.store.ObjectStore;
import dev.postgresinstance.operator.archive.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/**
 * The backup on which an incremental one is based. A full backup is always possible, so whatever is
 * missing is no failure.
 *
 * @param lineage to which both belong
 * @param perFull how many incremental backups follow each full one; 0 for none
 */
record ParentBackup(ObjectStore store, LineageRecord lineage, int perFull) {

  /** PostgreSQL's first version with incremental backups. */
  private static final int FIRST_MAJOR = 17;

  /**
   * The parent of the next backup, whose manifest is then in the file; empty when the next backup
   * has to be full.
   *
   * @param version of the server, such as {@code 17.6}
   */
  Optional<BackupRecord> fetch(String version, Path manifest) throws IOException {
    if (perFull == 0 || Integer.parseInt(version.replaceFirst("\\D.*", "")) < FIRST_MAJOR) {
      return Optional.empty();
    }
    Optional<BackupRecord> parent =
        Catalogue.read(store, lineage.instanceId()).lineages().stream()
            .filter(found -> found.name().equals(lineage.lineage()))
            .flatMap(found -> next(found, perFull).stream())
            .findFirst();
    if (parent.isEmpty() || !download(parent.get(), manifest)) {
      return Optional.empty();
    }
    ProgramLog.say("Storing only what has changed since the backup %s.", parent.get().name());
    return parent;
  }

  /** The newest backup of a lineage, unless it is the turn of a full one. */
  static Optional<BackupRecord> next(ArchivedLineage lineage, int perFull) {
    return lineage.backups().stream()
        .reduce((first, second) -> second)
        .filter(
            newest -> !lineage.chain(newest).isEmpty() && lineage.chain(newest).size() <= perFull);
  }

  private boolean download(BackupRecord parent, Path manifest) throws IOException {
    String key = ArchiveLayout.manifest(lineage.instanceId(), lineage.lineage(), parent.name());
    try (InputStream stored = store.open(key).orElse(InputStream.nullInputStream())) {
      Files.copy(new GZIPInputStream(stored), manifest, StandardCopyOption.REPLACE_EXISTING);
      BackupManifest.read(manifest, entry -> {});
      return true;
    } catch (StoreException e) {
      throw e;
    } catch (IOException e) {
      ProgramLog.say("Making a full backup, because %s is not usable: %s", key, e.getMessage());
      Files.deleteIfExists(manifest);
      return false;
    }
  }
}
