package dev.postgresinstance.tests.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Checks links, make targets, the list of decisions and quoted files in the documentation. */
@Order(0)
class DocsTest {

  private static final Path TOP = Path.of("..");
  private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)");
  private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.+)$");
  private static final Pattern TARGET =
      Pattern.compile("\\bmake (?:-s )?([a-z0-9]+(?:-[a-z0-9]+)*)");
  private static final Pattern CODE = Pattern.compile("(?s)```sh\\n(.*?)```|`([^`\\n]+)`");

  @ParameterizedTest
  @MethodSource("pages")
  void linksPointToExistingFilesAndHeadings(Path page) {
    links(page)
        .forEach(
            link -> {
              var parts = link.split("#", 2);
              var target = parts[0].isEmpty() ? page : page.resolveSibling(parts[0]);
              assertThat(target).as(link).exists();
              if (parts.length == 2) {
                assertThat(anchors(target)).as(link).contains(parts[1]);
              }
            });
  }

  @ParameterizedTest
  @MethodSource("pages")
  void mentionedMakeTargetsExist(Path page) {
    var makefile = text(TOP.resolve("Makefile"));

    targets(page).forEach(target -> assertThat(makefile).contains("\n" + target + ":"));
  }

  @Test
  void pagesWithLinksAndMakeTargetsAreFound() {
    assertThat(pages())
        .contains(TOP.resolve("./README.md"), TOP.resolve("docs/decisions/README.md"))
        .hasSizeGreaterThan(25);
    assertThat(pages().stream().flatMap(DocsTest::links))
        .hasSizeGreaterThan(50)
        .anyMatch(link -> link.contains("#"));
    assertThat(pages().stream().flatMap(DocsTest::targets).distinct()).hasSizeGreaterThan(5);
  }

  @Test
  void allDecisionsAreListed() {
    var folder = TOP.resolve("docs/decisions");
    var list = text(folder.resolve("README.md"));

    assertThat(files(folder))
        .filteredOn(file -> !file.endsWith("README.md"))
        .isNotEmpty()
        .allSatisfy(file -> assertThat(list).contains("(" + file.getFileName() + ")"));
  }

  @Test
  void gitOpsPageQuotesTheExampleFiles() {
    var page = text(TOP.resolve("docs/gitops.md"));
    var example = TOP.resolve("examples/gitops");

    assertThat(page)
        .contains(from("  healthChecks:", example.resolve("flux/kustomization.yaml")))
        .contains(from("  annotations:", example.resolve("shop/namespace.yaml")))
        .contains(from("nameReference:", example.resolve("password/name-reference.yaml")));
  }

  static List<Path> pages() {
    return Stream.concat(
            Stream.of(".", "docs", "docs/decisions", "helm/postgres-instance-operator")
                .map(TOP::resolve),
            folders(TOP.resolve("examples")).stream())
        .flatMap(folder -> files(folder).stream())
        .filter(file -> file.toString().endsWith(".md"))
        .toList();
  }

  /** The targets of the links in a page that point to a file or a heading of this repository. */
  private static Stream<String> links(Path page) {
    return LINK.matcher(text(page))
        .results()
        .map(link -> link.group(1))
        .filter(link -> !link.startsWith("https://"));
  }

  /** The make targets that the code in a page uses. */
  private static Stream<String> targets(Path page) {
    return CODE.matcher(text(page))
        .results()
        .map(MatchResult::group)
        .flatMap(code -> TARGET.matcher(code).results())
        .map(target -> target.group(1));
  }

  private static List<String> anchors(Path page) {
    return HEADING
        .matcher(text(page))
        .results()
        .map(heading -> heading.group(1).toLowerCase(Locale.ROOT))
        .map(heading -> heading.replaceAll("[^a-z0-9 _-]", "").replace(' ', '-'))
        .toList();
  }

  private static String from(String line, Path file) {
    var text = text(file);
    return text.substring(text.indexOf(line));
  }

  private static List<Path> folders(Path top) {
    try (var all = Files.walk(top)) {
      return all.filter(Files::isDirectory).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Path> files(Path folder) {
    try (var files = Files.list(folder)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
