package dev.postgresinstance.operator.archive;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;

import dev.postgresinstance.operator.archive.ArchivedLineage.UnfinishedBackup;
import dev.postgresinstance.operator.archive.ArchivedLineage.Verification;
import dev.postgresinstance.operator.archive.store.ObjectStore;
import dev.postgresinstance.operator.archive.store.ObjectStore.StoredObject;
import dev.postgresinstance.operator.archive.store.StoreException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What the archive of an instance contains.
 *
 * @param lineages in the order of their starts
 */
public record Catalogue(String instanceId, List<ArchivedLineage> lineages) {

  /** Reads the list of all objects and the content of all records. */
  public static Catalogue read(ObjectStore store, String instanceId) throws StoreException {
    List<ArchivedLineage> lineages = new ArrayList<>();
    for (String folder : store.folders(ArchiveLayout.instanceFolder(instanceId))) {
      // The record is written first and deleted last: without it, there is nothing to see.
      Optional<LineageRecord> lineage =
          ArchiveJson.read(store, ArchiveLayout.lineage(instanceId, folder), LineageRecord.class);
      if (lineage.isPresent()) {
        lineages.add(new Reader(store, instanceId, lineage.get()).read());
      }
    }
    lineages.sort(Comparator.comparing(lineage -> lineage.lineage().startedAt()));
    return new Catalogue(instanceId, List.copyOf(lineages));
  }

  /** Reads one lineage. */
  private static final class Reader {

    private final ObjectStore store;
    private final String instanceId;
    private final LineageRecord lineage;
    private final Set<WalSegment> complete = new HashSet<>();
    private final Set<WalSegment> partial = new HashSet<>();
    private final Set<WalPart> parts = new HashSet<>();
    private final List<String> histories = new ArrayList<>();
    private final List<BackupRecord> backups = new ArrayList<>();
    private final List<Verification> verifications = new ArrayList<>();
    private final List<UnfinishedBackup> unfinished = new ArrayList<>();

    Reader(ObjectStore store, String instanceId, LineageRecord lineage) {
      this.store = store;
      this.instanceId = instanceId;
      this.lineage = lineage;
    }

    ArchivedLineage read() throws StoreException {
      String name = lineage.lineage();
      // Progress first: what it promises is then in the list.
      Optional<ProgressRecord> progress =
          ArchiveJson.read(store, ArchiveLayout.progress(instanceId, name), ProgressRecord.class);
      String walFolder = ArchiveLayout.walFolder(instanceId, name);
      store.list(walFolder).forEach(file -> addWal(file.key().substring(walFolder.length())));
      String folder = ArchiveLayout.backups(instanceId, name);
      Map<String, List<StoredObject>> files =
          store.list(folder).stream()
              .collect(
                  groupingBy(
                      file -> file.key().substring(folder.length()).replaceAll("/.*", ""),
                      TreeMap::new,
                      toList()));
      for (Map.Entry<String, List<StoredObject>> backup : files.entrySet()) {
        addBackup(backup.getKey(), backup.getValue());
      }
      backups.sort(Comparator.comparing(BackupRecord::stoppedAt));
      return new ArchivedLineage(
          lineage,
          progress,
          List.copyOf(backups),
          List.copyOf(verifications),
          List.copyOf(unfinished),
          new WalFiles(complete, partial, parts),
          List.copyOf(histories));
    }

    private void addWal(String object) {
      if (!object.endsWith(ArchiveLayout.GZIP)) {
        return;
      }
      String file = withoutEnd(object, ArchiveLayout.GZIP);
      if (file.endsWith(ArchiveLayout.HISTORY)) {
        histories.add(file);
      } else if (file.endsWith(ArchiveLayout.PARTIAL)) {
        WalSegment.named(withoutEnd(file, ArchiveLayout.PARTIAL), lineage.walSegmentSize())
            .ifPresent(partial::add);
      } else {
        WalSegment.named(file, lineage.walSegmentSize()).ifPresent(complete::add);
        ArchiveLayout.part(file, lineage.walSegmentSize()).ifPresent(parts::add);
      }
    }

    private void addBackup(String name, List<StoredObject> files) throws StoreException {
      String key = ArchiveLayout.backupRecord(instanceId, lineage.lineage(), name);
      Optional<BackupRecord> backup = ArchiveJson.read(store, key, BackupRecord.class);
      if (backup.isPresent()) {
        backups.add(backup.get());
        files.forEach(file -> addVerification(backup.get(), file.key()));
        return;
      }
      Instant lastWritten =
          files.stream().map(StoredObject::lastModified).max(Instant::compareTo).orElseThrow();
      unfinished.add(
          new UnfinishedBackup(name, lastWritten, files.stream().map(StoredObject::key).toList()));
    }

    private void addVerification(BackupRecord backup, String key) {
      ArchiveLayout.verifiedAt(key)
          .map(time -> new Verification(backup, time, key))
          .ifPresent(verifications::add);
    }

    private static String withoutEnd(String text, String end) {
      return text.substring(0, text.length() - end.length());
    }
  }
}
