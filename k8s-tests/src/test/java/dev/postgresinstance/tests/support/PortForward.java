package dev.postgresinstance.tests.support;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A port of this machine that `kubectl port-forward` connects to the server, until it is closed.
 */
public final class PortForward implements AutoCloseable {

  private static final Pattern FORWARDING =
      Pattern.compile("Forwarding from 127[.]0[.]0[.]1:(\\d+) -> 5432");

  private final Process process;
  private final int port;

  private PortForward(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /** Forwards a free port to the server of an instance. */
  public static PortForward to(Instance instance) throws IOException {
    Process process =
        new ProcessBuilder(
                Settings.kubectl(),
                "--context=" + Settings.context(),
                "port-forward",
                "--namespace=" + instance.namespace(),
                "pod/" + instance.pod().getMetadata().getName(),
                ":5432")
            .redirectErrorStream(true)
            .start();
    String first =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))
            .readLine();
    Matcher forwarding = FORWARDING.matcher(String.valueOf(first));
    if (!forwarding.matches()) {
      process.destroy();
      throw new IOException("kubectl port-forward says: " + first);
    }
    return new PortForward(process, Integer.parseInt(forwarding.group(1)));
  }

  /** The port of this machine. */
  public int port() {
    return port;
  }

  @Override
  public void close() {
    process.destroy();
  }
}
