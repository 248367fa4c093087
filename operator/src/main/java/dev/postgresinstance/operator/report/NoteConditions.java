package dev.postgresinstance.operator.report;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/**
 * The conditions that report what a person should know although the instance may be ready. They are
 * present only while they are True.
 */
public final class NoteConditions {

  /** All of them, in the order of the status. */
  public static final Set<ConditionType> ALL =
      Collections.unmodifiableSet(
          EnumSet.of(
              ConditionType.PENDING_RESTART,
              ConditionType.DATA_AT_RISK,
              ConditionType.OTHER_SUPERUSERS,
              ConditionType.RECENT_CRASH));

  private NoteConditions() {}
}
