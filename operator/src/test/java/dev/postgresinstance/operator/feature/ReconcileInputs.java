package dev.postgresinstance.operator.feature;

import dev.postgresinstance.operator.feature.ReconcileInput.ClusterQueries;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.report.Rejection;
import dev.postgresinstance.operator.sql.LoginResult;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Inputs of features at {@link Pods#NOW}, in a cluster in which no other instance holds a node port
 * and all caches are current.
 */
public final class ReconcileInputs {

  private static final ClusterQueries CLUSTER =
      cluster(Set.of(), new Rejection(0, ""), List.of(), "");

  private static ClusterQueries cluster(
      Set<String> rejected, Rejection rejection, List<Secret> secrets, String log) {
    return new ClusterQueries() {
      @Override
      public Optional<Service> holderOfNodePort(int port) {
        return Optional.empty();
      }

      @Override
      public <T extends HasMetadata> Optional<Rejection> rejection(T desired, Optional<T> actual) {
        return rejected.contains(desired.getMetadata().getName())
            ? Optional.of(rejection)
            : Optional.empty();
      }

      @Override
      public Optional<Secret> secret(String namespace, String name) {
        return secrets.stream()
            .filter(secret -> secret.getMetadata().getNamespace().equals(namespace))
            .filter(secret -> secret.getMetadata().getName().equals(name))
            .findFirst();
      }

      @Override
      public boolean isCurrent(Secret secret) {
        return true;
      }

      @Override
      public String log(Pod pod, String container) {
        return log;
      }
    };
  }

  private ReconcileInputs() {}

  /** The same input in a cluster whose API server rejects the objects of these names. */
  public static ReconcileInput rejecting(
      ReconcileInput input, Rejection rejection, String... names) {
    return new ReconcileInput(
        input.atStart(),
        input.snapshot(),
        input.login(),
        input.passwords(),
        cluster(Set.of(names), rejection, List.of(), ""),
        input.now());
  }

  /** The same input in a cluster with these Secrets of users. */
  public static ReconcileInput withSecrets(ReconcileInput input, Secret... secrets) {
    return new ReconcileInput(
        input.atStart(),
        input.snapshot(),
        input.login(),
        input.passwords(),
        cluster(Set.of(), new Rejection(0, ""), List.of(secrets), ""),
        input.now());
  }

  /** The same input in a cluster in which each container has written this log. */
  public static ReconcileInput withLog(ReconcileInput input, String log) {
    return new ReconcileInput(
        input.atStart(),
        input.snapshot(),
        input.login(),
        input.passwords(),
        cluster(Set.of(), new Rejection(0, ""), List.of(), log),
        input.now());
  }

  /** The input while nothing is known of the server. */
  public static ReconcileInput of(Snapshot snapshot) {
    return of(snapshot, new LoginResult.Pending());
  }

  /** The input after that login, before anything is written. */
  public static ReconcileInput of(Snapshot snapshot, LoginResult login) {
    return of(snapshot, snapshot, login, new NewPasswords());
  }

  /** The input after that login at another time. */
  public static ReconcileInput at(Instant now, Snapshot snapshot, LoginResult login) {
    return new ReconcileInput(snapshot, snapshot, login, new NewPasswords(), CLUSTER, now);
  }

  /** The input after some objects were written. */
  public static ReconcileInput of(
      Snapshot atStart, Snapshot snapshot, LoginResult login, NewPasswords passwords) {
    return new ReconcileInput(atStart, snapshot, login, passwords, CLUSTER, Pods.NOW);
  }
}
