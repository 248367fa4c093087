package dev.postgresinstance.operator.feature.access;

import dev.postgresinstance.operator.feature.access.SuperuserAccess.Closed;
import dev.postgresinstance.operator.feature.access.SuperuserAccess.Open;
import java.util.List;
import java.util.Optional;

/**
 * What was found of a server's superusers.
 *
 * @param access the requested access
 * @param rejection PostgreSQL's message, when {@code postgres} cannot log in over the network
 *     although it may
 * @param closing whether the access was closed just now: another look follows soon
 * @param others names of superusers other than {@code postgres}
 */
public record SuperuserFindings(
    SuperuserAccess access, Optional<String> rejection, boolean closing, List<String> others) {

  /** Whether the superuser has logged in with that password. */
  public boolean proves(String password) {
    return rejection.isEmpty()
        && access instanceof Open open
        && open.role().password().equals(password);
  }

  /** Whether the superuser is known to be kept out. */
  public boolean isKeptOut() {
    return access instanceof Closed && !closing;
  }

  /** Whether nothing is expected to change soon. */
  boolean isSettled() {
    return rejection.isEmpty() && !closing;
  }
}
