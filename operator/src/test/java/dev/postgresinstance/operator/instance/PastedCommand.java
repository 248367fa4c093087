package dev.postgresinstance.operator.instance;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A command of a message, as a shell reads it when a user pastes it. */
final class PastedCommand {

  private PastedCommand() {}

  /** The arguments that the command passes to kubectl; none may contain a line break. */
  static List<String> arguments(String command) throws IOException, InterruptedException {
    Process shell =
        new ProcessBuilder("sh", "-c", "kubectl() { printf '%s\\n' \"$@\"; }\n" + command)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String output = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (shell.waitFor() != 0) {
      throw new AssertionError("the shell rejects " + command);
    }
    return output.lines().toList();
  }
}
