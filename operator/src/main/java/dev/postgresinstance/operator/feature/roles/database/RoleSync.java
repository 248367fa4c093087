package dev.postgresinstance.operator.feature.roles.database;

import dev.postgresinstance.operator.feature.roles.database.RoleChanges.Change;
import dev.postgresinstance.operator.feature.roles.database.RoleOutcome.Exists;
import dev.postgresinstance.operator.feature.roles.database.RoleOutcome.Refused;
import dev.postgresinstance.operator.feature.roles.database.RoleOutcome.Settled;
import dev.postgresinstance.operator.feature.roles.database.RoleOutcome.Waiting;
import dev.postgresinstance.operator.feature.roles.database.RoleServer.Failure;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Makes the roles of a server as they are requested: creates those that are missing, sets what
 * differs, tries the logins, and drops those whose PostgresRole is gone. An error with one role
 * stops none of the others.
 */
final class RoleSync {

  /** Afterwards nothing is written: the session has 20 seconds for everything. */
  private static final Duration TIME = Duration.ofSeconds(6);

  private static final Failure LATE = new Failure("", "");

  private final RolesRequest wanted;
  private final Optional<RolesFindings> previous;
  private final RoleServer server;
  private final InstantSource clock;
  private final Instant end;
  private boolean late;
  private final Map<String, RoleState> states = new HashMap<>();
  private final Map<String, RoleOutcome> outcomes = new HashMap<>();
  private final Map<String, RoleAction> actions = new HashMap<>();
  private final Map<String, String> kept = new TreeMap<>();

  /**
   * Prepares one session.
   *
   * @param previous what the session before has found
   */
  RoleSync(
      RolesRequest wanted,
      Optional<RolesFindings> previous,
      RoleServer server,
      InstantSource clock) {
    this.wanted = wanted;
    this.previous = previous;
    this.server = server;
    this.clock = clock;
    this.end = clock.instant().plus(TIME);
  }

  /** Does what is due; the roles are as the session has read them. */
  RolesFindings run(Collection<RoleState> present) {
    present.forEach(state -> states.put(state.name(), state));
    wanted
        .roles()
        .forEach(request -> take(request).ifPresent(why -> outcomes.put(request.uid(), why)));
    open().forEach(request -> settle(request).ifPresent(why -> outcomes.put(request.uid(), why)));
    present.forEach(this::dropIfDue);
    RoleLogins logins = new RoleLogins(previous, server, clock);
    open().forEach(logins::add);
    outcomes.putAll(logins.run());
    logins.corrections().forEach((uid, found) -> act(uid, false, found));
    return new RolesFindings(
        wanted,
        wanted.roles().stream().collect(Collectors.toMap(RoleRequest::uid, this::finding)),
        kept,
        // The number of a new role is read by the next session.
        !late && logins.isComplete() && states.values().stream().noneMatch(s -> s.oid().isEmpty()));
  }

  private List<RoleRequest> open() {
    return wanted.roles().stream().filter(role -> !outcomes.containsKey(role.uid())).toList();
  }

  private RoleFinding finding(RoleRequest request) {
    RoleOutcome outcome = outcomes.getOrDefault(request.uid(), new Settled());
    Optional<String> oid =
        Optional.ofNullable(states.get(request.name()))
            .filter(state -> !state.oid().isEmpty())
            .filter(state -> isOurs(state, request))
            .map(RoleState::oid);
    return new RoleFinding(
        outcome,
        oid,
        Optional.ofNullable(actions.get(request.uid()))
            .or(
                () ->
                    previous
                        .map(before -> before.roles().get(request.uid()))
                        .flatMap(RoleFinding::action)));
  }

  private void act(String uid, boolean created, String found) {
    Instant time = clock.instant();
    actions.merge(
        uid,
        new RoleAction(time, created, found),
        (one, other) ->
            new RoleAction(time, one.created(), one.message() + "; " + other.message()));
  }

  private static boolean isOurs(RoleState state, RoleRequest request) {
    return state.marker().filter(marker -> marker.uid().equals(request.uid())).isPresent();
  }

  /** Creates the role or takes over one that is there; returns why it cannot. */
  private Optional<RoleOutcome> take(RoleRequest request) {
    RoleState state = states.get(request.name());
    if (state == null) {
      return create(request);
    }
    if (state.superuser()) {
      return Optional.of(
          new Refused(
              "Role %s is a superuser, which the operator never changes.".formatted(state.name())));
    }
    // A marker whose PostgresRole exists under another name came here by renaming the role.
    boolean isFree =
        state.marker().filter(m -> !wanted.uids().contains(m.uid())).isPresent()
            || isOurs(state, request);
    boolean isAccepted = request.accepted().equals(Optional.of(state.oid()));
    return isFree || (isAccepted && state.administrable())
        ? Optional.empty()
        : Optional.of(new Exists(state.oid(), state.administrable()));
  }

  private Optional<RoleOutcome> create(RoleRequest request) {
    if (request.login() && request.credentials().isEmpty()) {
      return Optional.of(new Waiting("The password is not published yet."));
    }
    String comment =
        new RoleMarker(request.uid(), wanted.instance(), request.drop(), false, "", List.of())
            .inComment(Optional.empty());
    Optional<Failure> failure =
        write(RoleStatements.create(request), RoleStatements.comment(request.name(), comment));
    if (failure.isPresent()) {
      return failure.map(RoleSync::refused);
    }
    server.log("Created the role " + request.name());
    act(request.uid(), true, "it was missing");
    states.put(request.name(), RoleState.created(request.name(), request.login(), comment));
    return Optional.empty();
  }

  /** Runs statements while there is time; the next session has more. */
  private Optional<Failure> write(String... statements) {
    late |= !clock.instant().isBefore(end);
    return late ? Optional.of(LATE) : server.execute(statements);
  }

  private static RoleOutcome refused(Failure failure) {
    if (failure.equals(LATE)) {
      return new Waiting("The operator has many roles to set, and sets this one soon.");
    }
    return new Refused(
        "PostgreSQL refuses it: %s. %s".formatted(failure.message(), failure.detail()).strip());
  }

  /** Sets what differs; returns what is left. */
  private Optional<RoleOutcome> settle(RoleRequest request) {
    RoleState before = states.get(request.name());
    Optional<RoleMarker> former = before.marker();
    boolean same = isOurs(before, request);
    Set<String> parameters = new TreeSet<>(RoleChanges.names(request));
    Set<String> all = new TreeSet<>(parameters);
    former.ifPresent(marker -> all.addAll(marker.parameters()));
    String applied = former.filter(m -> same).map(RoleMarker::applied).orElse("");
    boolean accepted = former.map(RoleMarker::accepted).orElse(true);
    Optional<Failure> failure = mark(request, marker(request, accepted, applied, all));
    RoleState state = states.get(request.name());
    List<RoleOutcome> refusals = new ArrayList<>(failure.map(RoleSync::refused).stream().toList());
    List<Change> changes = RoleChanges.of(request, state, RoleGroups.of(request, states, refusals));
    for (Change change : changes) {
      write(change.statement()).map(RoleSync::refused).ifPresent(refusals::add);
    }
    if (!changes.isEmpty() && applied.equals(request.fingerprint())) {
      String found = changes.stream().map(Change::found).collect(Collectors.joining("; "));
      server.log("Corrected the role %s: %s".formatted(request.name(), found));
      act(request.uid(), false, found);
    }
    if (refusals.isEmpty()) {
      mark(request, marker(request, accepted, request.fingerprint(), parameters))
          .map(RoleSync::refused)
          .ifPresent(refusals::add);
    }
    return refusals.stream().findFirst();
  }

  private RoleMarker marker(
      RoleRequest request, boolean accepted, String applied, Set<String> parameters) {
    return new RoleMarker(
        request.uid(),
        wanted.instance(),
        request.drop(),
        accepted,
        applied,
        List.copyOf(parameters));
  }

  /** Records it with the role, unless that is there already. */
  private Optional<Failure> mark(RoleRequest request, RoleMarker marker) {
    RoleState state = states.get(request.name());
    if (state.marker().equals(Optional.of(marker))) {
      return Optional.empty();
    }
    String comment = marker.inComment(state.comment());
    Optional<Failure> failure = write(RoleStatements.comment(request.name(), comment));
    if (failure.isEmpty()) {
      states.put(request.name(), state.withComment(comment));
    }
    return failure;
  }

  /** Drops the role if its PostgresRole is gone; nothing that it owns goes with it. */
  private void dropIfDue(RoleState state) {
    boolean due =
        state
            .marker()
            .filter(marker -> marker.drop() && marker.instance().equals(wanted.instance()))
            .filter(marker -> !wanted.uids().contains(marker.uid()))
            .isPresent();
    if (!due || wanted.roles().stream().anyMatch(role -> role.name().equals(state.name()))) {
      return;
    }
    if (state.login()) {
      write(RoleStatements.close(state.name()));
    }
    write(RoleStatements.drop(state.name()))
        .ifPresentOrElse(
            why -> {
              if (!why.equals(LATE)) {
                kept.put(state.name(), why.detail().isEmpty() ? why.message() : why.detail());
              }
            },
            () -> server.log("Dropped the role " + state.name()));
  }
}
