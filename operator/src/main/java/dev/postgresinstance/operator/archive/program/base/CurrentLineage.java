package dev.postgresinstance.operator.archive.program.base;

import dev.postgresinstance.operator.archive.ArchiveJson;
import dev.postgresinstance.operator.archive.ArchiveLayout;
import dev.postgresinstance.operator.archive.LineageRecord;
import dev.postgresinstance.operator.archive.program.GuardSlot;
import dev.postgresinstance.operator.archive.program.ServerState;
import dev.postgresinstance.operator.archive.store.ObjectStore;
import dev.postgresinstance.operator.archive.store.StoreException;
import java.util.Optional;

/** Finds the lineage that is being shipped: that of a guard slot of the server. */
final class CurrentLineage {

  private CurrentLineage() {}

  /** The lineage; empty when the shipper has not begun one. */
  static Optional<LineageRecord> find(ServerState server, ObjectStore store, String instanceId)
      throws StoreException {
    for (GuardSlot slot : server.slots()) {
      String name = slot.lineage(server.systemIdentifier(), server.timeline());
      Optional<LineageRecord> stored =
          ArchiveJson.read(store, ArchiveLayout.lineage(instanceId, name), LineageRecord.class);
      if (slot.isUsable() && stored.isPresent()) {
        return stored;
      }
    }
    return Optional.empty();
  }
}
