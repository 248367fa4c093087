package dev.postgresinstance.operator.reconcile;

import dev.postgresinstance.operator.feature.Feature;
import dev.postgresinstance.operator.feature.ReconcileInput;
import dev.postgresinstance.operator.feature.access.CredentialRepair;
import dev.postgresinstance.operator.feature.access.Credentials;
import dev.postgresinstance.operator.feature.access.Publication;
import dev.postgresinstance.operator.feature.tls.PublishedTls;
import dev.postgresinstance.operator.instance.DatabaseContainer;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.sql.LoginRequest;
import dev.postgresinstance.operator.sql.Role;
import dev.postgresinstance.operator.sql.SessionTask;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Derives the login that proves that an instance works. */
final class LoginRequests {

  private LoginRequests() {}

  /**
   * The login through the Service; empty while no server runs, or no password is stored.
   *
   * @param features the features whose tasks run in the session
   * @param byNodePort whether the operator connects to a node port, because it runs outside the
   *     cluster, or to the cluster IP
   */
  static Optional<LoginRequest> of(
      ReconcileInput input, List<Feature> features, boolean byNodePort) {
    Snapshot snapshot = input.snapshot();
    Optional<Pod> pod = snapshot.activePod();
    Optional<String> server = pod.flatMap(DatabaseContainer::runningId);
    Publication publication = Publication.of(input);
    Optional<Role> role =
        publication
            .passwordToProve()
            .map(text -> new Role(snapshot.instance().getSpec().username(), text));
    Optional<Role> operator =
        Credentials.persistedOperatorPassword(snapshot)
            .map(text -> new Role(Names.OPERATOR_ROLE, text));
    Optional<String> host =
        byNodePort
            ? pod.map(p -> p.getStatus().getHostIP())
            : snapshot.get(ObjectKey.SERVICE).map(service -> service.getSpec().getClusterIP());
    Optional<Integer> port = byNodePort ? snapshot.nodePort() : Optional.of(Names.PORT_NUMBER);
    if (Stream.of(server, role, operator, host, port).anyMatch(Optional::isEmpty)) {
      return Optional.empty();
    }
    return Optional.of(
        new LoginRequest(
            server.get(),
            host.get(),
            port.get(),
            PublishedTls.ofOperator(snapshot),
            snapshot.instance().getSpec().database(),
            role.get(),
            operator.get(),
            new CredentialRepair(publication.mayBeSet()),
            features.stream()
                .<SessionTask<?>>flatMap(feature -> feature.sessionTasks(snapshot).stream())
                .toList()));
  }
}
