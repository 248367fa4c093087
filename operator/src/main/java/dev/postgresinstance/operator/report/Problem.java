package dev.postgresinstance.operator.report;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Something that is not as it should be.
 *
 * @param condition the condition that reports it; other than {@code Ready}, it may do so in
 *     addition to {@code Ready}
 * @param rank which part of the instance it concerns
 * @param reason the word that programs compare with
 * @param message what is wrong, for which object, and what a person can do
 */
public record Problem(ConditionType condition, Rank rank, Reason reason, String message) {

  /**
   * The most severe problem first. A problem that a person must solve comes before one that may end
   * by itself, and both come before a change in progress: a server that is starting does not hide a
   * node port that is taken. Among problems of the same urgency, the rank decides. The order of the
   * reasons makes the comparison total.
   */
  public static final Comparator<Problem> MOST_SEVERE_FIRST =
      Comparator.<Problem, Boolean>comparing(problem -> !problem.reason().needsPerson())
          .thenComparing(problem -> !problem.reason().isProblem())
          .thenComparing(problem -> problem.rank)
          .thenComparing(problem -> problem.reason);

  /** A problem that has no condition of its own: a part of the spec is not in force. */
  public Problem(Reason reason, String message) {
    this(ConditionType.READY, reason, message);
  }

  /** A problem whose rank follows from the condition that reports it. */
  public Problem(ConditionType condition, Reason reason, String message) {
    this(condition, rank(condition, reason), reason, message);
  }

  /** Returns the same problem with another rank. */
  public Problem ranked(Rank next) {
    return new Problem(condition, next, reason, message);
  }

  /** Returns the same problem with a sentence before its message. */
  public Problem precededBy(String sentence) {
    return new Problem(condition, rank, reason, sentence + " " + message);
  }

  /** Returns the same problem with a sentence after its message. */
  public Problem followedBy(String sentence) {
    return new Problem(condition, rank, reason, message + " " + sentence);
  }

  /** The most severe of these problems; empty when there is none. */
  public static Optional<Problem> worst(List<Problem> problems) {
    return problems.stream().min(MOST_SEVERE_FIRST);
  }

  /** Whether the problem makes {@code Ready} false. */
  public boolean preventsReady() {
    return rank != Rank.NOTE;
  }

  private static Rank rank(ConditionType condition, Reason reason) {
    if (NoteConditions.ALL.contains(condition)) {
      return Rank.NOTE;
    }
    return switch (condition) {
      case AVAILABLE -> Rank.SERVER_DOWN;
      case EXTERNAL_ACCESS_READY -> Rank.EXTERNAL_ACCESS;
      // A volume that grows, or is nearly full, still works.
      case STORAGE_READY -> reason == Reason.DISK_FULL ? Rank.SPEC : Rank.NOTE;
      default -> Rank.SPEC;
    };
  }
}
