package dev.postgresinstance.operator;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A file of the operator's main code. */
record SourceFile(Path path, String withoutComments) {

  private static final Path SOURCES = Path.of("src/main/java");

  /** Literals come first, because a comment marker inside a literal starts no comment. */
  private static final Pattern TEXT_OR_COMMENT =
      Pattern.compile(
          "(?s)(?<text>\"\"\".*?[^\\\\]\"\"\"|\"(?:\\\\.|[^\"\\\\\n])*\"|'(?:\\\\.|[^'\\\\\n])+')"
              + "|//[^\n]*|/\\*.*?\\*/");

  /** All source files of the operator. */
  static List<SourceFile> all() throws IOException {
    try (Stream<Path> files = Files.walk(SOURCES)) {
      List<SourceFile> sources = new ArrayList<>();
      for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
        sources.add(new SourceFile(file, withoutComments(Files.readString(file))));
      }
      return sources;
    }
  }

  /** Removes comments but keeps every line break. */
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

  /** The folder below the source root: one per package. */
  String packageFolder() {
    return SOURCES.relativize(path).getParent().toString();
  }

  /** Number of lines that are neither blank, nor a comment, nor an import. */
  long lines() {
    return withoutComments
        .lines()
        .filter(line -> !line.isBlank() && !line.startsWith("import "))
        .count();
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
