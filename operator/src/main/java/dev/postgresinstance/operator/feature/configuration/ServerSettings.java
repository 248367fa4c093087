package dev.postgresinstance.operator.feature.configuration;

import java.util.List;
import java.util.Optional;

/**
 * What a running server reports about its configuration. A configuration is named by the hash that
 * its file holds; empty, or "-" in what the start script has noted, where there is none.
 *
 * @param file name of the file that the server reads, at its start and at each reload
 * @param started the configuration that the server started with
 * @param rejectedAtStart the configuration with which the previous server of the same pod ended
 * @param objections what PostgreSQL says against that configuration; empty if it finds no fault, or
 *     if the pod has the start script of an earlier version of the operator
 * @param loaded the configuration in force, apart from parameters that need a restart
 * @param onDisk the configuration in the file now
 * @param rejected what the server would reject of the file
 * @param pendingRestart names of the parameters that differ in the file and need a restart
 * @param alterSystem names of the parameters that {@code ALTER SYSTEM} has set
 * @param login what a login to the server shows about the configuration in force
 */
public record ServerSettings(
    String file,
    String started,
    String rejectedAtStart,
    String objections,
    String loaded,
    String onDisk,
    List<RejectedParameter> rejected,
    List<String> pendingRestart,
    List<String> alterSystem,
    Login login) {

  /**
   * The parameter that needs a restart although PostgreSQL would reload it, where only the next
   * start exempts the operator's role from it; see {@link SettingsTask}.
   */
  static final String LIBRARIES = "session_preload_libraries";

  /** What a login with the published credentials shows about the configuration in force. */
  public sealed interface Login {

    /** It succeeded: the configuration lets sessions begin. */
    record Accepted() implements Login {}

    /** PostgreSQL rejected it with this message, because of a setting. */
    record Rejected(String message) implements Login {}

    /** Nothing: another configuration was in force, or something else rejected the login. */
    record Inconclusive() implements Login {}
  }

  /** A parameter that the server rejects, with PostgreSQL's message. */
  public record RejectedParameter(String name, String message) {
    @Override
    public String toString() {
      return name + ": " + message;
    }
  }

  /**
   * Whether that configuration is in force, apart from parameters that need a restart, or known to
   * be rejected, or waits for a restart as a whole.
   *
   * @param configuration its hash; empty when none is to be loaded
   */
  public boolean isSettled(String configuration) {
    return configuration.isEmpty()
        || (onDisk.equals(configuration)
            && (loaded.equals(onDisk) || !rejected.isEmpty() || isReloadUnsafe()));
  }

  /** Whether a login has succeeded while that configuration was in force. */
  boolean acceptsLoginWith(String configuration) {
    return loaded.equals(configuration) && login instanceof Login.Accepted;
  }

  /** PostgreSQL's message of a login that was rejected while that configuration was in force. */
  Optional<String> rejectionOfLoginWith(String configuration) {
    return loaded.equals(configuration) && login instanceof Login.Rejected(String message)
        ? Optional.of(message)
        : Optional.empty();
  }

  /** Whether a reload of the file could lock out the operator's role. */
  boolean isReloadUnsafe() {
    return pendingRestart.contains(LIBRARIES);
  }
}
