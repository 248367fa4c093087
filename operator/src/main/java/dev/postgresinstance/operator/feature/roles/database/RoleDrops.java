package dev.postgresinstance.operator.feature.roles.database;

import dev.postgresinstance.operator.feature.roles.database.RoleServer.Failure;
import dev.postgresinstance.operator.feature.roles.ownership.FormerOwners;
import dev.postgresinstance.operator.feature.roles.statement.RoleStatements;
import dev.postgresinstance.operator.sql.SqlState;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Drops the roles whose PostgresRole is gone; nothing that they own goes with them. */
final class RoleDrops {

  private final RolesRequest wanted;
  private final FormerOwners owners;
  private final RoleServer server;
  private final RoleWriter writer;
  private final Map<String, KeptRole> kept = new TreeMap<>();

  RoleDrops(RolesRequest wanted, FormerOwners owners, RoleServer server, RoleWriter writer) {
    this.wanted = wanted;
    this.owners = owners;
    this.server = server;
    this.writer = writer;
  }

  /** Drops the role if that is due. */
  void dropIfDue(RoleState state) {
    if (!isDue(state)) {
      return;
    }
    // On its own: the role stays closed when it cannot be dropped.
    Optional<Failure> open =
        state.login() ? writer.write(RoleStatements.close(state.name())) : Optional.empty();
    open.or(() -> writer.write(RoleStatements.drop(state.name())))
        .ifPresentOrElse(
            why -> keep(state, why), () -> server.log("Dropped the role " + state.name()));
  }

  private boolean isDue(RoleState state) {
    return wanted.roles().stream().noneMatch(role -> role.name().equals(state.name()))
        && state
            .marker()
            .filter(marker -> marker.drop() && marker.instance().equals(wanted.instance()))
            .filter(owners::isGone)
            .isPresent();
  }

  private void keep(RoleState state, Failure why) {
    if (SqlState.DEPENDENT_OBJECTS.is(why.sqlState())) {
      kept.put(state.name(), new KeptRole(true, why.detail()));
    } else if (!why.equals(RoleWriter.LATE)) {
      kept.put(state.name(), new KeptRole(false, why.message()));
    }
  }

  /** The roles that have to be dropped but are not, by name. */
  Map<String, KeptRole> kept() {
    return kept;
  }
}
