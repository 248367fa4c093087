package dev.postgresinstance.operator.reconcile;

import dev.postgresinstance.operator.children.ConfigurationPlan;
import dev.postgresinstance.operator.children.Credentials;
import dev.postgresinstance.operator.children.DataClaim;
import dev.postgresinstance.operator.children.Names;
import dev.postgresinstance.operator.children.SuperuserPassword;
import dev.postgresinstance.operator.children.World;
import dev.postgresinstance.operator.postgres.LoginRequest;
import dev.postgresinstance.operator.postgres.LoginRequest.Role;
import dev.postgresinstance.operator.postgres.SuperuserAccess;
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
  static Optional<LoginRequest> of(World world, boolean byNodePort, Instant now) {
    Optional<Pod> pod = world.pod().filter(p -> p.getMetadata().getDeletionTimestamp() == null);
    Optional<String> server = pod.flatMap(LoginRequests::runningContainer);
    Optional<String> password = Credentials.persistedPassword(world, now);
    Optional<Role> role =
        password.map(text -> new Role(world.instance().getSpec().username(), text));
    Optional<Role> operator =
        Credentials.persistedOperatorPassword(world)
            .map(text -> new Role(Names.OPERATOR_ROLE, text));
    Optional<String> host =
        byNodePort
            ? pod.map(p -> p.getStatus().getHostIP())
            : world.service().map(service -> service.getSpec().getClusterIP());
    Optional<Integer> port = byNodePort ? world.nodePort() : Optional.of(Names.PORT_NUMBER);
    if (Stream.of(server, role, operator, host, port).anyMatch(Optional::isEmpty)) {
      return Optional.empty();
    }
    return Optional.of(
        new LoginRequest(
            server.get(),
            host.get(),
            port.get(),
            world.instance().getSpec().database(),
            role.get(),
            operator.get(),
            world.paused() ? "" : ConfigurationPlan.expected(world),
            DataClaim.actualSize(world)
                .map(size -> size.getNumericalAmount().longValue())
                .orElse(0L),
            superuser(world),
            !world.paused() && Credentials.isUnpublished(world, password.get())));
  }

  private static SuperuserAccess superuser(World world) {
    if (world.paused()) {
      return new SuperuserAccess.AsItIs();
    }
    if (!world.superuserAccess()) {
      return new SuperuserAccess.Closed();
    }
    return SuperuserPassword.persisted(world)
        .<SuperuserAccess>map(
            text ->
                new SuperuserAccess.Open(
                    new Role(Names.SUPERUSER, text), SuperuserPassword.isUnpublished(world, text)))
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
