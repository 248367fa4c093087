package dev.postgresinstance.operator.archive.program.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postgresinstance.operator.archive.LineageRecord;
import dev.postgresinstance.operator.archive.Lsn;
import dev.postgresinstance.operator.archive.program.ProgramFailure;
import dev.postgresinstance.operator.archive.program.base.BackupUpload.Uploaded;
import dev.postgresinstance.operator.archive.store.InMemoryStore;
import dev.postgresinstance.operator.archive.store.StoreException;
import dev.postgresinstance.operator.archive.store.StoreException.Problem;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BackupUploadTest {

  private static final String FOLDER = "id/71-00000001-x/backups/20261128-030000/";
  private static final byte[] CONTENT = "content".getBytes(StandardCharsets.US_ASCII);

  @TempDir Path folder;
  private final InMemoryStore store = new InMemoryStore();

  @Test
  void storesTheTarFileAndItsManifest() throws Exception {
    BackupTar tar = BackupTar.complete();
    byte[] bytes = tar.end();

    Uploaded uploaded = upload(bytes);

    byte[] stored = store.get(FOLDER + "base.tar.gz").orElseThrow();
    assertThat(unzip(stored)).isEqualTo(bytes);
    assertThat(uploaded.sha256())
        .isEqualTo(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(stored)));
    byte[] manifest = store.get(FOLDER + "backup_manifest.gz").orElseThrow();
    assertThat(new String(unzip(manifest), StandardCharsets.UTF_8)).isEqualTo(tar.manifestText());
    assertThat(uploaded.storedSize()).isEqualTo(stored.length + manifest.length);
    assertThat(uploaded.size()).isEqualTo(512 + 12_000 + 5);
    assertThat(uploaded.manifest().startLsn()).isEqualTo(Lsn.parse("0/3000028"));
    assertThat(uploaded.manifest().stopLsn()).isEqualTo(Lsn.parse("0/5000100"));
    assertThat(uploaded.manifest().systemIdentifier()).contains("7123456789012345678");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 511, 512, 513, 100_000})
  void readsPiecesOfAnySize(int size) throws Exception {
    byte[] bytes = BackupTar.complete().binarySize("large", CONTENT).end();
    InputStream pieces =
        new ByteArrayInputStream(bytes) {
          @Override
          public int read(byte[] buffer, int offset, int length) {
            return super.read(buffer, offset, Math.min(length, size));
          }
        };

    assertThat(upload(pieces, () -> {}).size()).isEqualTo(512 + 12_000 + 5 + CONTENT.length);
  }

  @Test
  void everyTruncatedTarFileIsRefused() {
    byte[] bytes = BackupTar.complete().end();

    for (int length = 0; length < bytes.length - 1024; length += 97) {
      byte[] part = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> upload(part))
          .isInstanceOf(ProgramFailure.class)
          .hasMessage("The backup is not usable: the tar file of the backup is incomplete.");
    }
    assertThat(store.keys()).isEmpty();
  }

  @Test
  void everyChangedByteOfAFileIsFound() {
    byte[] bytes = BackupTar.complete().end();
    bytes[2 * 512 + 100] ^= 1;

    refuses(bytes, "base/1 does not match its checksum");
  }

  @Test
  void theFilesAreThoseOfTheManifest() {
    refuses(BackupTar.complete().unlisted("more", CONTENT).end(), "more is in the backup");
    refuses(BackupTar.complete().listed("less", CONTENT).end(), "less is missing in the backup");
    refuses(
        BackupTar.complete().unlisted("x", new byte[3]).listed("x", CONTENT).end(),
        "x has 3 bytes instead of 7");
  }

  @Test
  void filesOfTheWriteAheadLogAreNotInTheManifest() throws Exception {
    assertThat(upload(BackupTar.complete().unlisted("pg_wal/summary", CONTENT).end()).size())
        .isPositive();
  }

  @Test
  void aBackupWithoutManifestIsRefused() {
    refuses(BackupTar.complete().endWithoutManifest(), "the backup has no manifest");
  }

  @Test
  void aChangedManifestIsRefused() {
    byte[] bytes = BackupTar.complete().end();
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    String changed = text.replace("0/5000100", "0/5000200");

    refuses(changed.getBytes(StandardCharsets.ISO_8859_1), "does not match its own checksum");
  }

  @Test
  void aSecondTablespaceIsRefused() {
    refuses(
        BackupTar.complete().link("pg_tblspc/16385").end(),
        "the server has a tablespace outside of its data directory, pg_tblspc/16385");
  }

  @ParameterizedTest
  @ValueSource(strings = {"NONE", "SHA224", "SHA256", "SHA384", "SHA512"})
  void otherChecksumsAreNotCompared(String algorithm) throws Exception {
    assertThat(upload(BackupTar.complete().checksums(algorithm).end()).size()).isPositive();
  }

  @Test
  void unknownChecksumsAreRefused() {
    refuses(BackupTar.complete().checksums("MD4").end(), "unknown checksums, MD4");
  }

  @Test
  void theFailureOfPgBasebackupCountsAlsoAfterACompleteTarFile() {
    assertThatThrownBy(
            () ->
                upload(
                    new ByteArrayInputStream(BackupTar.complete().end()),
                    () -> {
                      throw new ProgramFailure("BaseBackupFailed", "no space");
                    }))
        .isInstanceOf(ProgramFailure.class)
        .hasMessage("no space");
    assertThat(store.keys()).isEmpty();
  }

  @Test
  void aFailureOfTheStoreIsReportedAsSuch() {
    store.fail(Problem.STORE_FULL);

    assertThatThrownBy(() -> upload(BackupTar.complete().end()))
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.problem()).isEqualTo(Problem.STORE_FULL));
  }

  private void refuses(byte[] tar, String message) {
    assertThatThrownBy(() -> upload(tar))
        .isInstanceOf(ProgramFailure.class)
        .hasMessageContaining(message);
    assertThat(store.keys()).isEmpty();
  }

  private Uploaded upload(byte[] tar) throws IOException, ProgramFailure {
    return upload(new ByteArrayInputStream(tar), () -> {});
  }

  private Uploaded upload(InputStream tar, VerifiedTar.Outcome outcome)
      throws IOException, ProgramFailure {
    LineageRecord lineage =
        new LineageRecord(
            1,
            "id",
            "71-00000001-x",
            "71",
            1,
            1 << 24,
            "17.6",
            new Lsn(0),
            Instant.EPOCH,
            "claim",
            "orders",
            "shop",
            null,
            null);
    return new BackupUpload(store, lineage, "20261128-030000", folder.resolve("manifest"))
        .run(tar, outcome);
  }

  private static byte[] unzip(byte[] content) throws IOException {
    return new GZIPInputStream(new ByteArrayInputStream(content)).readAllBytes();
  }
}
