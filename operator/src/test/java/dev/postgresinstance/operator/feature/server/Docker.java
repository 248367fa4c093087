package dev.postgresinstance.operator.feature.server;

import dev.postgresinstance.operator.feature.image.PostgresImages;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The docker command line, and the image of PostgreSQL that the tests run. */
final class Docker {

  private Docker() {}

  /** Exit code and output of a command, both streams. */
  record Result(int exitCode, String output) {}

  /** The image of the tests: {@code PGI_POSTGRES_IMAGE}, or the default image of the operator. */
  static final String IMAGE =
      System.getenv().getOrDefault("PGI_POSTGRES_IMAGE", PostgresImages.DEFAULT.of("17"));

  /** The major version of the image, from its tag. */
  static final String MAJOR = IMAGE.replaceFirst("^.*:(\\d+).*$", "$1");

  /** The PATH of the image, with the programs of PostgreSQL first. */
  static final String PATH =
      "/usr/lib/postgresql/" + MAJOR + "/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";

  /** Runs a command that must succeed, and returns its output. */
  static String run(String... arguments) {
    Result result = attempt(List.of(arguments));
    if (result.exitCode != 0) {
      throw new AssertionError(
          "docker %s failed: %s".formatted(String.join(" ", arguments), result.output));
    }
    return result.output;
  }

  static Result attempt(List<String> arguments) {
    try {
      Process process = start(arguments);
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Result(process.waitFor(), output.strip());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while docker ran", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts a command with its two output streams merged. */
  static Process start(List<String> arguments) {
    List<String> command = new ArrayList<>(List.of("docker"));
    command.addAll(arguments);
    try {
      return new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException e) {
      throw new AssertionError(
          "These tests run the start script in containers, and there is no docker command: "
              + e.getMessage(),
          e);
    }
  }

  /** Fails with a readable message if the tests cannot run on this machine. */
  static void makeSureOfImage() {
    Result daemon = attempt(List.of("version", "--format", "{{.Server.Version}}"));
    if (daemon.exitCode != 0) {
      throw new AssertionError(
          "These tests run the start script in containers, and docker does not answer: "
              + daemon.output);
    }
    if (attempt(List.of("image", "inspect", "--format", "{{.Id}}", IMAGE)).exitCode == 0) {
      return;
    }
    Result pull = attempt(List.of("pull", "--quiet", IMAGE));
    if (pull.exitCode != 0) {
      throw new AssertionError(
          "There is no image %s, and it cannot be pulled. Build it, or name another by PGI_POSTGRES_IMAGE. %s"
              .formatted(IMAGE, pull.output));
    }
  }
}
