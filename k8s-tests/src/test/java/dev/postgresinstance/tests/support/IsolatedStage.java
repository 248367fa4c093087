package dev.postgresinstance.tests.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The end of a test run, in which one class at a time uses the cluster. A file tells when it
 * begins: {@code make test} then starts the unit tests, for which the processors have time.
 */
final class IsolatedStage {

  private static final Path MARKER = Path.of("target", "isolated");

  private IsolatedStage() {}

  /** Creates the file, unless it exists. */
  static void begin() {
    try {
      Files.createDirectories(MARKER.getParent());
      Files.writeString(MARKER, "");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
