package dev.postgresinstance.operator.feature.roles.database;

import dev.postgresinstance.operator.feature.roles.database.RoleChanges.Change;
import dev.postgresinstance.operator.feature.roles.database.RoleOutcome.Exists;
import dev.postgresinstance.operator.feature.roles.database.RoleOutcome.Refused;
import dev.postgresinstance.operator.feature.roles.database.RoleOutcome.Settled;
import dev.postgresinstance.operator.feature.roles.database.RoleOutcome.Waiting;
import dev.postgresinstance.operator.feature.roles.database.RoleServer.Failure;
import dev.postgresinstance.operator.feature.roles.ownership.FormerOwners;
import dev.postgresinstance.operator.feature.roles.ownership.RoleMarker;
import dev.postgresinstance.operator.feature.roles.statement.RoleStatements;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Makes the roles of a server as they are requested: creates those that are missing, sets what
 * differs, tries the logins, and drops those whose PostgresRole is gone. An error with one role
 * stops none of the others.
 */
final class RoleSync {

  private final RolesRequest wanted;
  private final Optional<RolesFindings> previous;
  private final RoleServer server;
  private final InstantSource clock;
  private final FormerOwners owners;
  private final RoleWriter writer;
  private final Map<String, RoleState> states = new HashMap<>();
  private final Map<String, RoleOutcome> outcomes = new HashMap<>();
  private final Map<String, RoleAction> actions = new HashMap<>();
  private final Set<String> unavailable = new HashSet<>();

  /**
   * Prepares one session.
   *
   * @param previous what the session before has found
   * @param owners the PostgresRoles that markers name
   */
  RoleSync(
      RolesRequest wanted,
      Optional<RolesFindings> previous,
      FormerOwners owners,
      RoleServer server,
      InstantSource clock) {
    this.wanted = wanted;
    this.previous = previous;
    this.server = server;
    this.clock = clock;
    this.owners = owners;
    this.writer = new RoleWriter(server, clock);
  }

  /** Does what is due; the roles are as the session has read them. */
  RolesFindings run(Collection<RoleState> present) {
    present.forEach(state -> states.put(state.name(), state));
    List<RoleRequest> ours = new ArrayList<>();
    for (RoleRequest request : wanted.roles()) {
      take(request)
          .ifPresentOrElse(why -> outcomes.put(request.uid(), why), () -> ours.add(request));
    }
    ours.forEach(request -> settle(request).ifPresent(why -> outcomes.put(request.uid(), why)));
    RoleDrops drops = new RoleDrops(wanted, owners, server, writer);
    present.forEach(drops::dropIfDue);
    RoleLogins logins = new RoleLogins(previous, server, clock);
    // Also where a part of the request is refused: the password is published.
    ours.stream()
        .filter(role -> isOurs(states.get(role.name()), role))
        .forEach(role -> logins.add(role, states.get(role.name())));
    Map<String, RoleOutcome> tried = logins.run();
    tried.forEach(outcomes::putIfAbsent);
    logins.corrections().forEach((uid, found) -> act(uid, false, found));
    return new RolesFindings(
        wanted,
        wanted.roles().stream()
            .collect(Collectors.toMap(RoleRequest::uid, role -> finding(role, tried))),
        drops.kept(),
        owners.unconfirmed(),
        owners.gone(),
        // The number of a new role is read by the next session.
        !writer.isLate()
            && logins.isComplete()
            && states.values().stream().noneMatch(s -> s.oid().isEmpty()));
  }

  private RoleFinding finding(RoleRequest request, Map<String, RoleOutcome> tried) {
    RoleOutcome outcome = outcomes.getOrDefault(request.uid(), new Settled());
    Optional<String> oid =
        Optional.ofNullable(states.get(request.name()))
            .filter(state -> !state.oid().isEmpty())
            .filter(state -> isOurs(state, request))
            .map(RoleState::oid);
    return new RoleFinding(
        !unavailable.contains(request.uid()),
        outcome,
        Optional.ofNullable(tried.get(request.uid())),
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
    Optional<RoleOutcome> refusal = refusal(request, state);
    refusal.ifPresent(why -> unavailable.add(request.uid()));
    return refusal;
  }

  /** Why a PostgresRole cannot have a role that is there. */
  private Optional<RoleOutcome> refusal(RoleRequest request, RoleState state) {
    if (state.superuser()) {
      return Optional.of(
          new Refused(
              "Role %s is a superuser, which the operator never changes.".formatted(state.name())));
    }
    boolean isAccepted = request.accepted().equals(Optional.of(state.oid()));
    if (isOurs(state, request) || (isAccepted && state.administrable())) {
      return Optional.empty();
    }
    Optional<RoleOutcome> exists = Optional.of(new Exists(state.oid(), state.administrable()));
    // A marker whose PostgresRole exists under another name came here by renaming the role.
    return state
        .marker()
        .filter(former -> !wanted.uids().contains(former.uid()))
        .map(former -> awaitEndOf(former).or(() -> exists.filter(e -> needsConsent(state, former))))
        .orElse(exists);
  }

  /**
   * What others gave the role, before or after it got its marker, is not for every PostgresRole.
   */
  private static boolean needsConsent(RoleState state, RoleMarker former) {
    return state.privileged() || former.accepted();
  }

  /** Another PostgresRole has left the role behind, unless only the cache lacks it. */
  private Optional<RoleOutcome> awaitEndOf(RoleMarker former) {
    // Restored or cloned data has the markers of another instance.
    return !former.instance().equals(wanted.instance()) || owners.isGone(former)
        ? Optional.empty()
        : Optional.of(
            new Waiting(
                "The role belongs to PostgresRole %s. The operator takes it over when that is deleted."
                    .formatted(former.resource())));
  }

  private Optional<RoleOutcome> create(RoleRequest request) {
    if (request.login() && request.credentials().isEmpty()) {
      return Optional.of(new Waiting("The password is not published yet."));
    }
    String comment = wanted.marker(request, false, "", Set.of()).inComment(Optional.empty());
    Optional<Failure> failure =
        writer.write(
            RoleStatements.create(request.name(), request.login(), request.credentials()),
            RoleStatements.comment(request.name(), comment));
    if (failure.isPresent()) {
      return failure.map(RoleSync::refused);
    }
    server.log("Created the role " + request.name());
    act(request.uid(), true, "it was missing");
    states.put(request.name(), RoleState.created(request.name(), request.login(), comment));
    return Optional.empty();
  }

  private static RoleOutcome refused(Failure failure) {
    if (RoleWriter.isPostponed(failure)) {
      return new Waiting("The role is not set yet: %s.".formatted(failure.message()));
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
    Optional<Failure> failure = mark(request, wanted.marker(request, accepted, applied, all));
    RoleState state = states.get(request.name());
    List<RoleOutcome> refusals = new ArrayList<>(failure.map(RoleSync::refused).stream().toList());
    List<Change> changes = RoleChanges.of(request, state, RoleGroups.of(request, states, refusals));
    for (Change change : changes) {
      writer.write(change.statement()).map(RoleSync::refused).ifPresent(refusals::add);
    }
    if (!changes.isEmpty() && applied.equals(request.fingerprint())) {
      String found = changes.stream().map(Change::found).collect(Collectors.joining("; "));
      server.log("Corrected the role %s: %s".formatted(request.name(), found));
      act(request.uid(), false, found);
    }
    if (refusals.isEmpty()) {
      mark(request, wanted.marker(request, accepted, request.fingerprint(), parameters))
          .map(RoleSync::refused)
          .ifPresent(refusals::add);
    }
    return refusals.stream().findFirst();
  }

  /** Records it with the role, unless that is there already. */
  private Optional<Failure> mark(RoleRequest request, RoleMarker marker) {
    RoleState state = states.get(request.name());
    if (state.marker().equals(Optional.of(marker))) {
      return Optional.empty();
    }
    String comment = marker.inComment(state.comment());
    Optional<Failure> failure = writer.write(RoleStatements.comment(request.name(), comment));
    if (failure.isEmpty()) {
      states.put(request.name(), state.withComment(comment));
    }
    return failure;
  }
}
