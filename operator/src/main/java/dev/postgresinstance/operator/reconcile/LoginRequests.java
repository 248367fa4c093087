package dev.postgresinstance.operator.reconcile;

import dev.postgresinstance.operator.feature.access.Credentials;
import dev.postgresinstance.operator.feature.access.SuperuserAccess;
import dev.postgresinstance.operator.feature.access.SuperuserPassword;
import dev.postgresinstance.operator.feature.configuration.ConfigurationPlan;
import dev.postgresinstance.operator.feature.storage.DataClaim;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.sql.LoginRequest;
import dev.postgresinstance.operator.sql.LoginRequest.Role;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;

/** Which login proves an instance. */
final class LoginRequests {

  private LoginRequests() {}

  /**
   * The login through the Service; none while no server runs, or no password is set.
   *
   * @param byNodePort whether the operator is outside the cluster
   * @param now decides whether a new password is due
   */
  static Optional<LoginRequest> of(Snapshot snapshot, boolean byNodePort, Instant now) {
    Optional<Pod> pod = snapshot.pod().filter(p -> p.getMetadata().getDeletionTimestamp() == null);
    Optional<String> server = pod.flatMap(LoginRequests::runningContainer);
    Optional<String> password = Credentials.persistedPassword(snapshot, now);
    Optional<Role> role =
        password.map(text -> new Role(snapshot.instance().getSpec().username(), text));
    Optional<Role> operator =
        Credentials.persistedOperatorPassword(snapshot)
            .map(text -> new Role(Names.OPERATOR_ROLE, text));
    Optional<String> host =
        byNodePort
            ? pod.map(p -> p.getStatus().getHostIP())
            : snapshot.service().map(service -> service.getSpec().getClusterIP());
    Optional<Integer> port = byNodePort ? snapshot.nodePort() : Optional.of(Names.PORT_NUMBER);
    if (Stream.of(server, role, operator, host, port).anyMatch(Optional::isEmpty)) {
      return Optional.empty();
    }
    return Optional.of(
        new LoginRequest(
            server.get(),
            host.get(),
            port.get(),
            snapshot.instance().getSpec().database(),
            role.get(),
            operator.get(),
            snapshot.paused() ? "" : ConfigurationPlan.expected(snapshot),
            DataClaim.actualSize(snapshot)
                .map(size -> size.getNumericalAmount().longValue())
                .orElse(0L),
            superuser(snapshot),
            !snapshot.paused() && Credentials.isUnpublished(snapshot, password.get())));
  }

  private static SuperuserAccess superuser(Snapshot snapshot) {
    if (snapshot.paused()) {
      return new SuperuserAccess.AsItIs();
    }
    if (!snapshot.superuserAccess()) {
      return new SuperuserAccess.Closed();
    }
    return SuperuserPassword.persisted(snapshot)
        .<SuperuserAccess>map(
            text ->
                new SuperuserAccess.Open(
                    new Role(Names.SUPERUSER, text),
                    SuperuserPassword.isUnpublished(snapshot, text)))
        .orElseGet(SuperuserAccess.AsItIs::new);
  }

  private static Optional<String> runningContainer(Pod pod) {
    return pod.getStatus().getContainerStatuses().stream()
        .filter(container -> container.getState() != null)
        .filter(container -> container.getState().getRunning() != null)
        .map(ContainerStatus::getContainerID)
        .findFirst();
  }
}
