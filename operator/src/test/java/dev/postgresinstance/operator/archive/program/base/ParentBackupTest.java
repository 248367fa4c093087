package dev.postgresinstance.operator.archive.program.base;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.archive.ArchiveLayout;
import dev.postgresinstance.operator.archive.ArchivedLineage;
import dev.postgresinstance.operator.archive.BackupRecord;
import dev.postgresinstance.operator.archive.TestArchive;
import dev.postgresinstance.operator.archive.store.StoreException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ParentBackupTest {

  private static final String MANIFEST =
      "{\"Files\":[],\"WAL-Ranges\":[{\"Timeline\":1,\"Start-LSN\":\"0/1\",\"End-LSN\":\"0/2\"}],\n";

  @TempDir Path folder;
  private TestArchive archive;

  @BeforeEach
  void begin() throws StoreException {
    archive = new TestArchive(Instant.parse("2026-11-01T00:00:00Z"));
  }

  @Test
  void incrementalBackupsFollowEachOtherUntilItIsTheTurnOfAFullOne() throws Exception {
    // Given
    assertThat(ParentBackup.next(lineage(), 2)).isEmpty();

    // Then
    BackupRecord full = archive.backup();
    assertThat(ParentBackup.next(lineage(), 2)).contains(full);
    BackupRecord first = archive.backup(full.name());
    assertThat(ParentBackup.next(lineage(), 2)).contains(first);
    BackupRecord second = archive.backup(first.name());
    assertThat(ParentBackup.next(lineage(), 2)).isEmpty();
    assertThat(ParentBackup.next(lineage(), 3)).contains(second);
  }

  @Test
  void aBackupWithoutItsOwnParentIsNoParent() throws Exception {
    // Given
    archive.backup();
    archive.backup("20200101-000000");

    // Then
    assertThat(ParentBackup.next(lineage(), 2)).isEmpty();
  }

  @Test
  void downloadsTheManifestOfTheParent() throws Exception {
    // Given
    BackupRecord full = archive.backup();
    putManifest(full, manifest());

    // Then
    assertThat(fetch("17.12")).contains(full);
    assertThat(file()).hasContent(manifest());
  }

  @ParameterizedTest
  @ValueSource(strings = {"15.20", "16.2", "9.6.24"})
  void versionsBefore17HaveNone(String version) throws Exception {
    // Given
    putManifest(archive.backup(), manifest());

    // Then
    assertThat(fetch(version)).isEmpty();
    assertThat(file()).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{}", MANIFEST})
  void damagedManifestIsNotUsed(String content) throws Exception {
    // Given
    putManifest(archive.backup(), content);

    // Then
    assertThat(fetch("17.12")).isEmpty();
    assertThat(file()).doesNotExist();
  }

  @Test
  void anOtherLineageHasNoParent() throws Exception {
    // Given
    putManifest(archive.backup(), manifest());
    archive.newLineage();

    // Then
    assertThat(fetch("17.12")).isEmpty();
  }

  private static String manifest() throws Exception {
    byte[] sum =
        MessageDigest.getInstance("SHA-256").digest(MANIFEST.getBytes(StandardCharsets.UTF_8));
    return MANIFEST + "\"Manifest-Checksum\": \"" + HexFormat.of().formatHex(sum) + "\"}\n";
  }

  private void putManifest(BackupRecord backup, String content) throws IOException {
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(zipped)) {
      out.write(content.getBytes(StandardCharsets.UTF_8));
    }
    archive
        .store()
        .put(
            ArchiveLayout.manifest(backup.instanceId(), backup.lineage(), backup.name()),
            zipped.toByteArray());
  }

  private Path file() {
    return folder.resolve("parent_manifest");
  }

  private Optional<BackupRecord> fetch(String version) throws IOException {
    return new ParentBackup(archive.store(), lineage().lineage(), 6).fetch(version, file());
  }

  private ArchivedLineage lineage() throws StoreException {
    return archive.catalogue().lineages().getLast();
  }
}
