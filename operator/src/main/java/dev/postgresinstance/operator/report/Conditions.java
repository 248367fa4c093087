package dev.postgresinstance.operator.report;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.api.v1alpha1.Reason;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/** The list of conditions while it is made. */
public final class Conditions {

  private static final int MOST_WORDS = 2_000;

  private final PostgresInstance instance;
  private final String now;
  private final List<Condition> conditions = new ArrayList<>();

  public Conditions(PostgresInstance instance, Instant now) {
    this.instance = instance;
    this.now = now.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  /** Adds a condition; its time is that of the last change of its status. */
  public Conditions add(ConditionType type, boolean status, Reason reason, String message) {
    return add(type, status ? "True" : "False", reason, message);
  }

  /** Adds one of which nobody knows whether it is so. */
  public Conditions addUnknown(ConditionType type, Reason reason, String message) {
    return add(type, "Unknown", reason, message);
  }

  /** Leaves one as it was. */
  public Conditions keep(Condition before) {
    conditions.add(
        new ConditionBuilder(before)
            .withObservedGeneration(instance.getMetadata().getGeneration())
            .build());
    return this;
  }

  private Conditions add(ConditionType type, String word, Reason reason, String message) {
    conditions.add(
        new ConditionBuilder()
            .withType(type.type())
            .withStatus(word)
            .withReason(reason.word())
            .withMessage(brief(message))
            .withObservedGeneration(instance.getMetadata().getGeneration())
            .withLastTransitionTime(
                instance
                    .condition(type)
                    .filter(before -> before.getStatus().equals(word))
                    .map(Condition::getLastTransitionTime)
                    .orElse(now))
            .build());
    return this;
  }

  /** The API server takes more, but nobody reads it. */
  private static String brief(String message) {
    return message.length() <= MOST_WORDS ? message : message.substring(0, MOST_WORDS - 1) + "…";
  }

  public List<Condition> list() {
    return List.copyOf(conditions);
  }

  /** Whether a status says of that type that it is so. */
  public static boolean isTrue(PostgresInstanceStatus status, ConditionType type) {
    return status
        .condition(type)
        .filter(condition -> "True".equals(condition.getStatus()))
        .isPresent();
  }
}
