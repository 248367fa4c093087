package dev.postgresinstance.operator.instance;

import dev.postgresinstance.api.v1alpha1.PodSettings;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceSpec;
import java.util.Optional;

/** The user id that runs the server and owns the files on the volume. */
public final class ServerUser {

  /** The default for every image, so that an instance can move to an image of another family. */
  public static final int DEFAULT_ID = 999;

  private ServerUser() {}

  /** User id and group id of the server, and group id of its volume. */
  public static int id(PostgresInstanceSpec spec) {
    return Optional.ofNullable(spec.pod()).map(PodSettings::runAsUser).orElse(DEFAULT_ID);
  }
}
