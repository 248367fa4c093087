package dev.postgresinstance.operator.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Collects the problems and notes of one reconciliation, in any order. */
public final class ProblemLog {

  private final List<Problem> problems = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  /** Adds a problem. */
  public void add(Problem problem) {
    problems.add(problem);
  }

  /** Adds a problem, if there is one. */
  public void add(Optional<Problem> problem) {
    problem.ifPresent(problems::add);
  }

  /** Adds several problems. */
  public void addAll(List<Problem> several) {
    problems.addAll(several);
  }

  /** Adds a sentence that a person should read although everything works. */
  public void note(Optional<String> sentence) {
    sentence.ifPresent(notes::add);
  }

  /** The problems so far. */
  public List<Problem> problems() {
    return List.copyOf(problems);
  }

  /** The notes so far. */
  public List<String> notes() {
    return List.copyOf(notes);
  }
}
