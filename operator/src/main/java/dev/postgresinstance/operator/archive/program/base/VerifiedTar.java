package dev.postgresinstance.operator.archive.program.base;

import dev.postgresinstance.operator.archive.program.ProgramFailure;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/**
 * A tar file that is verified while it is read. Its end is only reached when everything is right:
 * otherwise reading fails, so that an upload of it fails as well.
 */
final class VerifiedTar extends FilterInputStream {

  /** Whether pg_basebackup has succeeded; waits until that is known. */
  @FunctionalInterface
  interface Outcome {
    void await() throws ProgramFailure;
  }

  private final BackupFiles files;
  private final TarReader tar;
  private final Outcome outcome;
  private Optional<BackupManifest> manifest = Optional.empty();
  private Optional<ProgramFailure> failure = Optional.empty();

  VerifiedTar(InputStream in, BackupFiles files, Outcome outcome) {
    super(in);
    this.files = files;
    this.tar = new TarReader(files);
    this.outcome = outcome;
  }

  /** The manifest of the backup, after the end was reached. */
  BackupManifest manifest() {
    return manifest.orElseThrow();
  }

  /** Why reading failed. */
  Optional<ProgramFailure> failure() {
    return failure;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int read = in.read(buffer, offset, length);
    try {
      if (read >= 0) {
        tar.accept(buffer, offset, read);
      } else if (manifest.isEmpty()) {
        verify();
      }
      return read;
    } catch (ProgramFailure e) {
      failure = Optional.of(e);
      throw new IOException(e);
    } catch (IOException e) {
      failure = Optional.of(new ProgramFailure("BackupDamaged", sentence(e)));
      throw e;
    }
  }

  private void verify() throws IOException, ProgramFailure {
    outcome.await(); // Its message is the cause of everything that is missing.
    if (!tar.isComplete()) {
      throw new IOException("the tar file of the backup is incomplete");
    }
    manifest = Optional.of(files.check());
  }

  private static String sentence(IOException e) {
    String message = String.valueOf(e.getMessage());
    return "The backup is not usable: " + message + ".";
  }
}
