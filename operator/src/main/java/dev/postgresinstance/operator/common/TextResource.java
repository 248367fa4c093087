package dev.postgresinstance.operator.common;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Text files that are packaged beside the classes that use them. */
public final class TextResource {

  private TextResource() {}

  /**
   * Reads a file in UTF-8.
   *
   * @param beside the class in whose package the file is
   * @param name file name without a folder
   */
  public static String read(Class<?> beside, String name) {
    try (InputStream stream = beside.getResourceAsStream(name)) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
