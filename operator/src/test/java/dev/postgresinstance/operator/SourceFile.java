package dev.postgresinstance.operator;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A source file of the operator, without its tests. */
record SourceFile(Path path, String withoutComments) {

  private static final Path SOURCES = Path.of("src/main/java");

  /** Text first: what looks like a comment in it is none. */
  private static final Pattern TEXT_OR_COMMENT =
      Pattern.compile(
          "(?s)(?<text>\"\"\".*?[^\\\\]\"\"\"|\"(?:\\\\.|[^\"\\\\\n])*\"|'(?:\\\\.|[^'\\\\\n])+')"
              + "|//[^\n]*|/\\*.*?\\*/");

  /** All there are. */
  static List<SourceFile> all() throws IOException {
    try (Stream<Path> files = Files.walk(SOURCES)) {
      List<SourceFile> sources = new ArrayList<>();
      for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
        sources.add(new SourceFile(file, withoutComments(Files.readString(file))));
      }
      return sources;
    }
  }

  /** That text with the same lines, but nothing where comments were. */
  static String withoutComments(String java) {
    return TEXT_OR_COMMENT
        .matcher(java)
        .replaceAll(
            found ->
                Matcher.quoteReplacement(
                    found.namedGroups().containsKey("text") && found.group("text") != null
                        ? found.group()
                        : found.group().replaceAll("[^\n]", "")));
  }

  String name() {
    return path.getFileName().toString();
  }

  /** Lines that are neither blank nor a comment. */
  long lines() {
    return lines(1, Long.MAX_VALUE);
  }

  /** As {@link #lines()}, of those between two, both included, counted from 1. */
  long lines(long first, long last) {
    return withoutComments
        .lines()
        .skip(first - 1)
        .limit(last - first + 1)
        .filter(line -> !line.isBlank())
        .count();
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
