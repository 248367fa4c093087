package dev.postgresinstance.operator.feature.configuration;

import java.util.List;

/**
 * What a running server reports about its configuration. A configuration is named by the hash that
 * its file holds; empty, or "-" in what the start script has noted, where there is none.
 *
 * @param file name of the file that the server reads, at its start and at each reload
 * @param started the configuration that the server started with
 * @param rejectedAtStart the configuration with which the previous server of the same pod ended
 * @param loaded the configuration in force, apart from parameters that need a restart
 * @param onDisk the configuration in the file now
 * @param rejected what the server would reject of the file
 * @param pendingRestart names of the parameters that differ in the file and need a restart
 * @param alterSystem names of the parameters that {@code ALTER SYSTEM} has set
 */
public record ServerSettings(
    String file,
    String started,
    String rejectedAtStart,
    String loaded,
    String onDisk,
    List<RejectedParameter> rejected,
    List<String> pendingRestart,
    List<String> alterSystem) {

  /** A parameter that the server rejects, with PostgreSQL's message. */
  public record RejectedParameter(String name, String message) {
    @Override
    public String toString() {
      return name + ": " + message;
    }
  }

  /**
   * Whether that configuration is in force, apart from parameters that need a restart, or known to
   * be rejected.
   *
   * @param configuration its hash; empty when none is to be loaded
   */
  public boolean isSettled(String configuration) {
    return configuration.isEmpty()
        || (onDisk.equals(configuration) && (loaded.equals(onDisk) || !rejected.isEmpty()));
  }
}
