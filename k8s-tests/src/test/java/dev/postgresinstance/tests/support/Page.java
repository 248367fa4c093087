package dev.postgresinstance.tests.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** A page of the documentation, whose code a test runs as a reader does. */
public record Page(Path file) {

  /** The blocks of code of a language that contain a text, in the order of the page. */
  public List<String> code(String language, String text) {
    try {
      return Pattern.compile("(?s)```" + language + "\n(.*?)```")
          .matcher(Files.readString(file))
          .results()
          .map(block -> block.group(1))
          .filter(block -> block.contains(text))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
