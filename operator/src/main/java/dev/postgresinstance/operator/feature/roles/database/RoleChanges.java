package dev.postgresinstance.operator.feature.roles.database;

import dev.postgresinstance.operator.feature.roles.ownership.RoleMarker;
import dev.postgresinstance.operator.feature.roles.parameter.ListParameter;
import dev.postgresinstance.operator.feature.roles.statement.RoleStatements;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What distinguishes a role from its request. What others have granted or set beyond the request
 * stays: only memberships that the operator has granted are revoked, and only parameters that it
 * has set are reset.
 */
final class RoleChanges {

  /**
   * One difference.
   *
   * @param statement sets it as requested
   * @param found what was found instead, as a part of a sentence
   */
  record Change(String statement, String found) {}

  private final RoleRequest request;
  private final RoleState state;
  private final boolean accepted;
  private final List<Change> changes = new ArrayList<>();

  private RoleChanges(RoleRequest request, RoleState state) {
    this.request = request;
    this.state = state;
    this.accepted = state.marker().filter(RoleMarker::accepted).isPresent();
  }

  /**
   * The differences.
   *
   * @param groups the requested roles that it may be a member of
   */
  static List<Change> of(RoleRequest request, RoleState state, Set<String> groups) {
    RoleChanges changes = new RoleChanges(request, state);
    changes.attributes();
    changes.memberships(groups);
    changes.parameters();
    return List.copyOf(changes.changes);
  }

  private void add(String statement, String found) {
    changes.add(new Change(statement, found));
  }

  private void attributes() {
    String name = request.name();
    if (state.login() != request.login()) {
      add(
          RoleStatements.login(name, request.login()),
          state.login() ? "it could log in" : "it could not log in");
    }
    // What the spec omits is PostgreSQL's default, but stays in a role that existed before.
    int limit = request.connectionLimit().orElse(RoleState.UNLIMITED);
    if ((request.connectionLimit().isPresent() || !accepted) && state.connectionLimit() != limit) {
      add(
          RoleStatements.connectionLimit(name, limit),
          state.connectionLimit() == RoleState.UNLIMITED
              ? "it had no connection limit"
              : "its connection limit was " + state.connectionLimit());
    }
    if ((request.validUntil().isPresent() || !accepted)
        && !state.validUntil().equals(request.validUntil())) {
      add(
          RoleStatements.validUntil(name, request.validUntil()),
          state
              .validUntil()
              .map(end -> "its password was valid until " + end)
              .orElse("its password did not expire"));
    }
  }

  private void memberships(Set<String> groups) {
    request.memberOf().stream()
        .filter(group -> groups.contains(group) && !state.groups().contains(group))
        .forEach(
            group ->
                add(RoleStatements.grant(group, request.name()), "it was no member of " + group));
    state.granted().stream()
        .filter(group -> !request.memberOf().contains(group))
        .sorted()
        .forEach(
            group ->
                add(RoleStatements.revoke(group, request.name()), "it was a member of " + group));
  }

  private void parameters() {
    request.parameters().forEach(this::parameter);
    Set<String> requested = names(request);
    state.marker().map(RoleMarker::parameters).orElse(List.of()).stream()
        .filter(set -> !requested.contains(set) && state.parameters().containsKey(set))
        .forEach(
            set -> add(RoleStatements.reset(request.name(), set), "it had the parameter " + set));
  }

  private void parameter(String parameter, String value) {
    Optional<String> present =
        Optional.ofNullable(state.parameters().get(parameter.toLowerCase(Locale.ROOT)));
    if (present.filter(now -> ListParameter.isSame(parameter, now, value)).isEmpty()) {
      add(
          RoleStatements.set(request.name(), parameter, ListParameter.literal(parameter, value)),
          "its parameter %s was %s".formatted(parameter, present.orElse("missing")));
    }
  }

  /** The names of the requested parameters, in lower case. */
  static Set<String> names(RoleRequest request) {
    return request.parameters().keySet().stream()
        .map(name -> name.toLowerCase(Locale.ROOT))
        .collect(Collectors.toSet());
  }

  /** The parameters of {@code pg_roles.rolconfig}, by name in lower case. */
  static Map<String, String> parameters(String[] settings) {
    return RoleState.names(settings).stream()
        .filter(Objects::nonNull)
        .filter(setting -> setting.indexOf('=') > 0)
        .collect(
            Collectors.toMap(
                setting -> setting.substring(0, setting.indexOf('=')).toLowerCase(Locale.ROOT),
                setting -> setting.substring(setting.indexOf('=') + 1),
                (one, other) -> other));
  }
}
