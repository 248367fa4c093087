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

  /** The image's part of the JDK, and a whole one. */
  private static final String PART = "/opt/java/bin/java";

  private static final String WHOLE = "/opt/jdk/bin/java";

  private static final Map<String, Choice> CHOICES = new LinkedHashMap<>();

  static {
    choice("as in the image", PART);
    choice("collector G1", PART, "-XX:-UseSerialGC", "-XX:+UseG1GC");
    choice("all compilers", PART, "-XX:TieredStopAtLevel=4");
    choice("no compact object headers", PART, "-XX:-UseCompactObjectHeaders");
    choice("no archive of shared classes", PART, "-Xshare:off");
    choice("a whole JDK", WHOLE);
    choice("heap of 64 MiB", PART, "-Xmx64m");
    choice("heap of 192 MiB", PART, "-Xmx192m");
    choice("room for new objects of 24 MiB", PART, "-Xmn24m", "-Xms32m");
  }

  private static void choice(String name, String java, String... options) {
    CHOICES.put(name, new Choice(java, List.of(options)));
  }

  /** A command, and what it is given beside the options of the image. */
  record Choice(String java, List<String> options) {}

  private final Map<String, List<Result>> results = new LinkedHashMap<>();

  /**
   * What came of one of them.
   *
   * @param checked seconds until all instances are checked
   * @param resident MiB
   * @param processor thousandths of one
   */
  record Result(double checked, double resident, double processor) {}

  /** What is done with one of them. */
  @FunctionalInterface
  interface Trial {
    Result of(Choice choice) throws InterruptedException;
  }

  /** Tries them all, so many times, and prints. */
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

  private static void line(Object... words) {
    System.out.printf("%-32s %-24s %-24s %s%n", words);
  }
}
