package dev.postgresinstance.operator.archive.program.base;

import dev.postgresinstance.operator.archive.program.base.BackupManifest.Entry;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The files in the tar file of a backup: their sizes and checksums, which are compared with the
 * manifest at the end. About 150 bytes of memory for each file.
 */
public final class BackupFiles implements TarReader.Content {

  private static final String MANIFEST = "backup_manifest";

  /** pg_verifybackup ignores these, too: they are not in the manifest. */
  private static final String WAL = "pg_wal/";

  private static final String TABLESPACES = "pg_tblspc/";

  private record Sum(long size, int crc) {}

  private final Path manifest;
  private final Map<String, Sum> files = new HashMap<>();
  private final CRC32C crc = new CRC32C();
  private String name = "";
  private char type;
  private long size;
  private long total;
  private Optional<OutputStream> manifestOut = Optional.empty();
  private boolean manifestComplete;

  /**
   * No files yet.
   *
   * @param manifest the file into which the manifest is copied
   */
  public BackupFiles(Path manifest) {
    this.manifest = manifest;
  }

  /** The sum of the sizes of all files. */
  public long total() {
    return total;
  }

  @Override
  public void entry(String entry, char entryType, long entrySize) throws IOException {
    name = entry.startsWith("./") ? entry.substring(2) : entry;
    type = entryType;
    size = entrySize;
    crc.reset();
    if (type == TarReader.LINK && name.startsWith(TABLESPACES)) {
      throw new IOException("the server has a tablespace outside of its data directory, " + name);
    }
    if (type == TarReader.FILE && name.equals(MANIFEST)) {
      manifestOut = Optional.of(Files.newOutputStream(manifest));
    }
  }

  @Override
  public void data(byte[] buffer, int offset, int length) throws IOException {
    if (manifestOut.isPresent()) {
      manifestOut.get().write(buffer, offset, length);
    } else {
      crc.update(buffer, offset, length);
    }
  }

  @Override
  public void endOfEntry() throws IOException {
    if (type != TarReader.FILE) {
      return;
    }
    if (manifestOut.isPresent()) {
      manifestOut.get().close();
      manifestOut = Optional.empty();
      manifestComplete = true;
      return;
    }
    total += size;
    files.put(name, new Sum(size, (int) crc.getValue()));
  }

  /**
   * Compares all files with the manifest. A checksum of another kind than CRC32C, PostgreSQL's
   * default, is not compared: it would have to be known before the file is read.
   *
   * @throws IOException when a file is missing, differs, or is too many
   */
  public BackupManifest check() throws IOException {
    if (!manifestComplete) {
      throw new IOException("the backup has no manifest");
    }
    BackupManifest read = BackupManifest.read(manifest, this::check);
    for (String left : files.keySet()) {
      if (!left.startsWith(WAL)) {
        throw new IOException(left + " is in the backup, but not in its manifest");
      }
    }
    return read;
  }

  private void check(Entry expected) throws IOException {
    Sum actual = files.remove(expected.path());
    if (actual == null) {
      throw new IOException(expected.path() + " is missing in the backup");
    }
    if (actual.size() != expected.size()) {
      throw new IOException(
          "%s has %d bytes instead of %d"
              .formatted(expected.path(), actual.size(), expected.size()));
    }
    switch (expected.algorithm()) {
      case "CRC32C" -> {
        if (!hex(actual.crc()).equalsIgnoreCase(expected.checksum())) {
          throw new IOException(expected.path() + " does not match its checksum");
        }
      }
      case "NONE", "SHA224", "SHA256", "SHA384", "SHA512" -> {
        // Only the size is compared.
      }
      default ->
          throw new IOException("the manifest has unknown checksums, " + expected.algorithm());
    }
  }

  /** The bytes of the number in the memory of the server, which is little-endian. */
  private static String hex(int value) {
    return HexFormat.of().toHexDigits(Integer.reverseBytes(value));
  }
}
