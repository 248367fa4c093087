package dev.postgresinstance.operator.feature.configuration;

import java.util.List;

/**
 * What a running server says of its configuration. A configuration is named by the hash that its
 * file holds; empty where there is none.
 *
 * @param file the file that it reads, at its start and at each reload
 * @param started the configuration that it started with
 * @param refusedAtStart the configuration with which a server of the same pod ended before
 * @param loaded the configuration that is in force, but for what needs a restart
 * @param onDisk the configuration that is in the file now
 * @param refused what it would refuse of the file
 * @param pendingRestart names of the parameters that differ in the file and need a restart
 * @param alterSystem names of the parameters that were set by {@code ALTER SYSTEM}
 * @param otherCollation names of the databases that were made, or last indexed anew, with a library
 *     that sorts texts otherwise than the server's
 * @param checkpointed whether a checkpoint was made that was asked for
 */
public record ServerSettings(
    String file,
    String started,
    String refusedAtStart,
    String loaded,
    String onDisk,
    List<RefusedParameter> refused,
    List<String> pendingRestart,
    List<String> alterSystem,
    List<String> otherCollation,
    boolean checkpointed) {

  /** A parameter that the server refuses, with its words. */
  public record RefusedParameter(String name, String words) {
    @Override
    public String toString() {
      return name + ": " + words;
    }
  }

  /**
   * Whether nothing more is to be done to put that configuration in force, but for a restart.
   *
   * @param configuration its hash; empty when none is to be loaded
   */
  public boolean settled(String configuration) {
    return configuration.isEmpty()
        || (onDisk.equals(configuration) && (loaded.equals(onDisk) || !refused.isEmpty()));
  }
}
