package dev.postgresinstance.tests.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** cert-manager on this machine, with its definitions in the test cluster. */
public final class CertManager implements AutoCloseable {

  private final String definitions = Settings.certManager().resolve("crds").toString();
  private final Process process;

  /**
   * Starts it.
   *
   * @param namespace where the Secrets of ClusterIssuers are
   */
  public CertManager(String namespace) {
    Cluster.kubectl("apply", "--server-side", "--filename=" + definitions);
    Cluster.kubectl("wait", "--for=condition=Established", "--filename=" + definitions);
    process =
        Command.start(
            Settings.certManager().resolve("cert-manager").toString(),
            kubeconfig().toString(),
            namespace);
  }

  private static Path kubeconfig() {
    try {
      Path file = Files.createTempFile("cert-manager", ".kubeconfig");
      file.toFile().deleteOnExit();
      return Files.writeString(
          file, Cluster.kubectl("config", "view", "--raw", "--minify", "--flatten"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Requests what {@code cmctl renew} does: a new certificate now. */
  public void renew(String namespace, String certificate) {
    Shell.run(
        Path.of("."),
        Map.of(),
        """
        kubectl -n %s patch certificate %s --subresource=status --type=merge --patch='{"status": {"conditions": [
          {"type": "Issuing", "status": "True", "reason": "ManuallyTriggered", "message": "renewed by a test"}]}}'
        """
            .formatted(namespace, certificate));
  }

  /** Ends it, and deletes its definitions with all objects of these kinds. */
  @Override
  public void close() {
    process.destroyForcibly();
    Cluster.kubectl("delete", "--ignore-not-found", "--filename=" + definitions);
  }
}
