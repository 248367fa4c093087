package dev.postgresinstance.operator.feature.access;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.access.login.LoginRemedy;
import dev.postgresinstance.operator.feature.access.roles.SetRolesScript;
import dev.postgresinstance.operator.feature.data.UserConsent;
import dev.postgresinstance.operator.feature.tls.RequiredTls;
import dev.postgresinstance.operator.instance.KubectlCommand;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.report.Observation;
import dev.postgresinstance.operator.report.Problem;
import dev.postgresinstance.operator.report.Rank;
import dev.postgresinstance.operator.report.StatusBuilder;
import dev.postgresinstance.operator.sql.LoginResult;
import dev.postgresinstance.operator.sql.LoginResult.LoggedIn;
import dev.postgresinstance.operator.sql.LoginResult.LoginRejected;
import dev.postgresinstance.operator.sql.RejectionCause;
import dev.postgresinstance.operator.sql.SqlState;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.Optional;

/** Why a server rejects a login, and what to do. */
public final class LoginProblems {

  private LoginProblems() {}

  /** Why the role of the published credentials cannot log in. */
  public static Problem rejected(Snapshot snapshot, LoginRejected rejected) {
    PostgresInstance instance = snapshot.instance();
    LoginRemedy remedy = new LoginRemedy(snapshot);
    String message = "%s (SQLSTATE %s)".formatted(rejected.message(), rejected.sqlState());
    if (rejected.isWrongPassword()) {
      return new Problem(
          Reason.LOGIN_REFUSED,
          "The server rejects the password of Secret %s: %s. %s"
              .formatted(Names.appSecret(instance), message, remedy.password(rejected)));
    }
    if (rejected.is(SqlState.NO_SUCH_DATABASE)) {
      return new Problem(
          Reason.DATABASE_MISSING,
          "%s. The operator does not recreate a dropped database by itself. To get an empty one: %s"
              .formatted(
                  message,
                  KubectlCommand.annotateWithDate(instance, UserConsent.RECREATE_DATABASE)));
    }
    if (rejected.is(SqlState.TOO_MANY_CONNECTIONS)) {
      return new Problem(
          Reason.TOO_MANY_CONNECTIONS, "%s. %s".formatted(message, remedy.endOfSessions(rejected)));
    }
    return new Problem(
        Reason.LOGIN_REFUSED,
        "The server rejects the login as %s, and not because of its password: %s. %s"
            .formatted(instance.getSpec().username(), message, remedy.otherThanPassword(rejected)));
  }

  /**
   * The operator's own role cannot log in or lacks privileges; applications may log in. The
   * operator restarts nothing by itself: it cannot know which sessions would end, see decision 18.
   */
  public static Optional<Problem> lockedOut(Observation observation) {
    PostgresInstance instance = observation.snapshot().instance();
    return observation
        .findings()
        .lockedOut()
        .filter(message -> !RequiredTls.isCauseOf(message, observation.snapshot()))
        .map(
            message ->
                new Problem(
                        Reason.OPERATOR_LOCKED_OUT,
                        "The operator's role %s cannot log in or do its work: %s. No change takes effect until this is repaired. One of these commands sets the roles again, the first without ending a session, the second by a restart:\n%s\n%s"
                            .formatted(
                                Names.OPERATOR_ROLE,
                                message,
                                SetRolesScript.command(instance),
                                KubectlCommand.annotateWithDate(instance, Labels.RESTART)))
                    .ranked(Rank.OPERATOR_LOCKED_OUT));
  }

  /** Sets the condition CredentialsInSync, as far as a login shows it. */
  static void report(Observation observation, StatusBuilder status) {
    PostgresInstance instance = observation.snapshot().instance();
    Optional<Condition> before = status.previous().condition(ConditionType.CREDENTIALS_IN_SYNC);
    switch (observation.login()) {
      case LoggedIn loggedIn -> reportLoggedIn(observation, status);
      case LoginRejected rejected when rejected.isWrongPassword() ->
          status.failed(
              ConditionType.CREDENTIALS_IN_SYNC, rejected(observation.snapshot(), rejected));
      // Rejected before the server checked the password.
      case LoginRejected rejected when before.isPresent() && isBeforePassword(rejected) ->
          status.keep(before.get());
      case LoginRejected rejected when !rejected.isNotReadyYet() && !isBeforePassword(rejected) ->
          status.condition(
              ConditionType.CREDENTIALS_IN_SYNC,
              true,
              Reason.PROVEN,
              "The server accepts the password of Secret %s and rejects the login for another reason."
                  .formatted(Names.appSecret(instance)));
      case LoginResult.Pending pending
          when status.down().isEmpty() && Credentials.isBeingReplaced(observation.snapshot()) ->
          status.unknown(
              ConditionType.CREDENTIALS_IN_SYNC, Reason.CONFIGURING, replacing(instance));
      case LoginResult.Pending pending when before.isPresent() && status.down().isEmpty() ->
          status.keep(before.get());
      default ->
          status.unknown(
              ConditionType.CREDENTIALS_IN_SYNC,
              status.down().map(Problem::reason).orElse(Reason.STARTING),
              "No login is possible now.");
    }
  }

  /** The login may have proven a password that its Secret does not hold. */
  private static void reportLoggedIn(Observation observation, StatusBuilder status) {
    PostgresInstance instance = observation.snapshot().instance();
    Optional<Problem> outOfSync = observation.worst(ConditionType.CREDENTIALS_IN_SYNC);
    if (outOfSync.isPresent()) {
      status.failed(ConditionType.CREDENTIALS_IN_SYNC, outOfSync.get());
    } else if (Credentials.isPublished(observation.snapshot())) {
      status.condition(
          ConditionType.CREDENTIALS_IN_SYNC,
          true,
          Reason.PROVEN,
          "A login with the password of Secret %s succeeded.".formatted(Names.appSecret(instance)));
    } else {
      status.unknown(ConditionType.CREDENTIALS_IN_SYNC, Reason.CONFIGURING, replacing(instance));
    }
  }

  private static String replacing(PostgresInstance instance) {
    return "The operator is setting a new password. Secret %s holds it after a login with it has succeeded."
        .formatted(Names.appSecret(instance));
  }

  /** Whether the server may reject the login without having checked the password. */
  private static boolean isBeforePassword(LoginRejected rejected) {
    return rejected.is(SqlState.TOO_MANY_CONNECTIONS)
        || RejectionCause.of(rejected) == RejectionCause.AUTHENTICATION_RULES;
  }
}
