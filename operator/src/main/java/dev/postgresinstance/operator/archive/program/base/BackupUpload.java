package dev.postgresinstance.operator.archive.program.base;

import dev.postgresinstance.operator.archive.ArchiveLayout;
import dev.postgresinstance.operator.archive.LineageRecord;
import dev.postgresinstance.operator.archive.program.ProgramFailure;
import dev.postgresinstance.operator.archive.program.received.GzipSource;
import dev.postgresinstance.operator.archive.store.ObjectStore;
import dev.postgresinstance.operator.archive.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** Uploads the files of one backup: everything but its record. */
final class BackupUpload {

  private final ObjectStore store;
  private final String base;
  private final String manifestKey;
  private final Path manifest;

  /** What was uploaded. */
  record Uploaded(BackupManifest manifest, long size, long storedSize, String sha256) {}

  /**
   * An upload.
   *
   * @param manifest a file for a copy of the manifest
   */
  BackupUpload(ObjectStore store, LineageRecord lineage, String backup, Path manifest) {
    this.store = store;
    this.base = ArchiveLayout.base(lineage.instanceId(), lineage.lineage(), backup);
    this.manifestKey = ArchiveLayout.manifest(lineage.instanceId(), lineage.lineage(), backup);
    this.manifest = manifest;
  }

  /**
   * Uploads a tar file and the manifest in it.
   *
   * @throws ProgramFailure when the tar file is incomplete or damaged; then the store has none of
   *     it
   */
  Uploaded run(InputStream pipe, VerifiedTar.Outcome outcome) throws IOException, ProgramFailure {
    BackupFiles files = new BackupFiles(manifest);
    VerifiedTar tar = new VerifiedTar(pipe, files, outcome);
    MessageDigest digest = sha256();
    long stored;
    try (InputStream compressed = new DigestInputStream(new GzipSource(tar), digest)) {
      stored = store.upload(base, compressed);
    } catch (IOException e) {
      if (tar.failure().isPresent()) {
        throw tar.failure().get();
      }
      throw e;
    }
    try (InputStream compressed = new GzipSource(Files.newInputStream(manifest))) {
      stored += store.upload(manifestKey, compressed);
    }
    return new Uploaded(
        tar.manifest(), files.total(), stored, HexFormat.of().formatHex(digest.digest()));
  }

  /** Deletes what was uploaded. */
  void discard() throws StoreException {
    store.delete(List.of(base, manifestKey));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256", e);
    }
  }
}
