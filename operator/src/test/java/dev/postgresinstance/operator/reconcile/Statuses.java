package dev.postgresinstance.operator.reconcile;

import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.operator.feature.Feature;
import dev.postgresinstance.operator.feature.image.PostgresImages;
import dev.postgresinstance.operator.report.Observation;
import java.time.Instant;
import java.util.List;

/** The status with all features, for tests of one of them. */
public final class Statuses {

  private static final List<Feature> FEATURES = Features.of(PostgresImages.DEFAULT).all();

  private Statuses() {}

  /** The status for an observation. */
  public static PostgresInstanceStatus of(Observation observation, Instant now) {
    return InstanceStatus.of(observation, FEATURES, now);
  }
}
