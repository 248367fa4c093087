package dev.postgresinstance.tests.faults;

import dev.postgresinstance.operator.Main;
import dev.postgresinstance.operator.OperatorConfig;
import dev.postgresinstance.operator.management.LogConfiguration;
import dev.postgresinstance.tests.faults.Effects.Fault;
import io.fabric8.kubernetes.client.Config;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;

/**
 * The operator as a program that ends at one of its effects, or does not hear of it. It is told
 * which by its input, a fault and a number in a line, and tells of each effect by its output.
 */
public final class CrashingOperator {

  /** Its exit code then. */
  static final int HALTED = 99;

  private CrashingOperator() {}

  /** Starts to serve; from then on it does as it is told. */
  public static void main(String[] arguments) throws IOException, SQLException {
    LogConfiguration.choose("INFO", "text");
    Effects effects = new Effects(CrashingOperator::say);
    effects.countStatements();
    Main.start(
        OperatorConfig.fromEnvironment(System.getenv()),
        Config.autoConfigure(null),
        http -> http.addOrReplaceInterceptor("effects", effects),
        CrashingOperator::end);
    say("serving now");
    try (BufferedReader input =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String line = input.readLine(); line != null; line = input.readLine()) {
        String[] words = line.split(" ", 2);
        effects.plan(Fault.valueOf(words[0]), Integer.parseInt(words[1]));
        say("planned " + line);
      }
    }
    Runtime.getRuntime().halt(0); // whoever has started it is gone
  }

  private static void end(String why) {
    say("ends: " + why);
    Runtime.getRuntime().halt(1);
  }

  private static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }
}
