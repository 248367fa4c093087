package dev.postgresinstance.operator.feature.tls.session;

import dev.postgresinstance.api.v1alpha1.UnencryptedStatus;
import java.util.List;
import java.util.Optional;

/**
 * Which sessions from the network do not use TLS, and whether the server still admits such.
 *
 * @param isRefused whether the server refuses further ones
 * @param count number of the sessions; more than 10 are rounded up to tens, so that a pool that
 *     grows and shrinks does not change the status each time
 * @param roles names of their roles, at most 8, sorted
 * @param isSettled whether nothing is expected to change soon
 */
public record PlainSessions(boolean isRefused, int count, List<String> roles, boolean isSettled) {

  public PlainSessions {
    roles = List.copyOf(roles);
  }

  /** As the status shows them; empty if there are none. */
  public Optional<UnencryptedStatus> status() {
    return count > 0 ? Optional.of(new UnencryptedStatus(count, roles)) : Optional.empty();
  }
}
