package dev.postgresinstance.operator.feature.roles.database;

import dev.postgresinstance.operator.feature.roles.database.RoleOutcome.Expired;
import dev.postgresinstance.operator.feature.roles.database.RoleOutcome.LoginFailed;
import dev.postgresinstance.operator.feature.roles.database.RoleOutcome.PasswordAccepted;
import dev.postgresinstance.operator.feature.roles.database.RoleOutcome.PasswordRejected;
import dev.postgresinstance.operator.feature.roles.database.RoleOutcome.Refused;
import dev.postgresinstance.operator.feature.roles.database.RoleOutcome.Settled;
import dev.postgresinstance.operator.feature.roles.database.RoleOutcome.Waiting;
import dev.postgresinstance.operator.feature.roles.database.RoleServer.Failure;
import dev.postgresinstance.operator.feature.roles.ownership.RoleMarker;
import dev.postgresinstance.operator.feature.roles.statement.RoleStatements;
import dev.postgresinstance.operator.sql.LoginResult;
import dev.postgresinstance.operator.sql.LoginResult.LoggedIn;
import dev.postgresinstance.operator.sql.LoginResult.LoginRejected;
import dev.postgresinstance.operator.sql.LoginResult.Unreachable;
import dev.postgresinstance.operator.sql.Role;
import dev.postgresinstance.operator.sql.SqlState;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Proves the passwords of roles by logins, for only a superuser could read what PostgreSQL stores.
 * Where PostgreSQL rejects a password, sets the published one.
 */
final class RoleLogins {

  /** Afterwards no further login is tried: the session has 20 seconds for everything. */
  private static final Duration TIME = Duration.ofSeconds(8);

  private final Optional<RolesFindings> previous;
  private final RoleServer server;
  private final InstantSource clock;
  private final List<RoleRequest> known = new ArrayList<>();
  private final List<RoleRequest> unknown = new ArrayList<>();
  private final Map<String, RoleOutcome> outcomes = new HashMap<>();
  private final Map<String, String> corrections = new HashMap<>();
  private boolean complete = true;

  RoleLogins(Optional<RolesFindings> previous, RoleServer server, InstantSource clock) {
    this.previous = previous;
    this.server = server;
    this.clock = clock;
  }

  /** Adds a role of which nothing is left to do but its login. */
  void add(RoleRequest request, RoleState state) {
    if (!request.login()) {
      outcomes.put(request.uid(), new Settled());
    } else if (isExpired(request, state)) {
      outcomes.put(request.uid(), new Expired());
    } else if (request.credentials().isEmpty()) {
      outcomes.put(request.uid(), new Waiting("The password is not published yet."));
    } else if (isProven(request)) {
      known.add(request);
    } else {
      unknown.add(request);
    }
  }

  /** What the spec omits stays in a role that existed before. */
  private boolean isExpired(RoleRequest request, RoleState state) {
    boolean accepted = state.marker().filter(RoleMarker::accepted).isPresent();
    return request
        .validUntil()
        .or(() -> state.validUntil().filter(end -> accepted))
        .filter(end -> !end.isAfter(clock.instant()))
        .isPresent();
  }

  private boolean isProven(RoleRequest request) {
    return proof(request).isPresent();
  }

  /** What the last login found, if it has proven the password. */
  private Optional<RoleOutcome> proof(RoleRequest request) {
    return last(request)
        .filter(found -> found instanceof Settled || found instanceof PasswordAccepted);
  }

  private Optional<RoleOutcome> last(RoleRequest request) {
    return previous.flatMap(before -> before.login(request));
  }

  /** Tries the logins, first those that none has proven; returns the outcomes by uid. */
  Map<String, RoleOutcome> run() {
    Instant end = clock.instant().plus(TIME);
    Collections.shuffle(known); // where the time is too short, it is so for another one each time
    for (List<RoleRequest> requests : List.of(unknown, known)) {
      for (RoleRequest request : requests) {
        if (clock.instant().isBefore(end)) {
          outcomes.put(request.uid(), prove(request, request.credentials().orElseThrow()));
        } else {
          complete &= isProven(request); // it was, a while ago; the next time it is its turn
          outcomes.put(
              request.uid(),
              proof(request).orElse(new Waiting("The operator tries the login soon.")));
        }
      }
    }
    return outcomes;
  }

  /** Whether all logins were tried that no session has proven before. */
  boolean isComplete() {
    return complete;
  }

  /** What was found of passwords that somebody had changed, by uid. */
  Map<String, String> corrections() {
    return corrections;
  }

  private RoleOutcome prove(RoleRequest request, Role credentials) {
    LoginResult result = server.login(credentials);
    if (result instanceof LoginRejected rejected && rejected.isWrongPassword() && !isSet(request)) {
      Optional<Failure> failure = server.execute(RoleStatements.password(credentials));
      if (failure.isPresent()) {
        return new Refused("The password cannot be set: " + failure.get().message());
      }
      server.log("Set the password of the role " + credentials.name());
      if (isProven(request)) {
        corrections.put(request.uid(), "it had another password");
      }
      result = server.login(credentials);
    }
    return switch (result) {
      case LoggedIn loggedIn -> new Settled();
      case LoginRejected rejected when rejected.isWrongPassword() ->
          new PasswordRejected(rejected.message());
      case LoginRejected rejected when isAfterPassword(rejected) ->
          new PasswordAccepted(rejected.message(), isBlocked(rejected));
      case LoginRejected rejected when rejected.is(SqlState.TOO_MANY_CONNECTIONS) ->
          proof(request).orElse(new Waiting(rejected.message() + "."));
      case LoginRejected rejected -> new LoginFailed(rejected.message());
      case Unreachable unreachable ->
          proof(request).orElse(new Waiting(unreachable.message() + "."));
      case LoginResult.Pending pending -> new Waiting("The login is tried soon.");
    };
  }

  /** Whether exactly this password was set, and rejected for another reason than a wrong one. */
  private boolean isSet(RoleRequest request) {
    return last(request).filter(PasswordRejected.class::isInstance).isPresent();
  }

  private boolean isBlocked(LoginRejected rejected) {
    return rejected.is(SqlState.INSUFFICIENT_PRIVILEGE) || rejected.is(SqlState.NO_SUCH_DATABASE);
  }

  /** PostgreSQL checks the password first, then what the login wants. */
  private boolean isAfterPassword(LoginRejected rejected) {
    return isBlocked(rejected)
        || rejected.is(SqlState.NOT_IN_PREREQUISITE_STATE)
        || (rejected.is(SqlState.TOO_MANY_CONNECTIONS) && rejected.message().contains(" role "));
  }
}
