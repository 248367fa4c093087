package dev.postgresinstance.tests.scale;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Ways to run the operator's JVM, each of which differs in one thing from the one of the image.
 * They take turns, so that what this machine does beside is shared among them.
 */
final class Runtimes {

  private static final Map<String, List<String>> CHOICES = new LinkedHashMap<>();

  static {
    choice("as in the image");
    choice("collector G1", "-XX:-UseSerialGC", "-XX:+UseG1GC");
    choice("all compilers", "-XX:TieredStopAtLevel=4");
    choice("no compact object headers", "-XX:-UseCompactObjectHeaders");
    choice("no archive of shared classes", "-Xshare:off");
    choice("heap of 64 MiB", "-Xmx64m");
    choice("heap of 192 MiB", "-Xmx192m");
    choice("room for new objects of 24 MiB", "-Xmn24m", "-Xms32m");
  }

  private static void choice(String name, String... options) {
    CHOICES.put(name, List.of(options));
  }

  private final Map<String, List<Result>> results = new LinkedHashMap<>();

  /**
   * What came of one of them.
   *
   * @param checked seconds until all instances are checked
   * @param resident MiB
   * @param processor thousandths of one
   */
  record Result(double checked, double resident, double processor) {}

  /** What is done with the options of one of them. */
  @FunctionalInterface
  interface Trial {
    Result of(List<String> options) throws InterruptedException;
  }

  /** Tries them all, so many times, and prints. */
  void compare(int rounds, Trial trial) throws InterruptedException {
    for (int round = 0; round < rounds; round++) {
      for (Map.Entry<String, List<String>> choice : CHOICES.entrySet()) {
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

  private static void line(Object... words) {
    System.out.printf("%-32s %-24s %-24s %s%n", words);
  }
}
