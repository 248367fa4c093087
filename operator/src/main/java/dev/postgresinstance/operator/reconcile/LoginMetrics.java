package dev.postgresinstance.operator.reconcile;

import dev.postgresinstance.operator.feature.backup.ArchiveTask;
import dev.postgresinstance.operator.feature.storage.VolumeTask;
import dev.postgresinstance.operator.management.OperatorMetrics;
import dev.postgresinstance.operator.sql.ServerFindings;
import io.javaoperatorsdk.operator.processing.event.ResourceID;

/** The figures that a login finds, and that change too often for the status. */
final class LoginMetrics {

  private LoginMetrics() {}

  /** Records what was found in the server of an instance. */
  static void record(OperatorMetrics metrics, ResourceID instance, ServerFindings findings) {
    findings
        .get(VolumeTask.VOLUME_USE)
        .ifPresent(use -> metrics.volume(instance, use.used(), use.volume()));
    findings
        .get(ArchiveTask.ARCHIVE)
        .ifPresent(found -> metrics.archive(instance, found.isOpen(), found.recoverableUntil()));
  }
}
