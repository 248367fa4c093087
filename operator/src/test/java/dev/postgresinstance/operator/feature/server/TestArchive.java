package dev.postgresinstance.operator.feature.server;

import dev.postgresinstance.operator.archive.ArchiveJson;
import dev.postgresinstance.operator.archive.ArchiveLayout;
import dev.postgresinstance.operator.archive.ArchiveRecord;
import dev.postgresinstance.operator.archive.BackupRecord;
import dev.postgresinstance.operator.archive.LineageRecord;
import dev.postgresinstance.operator.archive.Lsn;
import dev.postgresinstance.operator.archive.ProgressRecord;
import dev.postgresinstance.operator.archive.WalSegment;
import dev.postgresinstance.operator.archive.program.base.BackupFiles;
import dev.postgresinstance.operator.archive.program.base.BackupManifest;
import dev.postgresinstance.operator.archive.program.base.TarReader;
import dev.postgresinstance.operator.archive.store.folder.FolderStore;
import dev.postgresinstance.operator.common.TextResource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/** The archive of a real server, in a folder. */
final class TestArchive implements AutoCloseable {

  static final String INSTANCE_ID = "77aa0001-source";
  static final String FIRST = "20261128-030000";
  static final String SECOND = "20261128-040000";

  /** Incremental to the second one; part of the archive only {@link #withIncrementalBackups}. */
  static final String THIRD = "20261128-050000";

  /** Incremental to the third one. */
  static final String FOURTH = "20261128-060000";

  private static final int SEGMENT_SIZE = 16 << 20;

  /** Folder of records that are no part of the archive. */
  private static final String HIDDEN = "hidden/";

  private final Path folder;
  private final FolderStore store;
  private final Map<String, String> marks;
  private final String lineage;

  private TestArchive(Path folder, Map<String, String> marks) {
    this.folder = folder;
    this.store = new FolderStore(folder);
    this.marks = marks;
    this.lineage =
        "%s-%08X-20261128t020000z"
            .formatted(mark("systemIdentifier"), Integer.parseInt(mark("timeline")));
  }

  /** Fills the database of a server, and archives it. */
  static TestArchive of(TestServer server) {
    try {
      Path raw = newFolder();
      String script = TextResource.read(TestArchive.class, "archive.sh");
      server.exec(script);
      Path tar = raw.resolve("all.tar");
      Files.write(tar, server.read("tar -C /tmp/archive -cf - ."));
      if (new ProcessBuilder("tar", "-C", raw.toString(), "-xf", tar.toString())
              .inheritIO()
              .start()
              .waitFor()
          != 0) {
        throw new AssertionError("tar failed");
      }
      Map<String, String> marks;
      try (Stream<String> lines = Files.lines(raw.resolve("marks"))) {
        marks =
            lines
                .map(line -> line.split("=", 2))
                .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
      }
      TestArchive archive = new TestArchive(newFolder(), marks);
      archive.fill(raw);
      delete(raw);
      return archive;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static Path newFolder() throws IOException {
    Path base = Files.createDirectories(Path.of("target", "restore").toAbsolutePath());
    Path folder = Files.createTempDirectory(base, "archive");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    return folder;
  }

  private void fill(Path raw) throws IOException {
    put(
        ArchiveLayout.lineage(INSTANCE_ID, lineage),
        new LineageRecord(
            1,
            INSTANCE_ID,
            lineage,
            mark("systemIdentifier"),
            Integer.parseInt(mark("timeline")),
            SEGMENT_SIZE,
            Docker.MAJOR + ".0",
            null,
            time("startedAt"),
            "owner",
            "orders",
            "default",
            null,
            null));
    try (Stream<Path> files = Files.list(raw.resolve("wal"))) {
      for (Path file : files.toList()) {
        put(
            ArchiveLayout.wal(INSTANCE_ID, lineage, file.getFileName().toString()),
            zip(Files.readAllBytes(file)));
      }
    }
    addRecord(addBackup(raw, FIRST, null));
    addRecord(addBackup(raw, SECOND, null));
    if (Files.exists(raw.resolve(THIRD + ".tar"))) {
      put(HIDDEN + THIRD, addBackup(raw, THIRD, SECOND));
      put(HIDDEN + FOURTH, addBackup(raw, FOURTH, THIRD));
    }
    progress(lsn("endLsn"), time("endTime"));
  }

  private void addRecord(BackupRecord record) {
    put(ArchiveLayout.backupRecord(INSTANCE_ID, lineage, record.name()), record);
  }

  private BackupRecord addBackup(Path raw, String name, String parent) throws IOException {
    byte[] tar = Files.readAllBytes(raw.resolve(name + ".tar"));
    Path manifestFile = raw.resolve("backup_manifest");
    BackupFiles files = new BackupFiles(manifestFile);
    new TarReader(files).accept(tar, 0, tar.length);
    BackupManifest manifest = files.check();
    byte[] zipped = zip(tar);
    put(ArchiveLayout.base(INSTANCE_ID, lineage, name), zipped);
    put(ArchiveLayout.manifest(INSTANCE_ID, lineage, name), zip(Files.readAllBytes(manifestFile)));
    return new BackupRecord(
        1,
        name,
        INSTANCE_ID,
        lineage,
        Docker.MAJOR + ".0",
        time(name + ".startedAt"),
        time(name + ".stoppedAt"),
        manifest.startLsn(),
        manifest.stopLsn(),
        manifest.timeline(),
        tar.length,
        zipped.length,
        sha256(zipped),
        parent == null ? BackupRecord.FULL : BackupRecord.INCREMENTAL,
        parent);
  }

  /** Makes the incremental backups a part of the archive. */
  TestArchive withIncrementalBackups() {
    try {
      for (String name : List.of(THIRD, FOURTH)) {
        addRecord(ArchiveJson.read(store, HIDDEN + name, BackupRecord.class).orElseThrow());
      }
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Deletes the log that is older than a backup. */
  TestArchive withoutLogBefore(String backup) {
    try {
      BackupRecord record =
          ArchiveJson.read(
                  store,
                  ArchiveLayout.backupRecord(INSTANCE_ID, lineage, backup),
                  BackupRecord.class)
              .orElseThrow();
      String first =
          WalSegment.containing(record.startLsn(), record.timeline(), SEGMENT_SIZE).name();
      for (Path segment : segments()) {
        if (segment.getFileName().toString().compareTo(first) < 0) {
          Files.delete(segment);
        }
      }
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Replaces what the archive says about its end. */
  TestArchive progress(Lsn lsn, Instant time) {
    put(ArchiveLayout.progress(INSTANCE_ID, lineage), new ProgressRecord(1, lsn, time));
    return this;
  }

  /** Removes a backup. */
  TestArchive without(String backup) {
    try {
      store.delete(List.of(ArchiveLayout.backupRecord(INSTANCE_ID, lineage, backup)));
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A copy to damage. */
  TestArchive copy() {
    try {
      Path copy = newFolder();
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          Path target = copy.resolve(folder.relativize(file));
          Files.createDirectories(target.getParent());
          Files.copy(file, target);
        }
      }
      return new TestArchive(copy, marks);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void put(String key, ArchiveRecord content) {
    put(key, ArchiveJson.write(content));
  }

  private void put(String key, byte[] content) {
    try {
      store.put(key, content);
      Path file = store.file(key);
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
      // The container reads as another user than this one.
      for (Path up = file.getParent(); !up.equals(folder); up = up.getParent()) {
        Files.setPosixFilePermissions(up, PosixFilePermissions.fromString("rwxr-xr-x"));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Path folder() {
    return folder;
  }

  /** The names of the records of verifications of a backup. */
  List<String> verifications(String backup) {
    try (Stream<Path> files = Files.list(base(backup).getParent())) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith("verified-"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Lets the container that verifies this archive write its record. */
  TestArchive writable() {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isDirectory).toList()) {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxrwxrwx"));
      }
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The object of a file of the write-ahead log, such as {@code …03} or {@code …04.partial}. */
  Path wal(String name) {
    return store.file(ArchiveLayout.wal(INSTANCE_ID, lineage, name));
  }

  Path base(String backup) {
    return store.file(ArchiveLayout.base(INSTANCE_ID, lineage, backup));
  }

  /** The complete segments, in their order. */
  List<Path> segments() {
    try (Stream<Path> files = Files.list(wal("x").getParent())) {
      return files
          .filter(file -> file.getFileName().toString().matches("[0-9A-F]{24}\\.gz"))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String mark(String name) {
    return Objects.requireNonNull(marks.get(name), name);
  }

  Instant time(String name) {
    return Instant.parse(mark(name));
  }

  Lsn lsn(String name) {
    return Lsn.parse(mark(name));
  }

  static byte[] zip(byte[] content) throws IOException {
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(zipped)) {
      out.write(content);
    }
    return zipped.toByteArray();
  }

  private static String sha256(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  @Override
  public void close() {
    try {
      delete(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
