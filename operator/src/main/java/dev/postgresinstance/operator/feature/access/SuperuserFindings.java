package dev.postgresinstance.operator.feature.access;

import dev.postgresinstance.operator.feature.access.SuperuserAccess.Closed;
import dev.postgresinstance.operator.feature.access.SuperuserAccess.Open;
import java.util.List;
import java.util.Optional;

/**
 * What was found of a server's superusers.
 *
 * @param access what was asked for
 * @param refusal PostgreSQL's words, when {@code postgres} does not get in over the network
 *     although it is to
 * @param closing whether it was being shut out just now: another look follows soon
 * @param others names of superusers other than {@code postgres}
 */
public record SuperuserFindings(
    SuperuserAccess access, Optional<String> refusal, boolean closing, List<String> others) {

  /** Whether the superuser has come in with that password. */
  public boolean proves(String password) {
    return refusal.isEmpty()
        && access instanceof Open open
        && open.role().password().equals(password);
  }

  /** Whether it has been kept out. */
  public boolean keptOut() {
    return access instanceof Closed && !closing;
  }

  /** Whether nothing is expected to change by itself. */
  public boolean settled() {
    return refusal.isEmpty() && !closing;
  }
}
