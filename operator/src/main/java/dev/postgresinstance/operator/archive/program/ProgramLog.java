package dev.postgresinstance.operator.archive.program;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** The log of a program: plain lines with a time on the standard error stream. */
public final class ProgramLog {

  private ProgramLog() {}

  /** Writes a message in one line. */
  @SuppressWarnings("AnnotateFormatMethod") // The annotation would be a library at run time.
  public static void say(String format, Object... arguments) {
    String message = arguments.length == 0 ? format : format.formatted(arguments);
    System.err.println(
        Instant.now().truncatedTo(ChronoUnit.MILLIS) + " " + message.replaceAll("[\\r\\n]+", " "));
  }
}
