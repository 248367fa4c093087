package dev.postgresinstance.tests.chart;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** The helm binary on this machine. */
record Helm(Path executable) {

  record Result(int exitCode, String stdout, String stderr) {
    String output() {
      return stdout + stderr;
    }
  }

  /**
   * Finds helm: PGI_HELM, which the Makefile sets, else the PATH, else the cache of `make tools`.
   */
  static Helm find() {
    var configured = System.getenv("PGI_HELM");
    var candidates =
        configured != null && !configured.isBlank()
            ? Stream.of(Path.of(configured))
            : Stream.concat(onPath(), inCache());
    return candidates
        .filter(Files::isRegularFile)
        .filter(Files::isExecutable)
        .findFirst()
        .map(Helm::new)
        .orElseThrow(
            () ->
                new AssertionError(
                    "helm not found: run `make tools`, set PGI_HELM, or add helm to the PATH."));
  }

  Result run(String... arguments) {
    var command = new ArrayList<>(List.of(executable.toString()));
    command.addAll(List.of(arguments));
    try {
      var errors = Files.createTempFile("helm", ".err");
      try {
        var process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
        process.getOutputStream().close();
        var stdout = new String(process.getInputStream().readAllBytes(), UTF_8);
        return new Result(process.waitFor(), stdout, Files.readString(errors));
      } finally {
        Files.delete(errors);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while helm ran", e);
    }
  }

  private static Stream<Path> onPath() {
    return Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
        .map(folder -> Path.of(folder, "helm"));
  }

  private static Stream<Path> inCache() {
    var cache = Path.of(System.getProperty("user.home"), ".cache", "postgres-instance");
    if (!Files.isDirectory(cache)) {
      return Stream.empty();
    }
    try (var found = Files.find(cache, 4, (path, file) -> path.endsWith("helm"))) {
      return found.toList().stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
