package dev.postgresinstance.operator.feature.configuration;

import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;

/** Sizes in the unit of PostgreSQL's parameters: what PostgreSQL calls MB is a mebibyte. */
final class Megabytes {

  private static final BigDecimal MEBIBYTE = BigDecimal.valueOf(1024L * 1024);

  private Megabytes() {}

  /** Whole mebibytes of a quantity, rounded down. */
  static long of(Quantity quantity) {
    return quantity.getNumericalAmount().divideToIntegralValue(MEBIBYTE).longValue();
  }
}
