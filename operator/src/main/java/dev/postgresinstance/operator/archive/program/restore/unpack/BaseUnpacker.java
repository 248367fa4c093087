package dev.postgresinstance.operator.archive.program.restore.unpack;

import dev.postgresinstance.operator.archive.program.ProgramFailure;
import dev.postgresinstance.operator.archive.program.base.BackupFiles;
import dev.postgresinstance.operator.archive.program.base.TarReader;
import dev.postgresinstance.operator.archive.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.zip.GZIPInputStream;

/**
 * Unpacks the files of a backup into an empty folder, and compares each of them with the manifest
 * of the backup.
 */
public final class BaseUnpacker {

  /**
   * The one file that may be in the folder before, so that the folder is known as one with data.
   */
  public static final String VERSION_FILE = "PG_VERSION";

  private static final int BUFFER = 1 << 16;

  private final UnpackedFiles unpacked;
  private final BackupFiles files;

  /**
   * An unpacker for one backup.
   *
   * @param folder that contains nothing but perhaps {@code PG_VERSION}
   * @param manifest the file into which the manifest is copied
   */
  public BaseUnpacker(Path folder, Path manifest) {
    this.files = new BackupFiles(manifest);
    this.unpacked = new UnpackedFiles(folder, files);
  }

  /** Follows the progress. */
  @FunctionalInterface
  public interface Observer {

    /**
     * Called again and again.
     *
     * @param bytes that were unpacked since the last call
     * @throws ProgramFailure to end the work
     */
    void unpacked(long bytes) throws ProgramFailure, IOException;
  }

  /** A backup in the archive that is not what its record and its manifest say. */
  public static final class DamagedException extends Exception {

    private static final long serialVersionUID = 1;

    DamagedException(String message) {
      super(message);
    }
  }

  /**
   * Unpacks all files.
   *
   * @param archive the compressed tar
   * @param sha256 of the compressed tar, as hexadecimal digits
   * @throws StoreException when the archive cannot be read
   * @throws IOException when the files cannot be written
   */
  public void unpack(InputStream archive, String sha256, Observer observer)
      throws DamagedException, ProgramFailure, IOException {
    DigestInputStream digested = new DigestInputStream(archive, sha256());
    InputStream content = unzip(digested);
    TarReader tar = new TarReader(unpacked);
    byte[] buffer = new byte[BUFFER];
    try {
      for (int read = read(content, buffer); read >= 0; read = read(content, buffer)) {
        accept(tar, buffer, read);
        observer.unpacked(read);
      }
    } finally {
      unpacked.close();
    }
    // What follows the end of the compressed content belongs to the checksum, too.
    while (read(digested, buffer) >= 0) {
      observer.unpacked(0);
    }
    String actual = HexFormat.of().formatHex(digested.getMessageDigest().digest());
    if (!actual.equalsIgnoreCase(sha256)) {
      throw new DamagedException("the checksum of base.tar.gz is wrong");
    }
    check(tar);
  }

  private void accept(TarReader tar, byte[] buffer, int length)
      throws DamagedException, IOException {
    try {
      tar.accept(buffer, 0, length);
    } catch (UnpackedFiles.VolumeException e) {
      throw e.failure();
    } catch (IOException e) {
      throw new DamagedException(e.getMessage());
    }
  }

  private void check(TarReader tar) throws DamagedException {
    if (!tar.isComplete()) {
      throw new DamagedException("the tar ends without its mark");
    }
    try {
      files.check();
    } catch (IOException e) {
      throw new DamagedException(e.getMessage());
    }
  }

  private static InputStream unzip(InputStream content) throws DamagedException, StoreException {
    try {
      return new GZIPInputStream(content, BUFFER);
    } catch (StoreException e) {
      throw e;
    } catch (IOException e) {
      throw new DamagedException(String.valueOf(e.getMessage()));
    }
  }

  private static int read(InputStream content, byte[] buffer)
      throws DamagedException, StoreException {
    try {
      return content.read(buffer);
    } catch (StoreException e) {
      throw e;
    } catch (IOException e) {
      throw new DamagedException(String.valueOf(e.getMessage()));
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256", e);
    }
  }
}
