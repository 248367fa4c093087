package dev.postgresinstance.operator.sql;

import dev.postgresinstance.operator.feature.NewPasswords;
import dev.postgresinstance.operator.feature.NewPasswords.Purpose;
import dev.postgresinstance.operator.feature.tls.certificate.CertificateMaker;
import dev.postgresinstance.operator.feature.tls.certificate.KeyedCertificate;
import dev.postgresinstance.operator.feature.tls.certificate.Pem;
import dev.postgresinstance.operator.sql.LoginResult.LoggedIn;
import dev.postgresinstance.operator.sql.LoginResult.Pending;
import dev.postgresinstance.operator.sql.tls.TlsTrust;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Measures the processor time of a login, with a session of the operator that asks nothing, without
 * and with TLS. Both alternate, so that other load on the machine affects both. Arguments: {@code
 * certificate} and a folder in which to write the certificate for the server; or {@code measure},
 * that folder, the address of the server, and the number of rounds.
 */
public final class LoginBenchmark {

  private static final String HOST = "orders.shop.svc";
  private static final int PORT = 5432;
  private static final String PASSWORD = "secret";
  private static final int LOGINS = 200;

  /** Rounds after which the JVM has compiled what a login runs. */
  private static final int WARM_UP = 3;

  private static final double NANOS_PER_MILLI = 1e6;

  private LoginBenchmark() {}

  /** Writes the certificate, or prints the medians of all rounds and their ratio. */
  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[1]);
    if (arguments[0].equals("certificate")) {
      write(folder);
    } else {
      measure(
          Files.readString(folder.resolve("ca.crt")), arguments[2], Integer.parseInt(arguments[3]));
    }
  }

  private static void write(Path folder) throws IOException {
    NewPasswords keys = new NewPasswords();
    KeyedCertificate authority =
        CertificateMaker.authority(
            "authority", keys.keys(Purpose.CERTIFICATE_AUTHORITY), Instant.now());
    KeyedCertificate server =
        CertificateMaker.server(
            HOST, List.of(HOST), authority, keys.keys(Purpose.CERTIFICATE), Instant.now());
    Files.writeString(folder.resolve("ca.crt"), Pem.of(authority.chain()));
    Files.writeString(folder.resolve("tls.crt"), Pem.of(server.chain()));
    Files.writeString(folder.resolve("tls.key"), Pem.of(server.key()));
  }

  private static void measure(String authorities, String address, int rounds) {
    SaltedPasswords.install();
    LoginRequest plain = request(address, Optional.empty());
    LoginRequest encrypted = request(address, Optional.of(new TlsTrust(authorities, HOST, false)));
    List<Double> without = new ArrayList<>();
    List<Double> with = new ArrayList<>();
    for (int round = -WARM_UP; round < rounds; round++) {
      double first = cost(plain);
      double second = cost(encrypted);
      if (round >= 0) {
        without.add(first);
        with.add(second);
      }
    }
    System.out.printf(
        Locale.ROOT,
        "ms of processor time per login, median of %d: %.2f without TLS, %.2f with TLS, ratio %.1f%n",
        rounds,
        median(without),
        median(with),
        median(with) / median(without));
  }

  private static LoginRequest request(String address, Optional<TlsTrust> tls) {
    return new LoginRequest(
        "containerd://1",
        address,
        PORT,
        tls,
        "app",
        new Role("app", PASSWORD),
        new Role("pgi_operator", PASSWORD),
        LoginRepair.NONE,
        List.of());
  }

  /** The mean of many logins, which run on the calling thread, in milliseconds. */
  private static double cost(LoginRequest request) {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    LoginSession.Input input = new LoginSession.Input(new Pending(), Set.of(), Set.of());
    long begin = threads.getCurrentThreadCpuTime();
    for (int i = 0; i < LOGINS; i++) {
      LoginResult result = LoginSession.run(request, input);
      if (!(result instanceof LoggedIn) || result.findings().lockedOut().isPresent()) {
        throw new IllegalStateException(result.toString());
      }
    }
    return (threads.getCurrentThreadCpuTime() - begin) / NANOS_PER_MILLI / LOGINS;
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().toList().get(values.size() / 2);
  }
}
