package dev.postgresinstance.tests.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a client needs to verify a server in full. Each call reads the authority that the Secret for
 * applications contains then; a client keeps it while the Secret changes.
 */
public final class Verification {

  private static final String IN_POD = "/tmp/ca.crt";

  private Verification() {}

  /** A URL with which the driver verifies the server by the published authority. */
  public static String url(Instance instance) {
    return url(instance, authority(instance));
  }

  /** A URL with which the driver verifies the server by the authority in a file. */
  public static String url(Instance instance, Path authority) {
    return "%s&sslmode=verify-full&sslrootcert=%s&channelBinding=require"
        .formatted(instance.credentials().get("external-jdbc-url"), authority);
  }

  /** A new file with the published authority. */
  public static Path authority(Instance instance) {
    try {
      Path file = Files.createTempFile(instance.name(), ".crt");
      file.toFile().deleteOnExit();
      return Files.writeString(file, instance.credentials().get("ca.crt"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Connects in the pod with psql, which binds the login to the channel, by the published
   * authority. Returns whether the session is encrypted.
   *
   * @param uri without {@code sslrootcert}
   */
  public static String psqlInPod(Instance instance, String uri) {
    String authority = instance.credentials().get("ca.crt");
    Cluster.exec(instance, "bash", "-c", "cat > %s <<'E'\n%sE".formatted(IN_POD, authority));
    return Cluster.exec(
        instance,
        "psql",
        uri + "&channel_binding=require&sslrootcert=" + IN_POD,
        "-XtAc",
        Client.IS_ENCRYPTED);
  }
}
