package dev.postgresinstance.operator.feature.server.pod;

import dev.postgresinstance.operator.feature.data.OpenConsent;
import dev.postgresinstance.operator.feature.restore.Restore;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.report.Problem;

/**
 * Completes a refusal of the start script by the command that helps: the script does not know the
 * names of the objects that the command needs.
 */
public final class RefusalRemedies {

  private RefusalRemedies() {}

  /** The same problem, with the command where there is one. */
  public static Problem addTo(Problem problem, Snapshot snapshot) {
    return switch (problem.reason()) {
      case DATA_MISSING ->
          Restore.remedyForEmptyVolume(snapshot)
              .map(problem::followedBy)
              .orElse(problem)
              .followedBy(OpenConsent.remedyForEmptyVolume(snapshot));
      case VOLUME_ACCESS_DENIED -> problem.followedBy(OwnershipRemedy.of(snapshot));
      default -> problem;
    };
  }
}
