package dev.postgresinstance.operator.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ProblemTest {

  /** One problem of each rank and reason. */
  private static final List<Problem> ALL =
      Arrays.stream(Rank.values())
          .flatMap(rank -> Arrays.stream(Reason.values()).map(reason -> problem(rank, reason)))
          .toList();

  @ParameterizedTest(name = "{0} {1} before {2} {3}")
  @CsvSource({
    // The urgency decides, whatever the rank: a person is needed, a problem, progress.
    "SPEC, CONFLICT, STOPPED, CREATING",
    "SERVER_DOWN, DATA_CORRUPT, STOPPED, API_ERROR",
    "SERVER_DOWN, DATA_MISSING, EXTERNAL_ACCESS, NODE_PORT_UNAVAILABLE",
    "EXTERNAL_ACCESS, NODE_PORT_UNAVAILABLE, SERVER_DOWN, STARTING",
    "EXTERNAL_ACCESS, NODE_PORT_UNAVAILABLE, SERVER_DOWN, CREATING",
    "OPERATOR_LOCKED_OUT, OPERATOR_LOCKED_OUT, SERVER_DOWN, CRASHING",
    "SPEC, PARAMETER_REFUSED, SERVER_DOWN, CRASHING",
    // The rank decides among problems of one urgency.
    "STOPPED, CONFLICT, SERVER_DOWN, DATA_CORRUPT",
    "SERVER_DOWN, DATA_MISSING, SPEC, PARAMETER_REFUSED",
    "SERVER_DOWN, IMAGE_UNAVAILABLE, EXTERNAL_ACCESS, NODE_PORT_UNAVAILABLE",
    "SERVER_DOWN, STARTING, SPEC, CONFIGURING",
    "SPEC, PARAMETER_REFUSED, OPERATOR_LOCKED_OUT, OPERATOR_LOCKED_OUT",
    "EXTERNAL_ACCESS, LOAD_BALANCER_PENDING, UNCONFIRMED, CONFIGURING",
    "UNCONFIRMED, CRASHING, NOTE, COLLATION_VERSION_MISMATCH",
    // Otherwise equal: the order of the reasons.
    "SERVER_DOWN, CREATING, SERVER_DOWN, STARTING",
    "SPEC, QUOTA_EXCEEDED, SPEC, MISSING_RIGHT",
    "SPEC, PARAMETER_REFUSED, SPEC, CONFLICT"
  })
  void decidesWhichOfTwoProblemsIsMoreSevere(
      Rank moreSevereRank, Reason moreSevere, Rank lessSevereRank, Reason lessSevere) {
    // Given
    Problem first = problem(moreSevereRank, moreSevere);
    Problem second = problem(lessSevereRank, lessSevere);

    // Then
    assertThat(Problem.worst(List.of(first, second))).contains(first);
    assertThat(Problem.worst(List.of(second, first))).contains(first);
  }

  @Test
  void comparesUrgencyBeforeRank() {
    for (Problem one : ALL) {
      for (Problem other : ALL) {
        int urgency = Integer.compare(urgency(one), urgency(other));
        if (urgency != 0) {
          assertThat(compare(one, other)).isEqualTo(urgency);
        } else if (one.rank() != other.rank()) {
          assertThat(compare(one, other)).isEqualTo(sign(one.rank().compareTo(other.rank())));
        }
      }
    }
  }

  private static int urgency(Problem problem) {
    return switch (problem.reason().severity()) {
      case ACTION_REQUIRED -> 0;
      case WARNING -> 1;
      case PROGRESSING, NORMAL -> 2;
    };
  }

  @Test
  void leavesNoTwoProblemsUndecided() {
    for (Problem one : ALL) {
      for (Problem other : ALL) {
        assertThat(compare(one, other)).isEqualTo(-compare(other, one));
        assertThat(compare(one, other) == 0).isEqualTo(one.equals(other));
      }
    }
  }

  @Test
  void sortsProblemsTheSameWayInWhateverOrderTheyWereFound() {
    // Given
    List<Problem> sorted = ALL.stream().sorted(Problem.MOST_SEVERE_FIRST).toList();
    List<Problem> shuffled = new ArrayList<>(ALL);

    for (int seed = 0; seed < 20; seed++) {
      // When
      Collections.shuffle(shuffled, new Random(seed));

      // Then
      assertThat(shuffled.stream().sorted(Problem.MOST_SEVERE_FIRST).toList()).isEqualTo(sorted);
      assertThat(Problem.worst(shuffled)).contains(sorted.getFirst());
    }
  }

  @Test
  void hasNoWorstOfNone() {
    assertThat(Problem.worst(List.of())).isEqualTo(Optional.empty());
  }

  @ParameterizedTest
  @CsvSource({
    "READY, CONFLICT, SPEC",
    "AVAILABLE, CRASHING, SERVER_DOWN",
    "CREDENTIALS_IN_SYNC, PASSWORD_SECRET_INVALID, SPEC",
    "EXTERNAL_ACCESS_READY, LOAD_BALANCER_PENDING, EXTERNAL_ACCESS",
    "STORAGE_READY, DISK_FULL, SPEC",
    "STORAGE_READY, NEARLY_FULL, NOTE",
    "STORAGE_READY, RESIZING, NOTE",
    "PENDING_RESTART, RESTART_REQUIRED, NOTE",
    "DATA_AT_RISK, UNSAFE_PARAMETERS, NOTE",
    "OTHER_SUPERUSERS, SUPERUSERS_FOUND, NOTE"
  })
  void takesRankFromCondition(ConditionType condition, Reason reason, Rank rank) {
    assertThat(new Problem(condition, reason, "because").rank()).isEqualTo(rank);
  }

  @ParameterizedTest
  @EnumSource
  void preventsReadyUnlessItIsANote(Rank rank) {
    assertThat(problem(rank, Reason.CONFLICT).preventsReady()).isEqualTo(rank != Rank.NOTE);
  }

  @Test
  void changesOnlyTheRank() {
    // Given
    Problem problem = new Problem(ConditionType.STORAGE_READY, Reason.DISK_FULL, "because");

    // When
    Problem ranked = problem.ranked(Rank.STOPPED);

    // Then
    assertThat(ranked)
        .isEqualTo(
            new Problem(ConditionType.STORAGE_READY, Rank.STOPPED, Reason.DISK_FULL, "because"));
  }

  private static int compare(Problem one, Problem other) {
    return sign(Problem.MOST_SEVERE_FIRST.compare(one, other));
  }

  private static int sign(int comparison) {
    return Integer.signum(comparison);
  }

  private static Problem problem(Rank rank, Reason reason) {
    return new Problem(reason, "because").ranked(rank);
  }
}
