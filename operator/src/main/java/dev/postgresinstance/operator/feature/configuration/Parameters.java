package dev.postgresinstance.operator.feature.configuration;

import dev.postgresinstance.api.v1alpha1.BackupSpec;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceSpec;
import dev.postgresinstance.api.v1alpha1.WalArchiving;
import dev.postgresinstance.operator.instance.Names;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The defaults of PostgreSQL's parameters that follow from the size of memory and volume.
 * Parameters of the user come after them in the file and override them.
 */
public final class Parameters {

  private static final int FIRST_THAT_CAN_RESERVE_CONNECTIONS = 16;
  private static final int FIRST_THAT_CAN_FORBID_ALTER_SYSTEM = 17;

  /** Connections that stay free for the operator when all others are used. */
  public static final int RESERVED_CONNECTIONS = 3;

  private static final long LEAST_MAINTENANCE_WORK_MEM = 16;
  private static final long MOST_MAINTENANCE_WORK_MEM = 1024;

  private Parameters() {}

  /**
   * The defaults of the operator that depend on the instance, by name, as PostgreSQL writes them.
   */
  static Map<String, String> defaults(PostgresInstanceSpec spec) {
    Map<String, String> defaults = new LinkedHashMap<>();
    memoryLimit(spec).ifPresent(megabytes -> putMemory(defaults, megabytes));
    defaults.putAll(WalSize.settings(spec));
    int major = spec.version().major();
    if (major >= FIRST_THAT_CAN_RESERVE_CONNECTIONS) {
      defaults.put("reserved_connections", String.valueOf(RESERVED_CONNECTIONS));
    }
    if (major >= FIRST_THAT_CAN_FORBID_ALTER_SYSTEM) {
      defaults.put("allow_alter_system", "off");
    }
    if (hasIncrementalBackups(spec)) {
      defaults.put("summarize_wal", "on");
    }
    if (hasSynchronousBackup(spec)) {
      defaults.put("synchronous_standby_names", Names.BACKUP_RECEIVER);
    }
    return defaults;
  }

  private static boolean hasIncrementalBackups(PostgresInstanceSpec spec) {
    return Optional.ofNullable(spec.backup())
        .map(BackupSpec::incremental)
        .filter(incremental -> incremental.perFull() > 0)
        .isPresent();
  }

  /** Whether each commit waits for the backup pod. */
  private static boolean hasSynchronousBackup(PostgresInstanceSpec spec) {
    return Optional.ofNullable(spec.backup())
        .map(BackupSpec::wal)
        .map(WalArchiving::synchronous)
        .orElse(false);
  }

  /** The parameters of the user by name in lower case. */
  public static SortedMap<String, String> ofUser(PostgresInstanceSpec spec) {
    return inLowerCase(Optional.ofNullable(spec.parameters()).orElse(Map.of()));
  }

  /** PostgreSQL ignores the case of names, so another spelling is no change. */
  static SortedMap<String, String> inLowerCase(Map<String, String> parameters) {
    SortedMap<String, String> lowerCase = new TreeMap<>();
    parameters.forEach((name, value) -> lowerCase.put(name.toLowerCase(Locale.ROOT), value));
    return lowerCase;
  }

  /** A quarter of the limit, as PostgreSQL's documentation advises; without one its own default. */
  private static void putMemory(Map<String, String> defaults, long limit) {
    defaults.put("shared_buffers", limit / 4 + "MB");
    defaults.put("effective_cache_size", limit * 3 / 4 + "MB");
    defaults.put(
        "maintenance_work_mem",
        Math.clamp(limit / 16, LEAST_MAINTENANCE_WORK_MEM, MOST_MAINTENANCE_WORK_MEM) + "MB");
  }

  private static Optional<Long> memoryLimit(PostgresInstanceSpec spec) {
    return Optional.ofNullable(spec.resources().getLimits())
        .map(limits -> limits.get("memory"))
        .map(Megabytes::of);
  }

  /** A line of postgresql.conf; see PostgreSQL's documentation, "Parameter Names and Values". */
  static String line(String name, String value) {
    return "%s = '%s'\n".formatted(name, value.replace("\\", "\\\\").replace("'", "''"));
  }
}
