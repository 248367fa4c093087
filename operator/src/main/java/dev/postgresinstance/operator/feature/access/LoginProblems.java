package dev.postgresinstance.operator.feature.access;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceSpec;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.data.UserConsent;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.PodState;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.reconcile.InstanceStatus.Observation;
import dev.postgresinstance.operator.report.Conditions;
import dev.postgresinstance.operator.report.Problem;
import dev.postgresinstance.operator.sql.LoginResult;
import dev.postgresinstance.operator.sql.LoginResult.LoggedIn;
import dev.postgresinstance.operator.sql.LoginResult.LoginRejected;
import io.fabric8.kubernetes.api.model.Condition;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;

/** What is to be said of logins that the server refuses. */
public final class LoginProblems {

  /** So long a Service may take to lead to a pod that has become ready. */
  private static final Duration KNOWN = Duration.ofSeconds(10);

  /** A server that has nothing to recover answers sooner. */
  private static final Duration STARTED = Duration.ofSeconds(5);

  /** All that there is to say for some seconds, in one status and not in one for each of them. */
  public static final Problem STARTING = new Problem(Reason.STARTING, "The server is starting.");

  private LoginProblems() {}

  /** Why the last login did not succeed; empty when it did, or still counts. */
  public static Optional<Problem> of(Observation observation, Instant now) {
    return switch (observation.login()) {
      case LoggedIn in -> Optional.empty();
      case LoginResult.Pending pending when stillHolds(observation.snapshot()) -> Optional.empty();
      case LoginResult.Pending pending -> Optional.of(STARTING);
      case LoginRejected refused when refused.notYet() ->
          recovering(observation.snapshot(), refused, now).or(() -> Optional.of(STARTING));
      case LoginRejected refused -> Optional.of(of(observation.snapshot().instance(), refused));
      case LoginResult.Unreachable unreachable ->
          unreachable(observation, unreachable.message(), now);
    };
  }

  /** Why the role of the published credentials does not get in, and what to do. */
  static Problem of(PostgresInstance instance, LoginRejected refused) {
    PostgresInstanceSpec spec = instance.getSpec();
    String role = quoted(spec.username());
    String words = "%s (SQLSTATE %s). ".formatted(refused.message(), refused.sqlState());
    if (refused.wrongPassword()) {
      return new Problem(
          Reason.LOGIN_REFUSED,
          "The server refuses the password of Secret %s, and is about to get it: %s"
              .formatted(Names.appSecret(instance), words.strip()));
    }
    if (refused.noDatabase()) {
      return new Problem(
          Reason.DATABASE_MISSING,
          "%sIt is not made anew unasked. To have an empty one: kubectl annotate pgi %s %s=\"$(date)\" --overwrite"
              .formatted(words, instance.getMetadata().getName(), UserConsent.RECREATE_DATABASE));
    }
    if (refused.tooManyConnections()) {
      return new Problem(
          Reason.TOO_MANY_CONNECTIONS,
          words
              + "End sessions that are not needed, raise spec.parameters.max_connections, or raise"
              + " the role's limit: "
              + psql(instance, "ALTER ROLE %s CONNECTION LIMIT -1".formatted(role)));
    }
    return new Problem(
        Reason.LOGIN_REFUSED,
        "The server refuses the login as %s, and not because of its password: %sSomebody has set that; this may undo it: %s"
            .formatted(spec.username(), words, psql(instance, remedy(spec, refused.sqlState()))));
  }

  private static String remedy(PostgresInstanceSpec spec, String sqlState) {
    String role = quoted(spec.username());
    String database = quoted(spec.database());
    return switch (sqlState) {
      case "28000" -> "ALTER ROLE %s LOGIN".formatted(role);
      case "42501" -> "GRANT CONNECT ON DATABASE %s TO %s".formatted(database, role);
      case "55000" -> "ALTER DATABASE %s ALLOW_CONNECTIONS true".formatted(database);
      default -> "ALTER ROLE %s RESET ALL".formatted(role);
    };
  }

  /** That the operator itself is kept out; the application may get in. */
  public static Optional<Problem> lockedOut(Observation observation) {
    PostgresInstance instance = observation.snapshot().instance();
    return observation
        .login()
        .findings()
        .lockedOut()
        .map(
            words ->
                new Problem(
                    Reason.OPERATOR_LOCKED_OUT,
                    "The server does not let the operator's own role %s do its work: %s. Until then no change is put in force. The role is set right by the next start: kubectl annotate pgi %s %s=\"$(date)\" --overwrite"
                        .formatted(
                            Names.OPERATOR_ROLE,
                            words,
                            instance.getMetadata().getName(),
                            Labels.RESTART)));
  }

  /** Whether the published password is the role's, as far as that is known. */
  public static void addCredentialsInSync(
      Conditions conditions, Observation observation, Optional<Problem> down) {
    PostgresInstance instance = observation.snapshot().instance();
    Optional<Condition> before = instance.condition(ConditionType.CREDENTIALS_IN_SYNC);
    switch (observation.login()) {
      case LoggedIn in ->
          conditions.add(
              ConditionType.CREDENTIALS_IN_SYNC,
              true,
              Reason.PROVEN,
              "The password of Secret %s logs in.".formatted(Names.appSecret(instance)));
      case LoginRejected refused when refused.wrongPassword() ->
          conditions.add(
              ConditionType.CREDENTIALS_IN_SYNC,
              false,
              Reason.LOGIN_REFUSED,
              of(instance, refused).message());
      // Refused before there was a look at the password.
      case LoginRejected refused when before.isPresent() && refused.tooManyConnections() ->
          conditions.keep(before.get());
      case LoginRejected refused when !refused.notYet() && !refused.tooManyConnections() ->
          conditions.add(
              ConditionType.CREDENTIALS_IN_SYNC,
              true,
              Reason.PROVEN,
              "The server accepts the password of Secret %s, and refuses the login for another reason."
                  .formatted(Names.appSecret(instance)));
      case LoginResult.Pending pending when before.isPresent() && down.isEmpty() ->
          conditions.keep(before.get());
      default ->
          conditions.addUnknown(
              ConditionType.CREDENTIALS_IN_SYNC,
              down.map(Problem::reason).orElse(Reason.STARTING),
              "No login can tell now.");
    }
  }

  /** A command for people who may exec into the pod. */
  static String psql(PostgresInstance instance, String sql) {
    return "kubectl exec %s -- psql -U postgres -c '%s'"
        .formatted(Names.pod(instance), sql.replace("'", "'\\''"));
  }

  /** A name as SQL has it. */
  static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  /**
   * A new process of the operator has not logged in yet: what the one before it proved of this
   * server holds for the moment, or each instance would seem to fail at each upgrade.
   */
  private static boolean stillHolds(Snapshot snapshot) {
    return Optional.ofNullable(snapshot.instance().getStatus())
            .filter(status -> Conditions.isTrue(status, ConditionType.AVAILABLE))
            .isPresent()
        && (started(snapshot) || isProvenOf(snapshot));
  }

  /** A login succeeds before the first probe does: then it was to the container that runs now. */
  private static boolean isProvenOf(Snapshot snapshot) {
    Optional<Instant> since =
        snapshot
            .instance()
            .condition(ConditionType.AVAILABLE)
            .map(available -> Instant.parse(available.getLastTransitionTime()));
    return running(snapshot)
        .anyMatch(start -> since.filter(time -> !time.isBefore(start)).isPresent());
  }

  /** When the server's container was started, if it runs. */
  private static Stream<Instant> running(Snapshot snapshot) {
    return snapshot.pod().stream().flatMap(PodState::running);
  }

  private static Optional<Problem> unreachable(Observation observation, String why, Instant now) {
    if (isNew(observation.snapshot(), now)) {
      return starting("The server has started; the Service is about to lead to it.");
    }
    return started(observation.snapshot())
        ? Optional.of(
            new Problem(
                Reason.OPERATOR_CANNOT_CONNECT,
                "The operator cannot connect through the Service: %s. The pod itself says that its server %s connections."
                    .formatted(
                        why,
                        observation.snapshot().pod().filter(PodState::ready).isPresent()
                            ? "accepts"
                            : "does not accept")))
        : Optional.of(STARTING);
  }

  /** A server that was shut down properly takes logins at once. */
  private static Optional<Problem> recovering(
      Snapshot snapshot, LoginRejected refused, Instant now) {
    return running(snapshot)
        .filter(since -> refused.recovers() || since.plus(STARTED).isBefore(now))
        .findFirst()
        .map(
            since ->
                new Problem(
                    Reason.RECOVERING,
                    "The server was not shut down properly and replays its write-ahead log%s: %s. That can take as long as the last max_wal_size of changes took; a restart begins it anew."
                        .formatted(duration(since, now), refused.message())));
  }

  /** So coarsely that the status is not written again and again. */
  private static String duration(Instant since, Instant now) {
    long minutes = Duration.between(since, now).toMinutes();
    return minutes == 0
        ? ", its container runs since %s".formatted(since)
        : ", its container runs since %s, for %d minutes by now".formatted(since, minutes);
  }

  /** Every node has to learn of a server that has just started, or become ready. */
  private static boolean isNew(Snapshot snapshot, Instant now) {
    Optional<Instant> ready = snapshot.pod().flatMap(pod -> PodState.trueSince(pod, "Ready"));
    return Stream.concat(running(snapshot), ready.stream())
        .anyMatch(time -> time.plus(KNOWN).isAfter(now));
  }

  private static boolean started(Snapshot snapshot) {
    return snapshot.pod().filter(PodState::started).isPresent();
  }

  private static Optional<Problem> starting(String message) {
    return Optional.of(new Problem(Reason.STARTING, message));
  }
}
