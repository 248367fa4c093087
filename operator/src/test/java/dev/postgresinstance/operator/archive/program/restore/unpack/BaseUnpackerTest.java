package dev.postgresinstance.operator.archive.program.restore.unpack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postgresinstance.operator.archive.program.ProgramFailure;
import dev.postgresinstance.operator.archive.program.base.BackupTar;
import dev.postgresinstance.operator.archive.program.restore.wal.StoreStream;
import dev.postgresinstance.operator.archive.program.restore.wal.TestWal;
import dev.postgresinstance.operator.archive.store.StoreException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BaseUnpackerTest {

  private static final byte[] SMALL = {'x'};

  @TempDir Path parent;
  private Path folder;
  private final AtomicLong unpacked = new AtomicLong();

  @BeforeEach
  void createFolder() throws IOException {
    folder = Files.createDirectory(parent.resolve("17.restore"));
  }

  @Test
  void unpacksFilesForTheirOwnerOnly() throws Exception {
    // Given
    Files.writeString(folder.resolve("PG_VERSION"), "left by the last attempt");
    String large = "x".repeat(200_000);
    BackupTar tar =
        new BackupTar()
            .file("backup_label", SMALL)
            .folder("pg_wal/")
            .folder("./pg_wal/archive_status/")
            .folder("base/")
            .folder("base/1")
            .file("base/1/1259", large.getBytes(StandardCharsets.UTF_8))
            .file("base/1/2", new byte[0])
            .file("PG_VERSION", new byte[] {'1', '7'});

    // When
    unpack(tar);

    // Then
    assertThat(folder.resolve("base/1/1259")).hasContent(large);
    assertThat(folder.resolve("base/1/2")).isEmptyFile();
    assertThat(folder.resolve("pg_wal/archive_status")).isDirectory();
    assertThat(folder.resolve("PG_VERSION")).hasContent("17");
    assertThat(folder.resolve("backup_manifest")).doesNotExist();
    assertThat(mode("base/1/1259")).isEqualTo("rw-------");
    assertThat(mode("base")).isEqualTo("rwx------");
    assertThat(unpacked.get()).isGreaterThan(200_000);
  }

  @ParameterizedTest
  @ValueSource(strings = {"../x", "base/../../x", "/etc/x", "base//x", "./../x", "base/./x", ".."})
  void noNameLeadsOutOfTheFolder(String name) {
    assertDamaged(() -> unpack(new BackupTar().folder("base").file(name, SMALL)), "forbidden name");
    assertDamaged(() -> unpack(new BackupTar().folder("base").folder(name)), "forbidden name");
    assertThat(parent).isDirectoryNotContaining("glob:**/x");
  }

  @Test
  void refusesLinks() {
    assertDamaged(
        () -> unpack(new BackupTar().folder("pg_tblspc").link("pg_tblspc/16400")), "tablespace");
    assertDamaged(
        () -> unpack(new BackupTar().link("base").file("base/x", SMALL)), "contains a link");
  }

  @Test
  void comparesWithTheManifest() {
    assertDamaged(() -> unpack(new BackupTar().unlisted("a", SMALL)), "not in its manifest");
    assertDamaged(() -> unpack(new BackupTar().listed("b", SMALL)), "b is missing in the backup");
    assertDamaged(
        () -> unpack(new BackupTar().listed("c", SMALL).unlisted("c", new byte[6])),
        "c has 6 bytes instead of 1");
    assertDamaged(
        () -> unpack(new BackupTar().listed("d", SMALL).unlisted("d", new byte[1])),
        "d does not match its checksum");
    assertDamaged(
        () -> unpack(new BackupTar().file("e", SMALL).unlisted("e", SMALL)), "the file twice");
    assertDamaged(() -> unpack(new BackupTar().file("f/g", SMALL)), "lacks the folder");
  }

  @Test
  void comparesTheChecksumOfTheObject() {
    byte[] zipped = TestWal.zip(new BackupTar().file("a", SMALL).end());

    assertDamaged(() -> unpack(zipped, "00".repeat(32)), "checksum of base.tar.gz is wrong");
  }

  @Test
  void everyChangedByteIsDamage() throws Exception {
    byte[] zipped = TestWal.zip(new BackupTar().folder("base").file("base/1", SMALL).end());
    for (int i = 0; i < zipped.length; i++) {
      byte[] changed = zipped.clone();
      changed[i] ^= 1;
      assertThatThrownBy(() -> unpack(changed, sha256(zipped)))
          .as("byte %d", i)
          .isInstanceOf(BaseUnpacker.DamagedException.class);
      Files.deleteIfExists(folder.resolve("base/1"));
    }
  }

  @Test
  void truncatedObjectIsDamage() {
    byte[] zipped = TestWal.zip(new BackupTar().file("a", SMALL).end());
    for (int length : new int[] {0, 5, zipped.length / 2, zipped.length - 1}) {
      byte[] part = Arrays.copyOf(zipped, length);

      assertThatThrownBy(() -> unpack(part, sha256(part)))
          .isInstanceOf(BaseUnpacker.DamagedException.class);
      folder.resolve("a").toFile().delete();
    }
  }

  @Test
  void tarWithoutItsEndOrItsManifestIsDamage() {
    byte[] tar = new BackupTar().file("a", SMALL).endWithoutManifest();
    byte[] withoutEnd = TestWal.zip(Arrays.copyOf(tar, tar.length - 1024));

    assertDamaged(() -> unpack(withoutEnd, sha256(withoutEnd)), "ends without its mark");
    folder.resolve("a").toFile().delete();
    assertDamaged(() -> unpack(TestWal.zip(tar), sha256(TestWal.zip(tar))), "no manifest");
  }

  @Test
  void failureOfTheStoreIsNoDamage() {
    byte[] zipped = TestWal.zip(new BackupTar().file("a", SMALL).end());
    InputStream broken =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("connection reset");
          }

          @Override
          public int read(byte[] target, int offset, int length) throws IOException {
            return read();
          }
        };
    InputStream begun =
        new SequenceInputStream(new ByteArrayInputStream(TestWal.firstHalf(zipped)), broken);

    assertThatThrownBy(() -> unpacker().unpack(new StoreStream(begun), "", bytes -> {}))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("connection reset");
  }

  @Test
  void failureOfTheVolumeIsNoDamage() throws Exception {
    Files.delete(folder);
    Files.writeString(folder, "no folder");

    assertThatThrownBy(() -> unpack(new BackupTar().file("a", SMALL)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("Not a directory");
  }

  @Test
  void endsWhenItsObserverFails() {
    byte[] zipped = TestWal.zip(new BackupTar().file("a", SMALL).end());

    assertThatThrownBy(
            () ->
                unpacker()
                    .unpack(
                        new ByteArrayInputStream(zipped),
                        sha256(zipped),
                        bytes -> {
                          throw new ProgramFailure("RestoreInterrupted", "The script has ended.");
                        }))
        .isInstanceOf(ProgramFailure.class);
  }

  private static void assertDamaged(ThrowingCallable action, String message) {
    assertThatThrownBy(action)
        .isInstanceOf(BaseUnpacker.DamagedException.class)
        .hasMessageContaining(message);
  }

  private String mode(String file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(file)));
  }

  private void unpack(BackupTar tar) throws Exception {
    byte[] zipped = TestWal.zip(tar.end());
    unpack(zipped, sha256(zipped));
  }

  private void unpack(byte[] zipped, String sha256) throws Exception {
    unpacker().unpack(new ByteArrayInputStream(zipped), sha256, unpacked::addAndGet);
  }

  private BaseUnpacker unpacker() {
    return new BaseUnpacker(folder, parent.resolve("manifest"));
  }

  private static String sha256(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
