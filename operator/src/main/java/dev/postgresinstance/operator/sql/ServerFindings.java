package dev.postgresinstance.operator.sql;

import dev.postgresinstance.operator.feature.access.SuperuserFindings;
import dev.postgresinstance.operator.feature.configuration.ServerSettings;
import dev.postgresinstance.operator.feature.storage.VolumeUse;
import java.util.Optional;

/**
 * What the operator's own role has found out of a server.
 *
 * @param systemIdentifier of the data; empty when it could not ask
 * @param settings of the server; empty when it could not ask
 * @param volume how full it is; empty when it could not ask
 * @param superusers who they are; empty when it could not ask
 * @param lockedOut PostgreSQL's words, when it does not let the operator's role in, or not ask
 */
public record ServerFindings(
    Optional<String> systemIdentifier,
    Optional<ServerSettings> settings,
    Optional<VolumeUse> volume,
    Optional<SuperuserFindings> superusers,
    Optional<String> lockedOut) {

  /** Nothing was asked, or there was no answer. */
  public static final ServerFindings NONE =
      new ServerFindings(
          Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

  /**
   * Whether a checkpoint has to precede a restart. On a full volume it would crash the server, and
   * one that is told to stop while it recovers from that may never end.
   */
  public boolean needsCheckpoint() {
    return settings.filter(server -> !server.checkpointed()).isPresent()
        && volume.filter(VolumeUse::nearlyFull).isEmpty();
  }

  /** What it has found, and that it came no further. */
  ServerFindings lockedOut(String words) {
    return new ServerFindings(systemIdentifier, settings, volume, superusers, Optional.of(words));
  }
}
