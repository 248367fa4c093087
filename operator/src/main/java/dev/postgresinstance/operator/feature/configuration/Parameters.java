package dev.postgresinstance.operator.feature.configuration;

import dev.postgresinstance.api.v1alpha1.PostgresInstanceSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * PostgreSQL's parameters: the defaults that follow from the size of memory and volume. What the
 * user sets comes after them and wins.
 */
public final class Parameters {

  private static final BigDecimal MEBIBYTE = BigDecimal.valueOf(1024L * 1024);
  private static final int FIRST_THAT_CAN_RESERVE_CONNECTIONS = 16;
  private static final int FIRST_THAT_CAN_FORBID_ALTER_SYSTEM = 17;

  /** So many does the operator find free when all others are used. */
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
    int major = Integer.parseInt(spec.version());
    if (major >= FIRST_THAT_CAN_RESERVE_CONNECTIONS) {
      defaults.put("reserved_connections", String.valueOf(RESERVED_CONNECTIONS));
    }
    if (major >= FIRST_THAT_CAN_FORBID_ALTER_SYSTEM) {
      defaults.put("allow_alter_system", "off");
    }
    return defaults;
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
        .map(Parameters::megabytes);
  }

  /** Whole mebibytes, which PostgreSQL writes as MB. */
  static long megabytes(Quantity quantity) {
    return quantity.getNumericalAmount().divideToIntegralValue(MEBIBYTE).longValue();
  }

  /** A line of postgresql.conf; see PostgreSQL's documentation, "Parameter Names and Values". */
  static String line(String name, String value) {
    return "%s = '%s'\n".formatted(name, value.replace("\\", "\\\\").replace("'", "''"));
  }
}
