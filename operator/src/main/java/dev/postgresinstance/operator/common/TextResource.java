package dev.postgresinstance.operator.common;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Reads text files that are packaged next to the classes that use them. */
public final class TextResource {

  private TextResource() {}

  /**
   * Reads a UTF-8 file.
   *
   * @param neighbor a class in the package that contains the file
   * @param name file name without a directory
   */
  public static String read(Class<?> neighbor, String name) {
    try (InputStream stream = neighbor.getResourceAsStream(name)) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
