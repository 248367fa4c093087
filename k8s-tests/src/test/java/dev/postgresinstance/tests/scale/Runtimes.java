package dev.postgresinstance.tests.scale;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Compares ways to run the operator's JVM, each of which differs from the image in one option. They
 * alternate, so that other load on the machine affects all of them.
 */
final class Runtimes {

  /** The reduced Java runtime of the image, and a complete JDK. */
  private static final String REDUCED_JRE = "/opt/java/bin/java";

  private static final String FULL_JDK = "/opt/jdk/bin/java";

  private static final Map<String, Choice> CHOICES = new LinkedHashMap<>();

  static {
    choice("as in the image", REDUCED_JRE);
    choice("collector G1", REDUCED_JRE, "-XX:-UseSerialGC", "-XX:+UseG1GC");
    choice("all compilers", REDUCED_JRE, "-XX:TieredStopAtLevel=4");
    choice("no compact object headers", REDUCED_JRE, "-XX:-UseCompactObjectHeaders");
    choice("no archive of shared classes", REDUCED_JRE, "-Xshare:off");
    choice("full JDK", FULL_JDK);
    choice("no string deduplication", REDUCED_JRE, "-XX:-UseStringDeduplication");
    choice("young generation of 24 MiB", REDUCED_JRE, "-Xmn24m", "-Xms32m");
  }

  private static void choice(String name, String java, String... options) {
    CHOICES.put(name, new Choice(java, List.of(options)));
  }

  /** The java command, and options in addition to those of the image. */
  record Choice(String java, List<String> options) {}

  private final Map<String, List<Result>> results = new LinkedHashMap<>();

  /**
   * The measurements of one choice.
   *
   * @param checked seconds until the operator has checked all instances
   * @param resident MiB
   * @param processor CPU usage in millicores
   */
  record Result(double checked, double resident, double processor) {}

  /** Measures one choice. */
  @FunctionalInterface
  interface Trial {
    Result of(Choice choice) throws InterruptedException;
  }

  /** Measures all choices in each round, then prints the results. */
  void compare(int rounds, Trial trial) throws InterruptedException {
    for (int round = 0; round < rounds; round++) {
      for (Map.Entry<String, Choice> choice : CHOICES.entrySet()) {
        Result result = trial.of(choice.getValue());
        results.computeIfAbsent(choice.getKey(), name -> new ArrayList<>()).add(result);
      }
    }
    line("", "all checked after, s", "resident, MiB", "processor/1000");
    results.forEach(
        (name, all) ->
            line(
                name,
                figures(all, Result::checked),
                figures(all, Result::resident),
                figures(all, Result::processor)));
  }

  private static Figures figures(List<Result> results, Function<Result, Double> figure) {
    return Figures.of(results.stream().map(figure));
  }

  private static void line(Object... columns) {
    System.out.printf("%-32s %-24s %-24s %s%n", columns);
  }
}
