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
 * The operator as a program with a planned fault: it halts before one of its effects, or loses the
 * response to it. Each input line plans a fault and the number of the effect; each effect is an
 * output line.
 */
public final class CrashingOperator {

  /** The exit code after a planned halt. */
  static final int HALTED = 99;

  private CrashingOperator() {}

  /** Starts the operator, then plans the faults from standard input. */
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
        String[] parts = line.split(" ", 2);
        effects.plan(Fault.valueOf(parts[0]), Integer.parseInt(parts[1]));
        say("planned " + line);
      }
    }
    Runtime.getRuntime().halt(0); // end of input: the process that started this one is gone
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
