package dev.postgresinstance.tests.support;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A program on this machine. */
public final class Command {

  private Command() {}

  /** Starts it and does not wait; what it prints is not kept. */
  static Process start(String... words) {
    try {
      return new ProcessBuilder(words)
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException(List.of(words) + " cannot be run: " + e.getMessage(), e);
    }
  }

  /** Runs it to its end and gives what it printed; an exit code other than 0 is an error. */
  public static String run(String... words) {
    return runWith("", words);
  }

  /** The same with something to read. */
  static String runWith(String input, String... words) {
    try {
      Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
      try (OutputStream stdin = process.getOutputStream()) {
        stdin.write(input.getBytes(StandardCharsets.UTF_8));
      }
      String output =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      if (process.waitFor() != 0) {
        throw new IllegalStateException(List.of(words) + " failed: " + output);
      }
      return output;
    } catch (IOException e) {
      throw new UncheckedIOException(List.of(words) + " cannot be run: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while it ran: " + List.of(words), e);
    }
  }
}
