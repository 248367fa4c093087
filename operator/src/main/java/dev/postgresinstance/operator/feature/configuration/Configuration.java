package dev.postgresinstance.operator.feature.configuration;

import dev.postgresinstance.operator.common.Hashes;
import dev.postgresinstance.operator.common.TextResource;
import dev.postgresinstance.operator.feature.tls.TlsServerPart;
import dev.postgresinstance.operator.instance.Snapshot;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * One postgresql.conf. Its first line is a parameter with the hash of the rest, so that the server
 * itself reports which text it has read.
 *
 * @param text the whole file
 */
public record Configuration(String text) {

  /** Class of the parameters that operator and start script use among themselves. */
  static final String CLASS = "postgres_instance";

  private static final String FIXED_PART =
      TextResource.read(Configuration.class, "postgresql.conf");
  private static final String USER_PART = "# spec.parameters\n";
  private static final Pattern HASH =
      Pattern.compile("\\A" + CLASS + "\\.configuration = '([0-9a-f]+)'\n");
  private static final Pattern TLS_LINES =
      Pattern.compile("(?m)^(ssl(_[a-z_]+)?|" + CLASS + "\\.hba) = .*\n");
  private static final Pattern LINE = Pattern.compile("(?m)^([^#\\s]+) = (.*)$");

  /** The configuration that the spec asks for. */
  static Configuration of(Snapshot snapshot) {
    return of(snapshot, Parameters.ofUser(snapshot.instance().getSpec()));
  }

  /** The same without the parameters of the user: with these defaults every server starts. */
  static Configuration withoutParameters(Snapshot snapshot) {
    return of(snapshot, Map.of());
  }

  /**
   * The configuration with other parameters of the user than those of the spec.
   *
   * @param userParameters by name, as in {@code spec.parameters}
   */
  public static Configuration of(Snapshot snapshot, Map<String, String> userParameters) {
    String text =
        FIXED_PART
            + lines(Parameters.defaults(snapshot.instance().getSpec()))
            + lines(TlsServerPart.parameters(snapshot))
            + "\n"
            + USER_PART
            + lines(Parameters.inLowerCase(userParameters));
    return new Configuration(Parameters.line(CLASS + ".configuration", Hashes.brief(text)) + text);
  }

  /**
   * The same with the lines that the server needs now: a text that is kept as one that worked may
   * come from a pod without, or with, a certificate.
   */
  Configuration fitting(Snapshot snapshot) {
    int user = text.indexOf(USER_PART);
    if (user < 0 || hash().isEmpty()) {
      return this;
    }
    String operatorPart = text.substring(text.indexOf('\n') + 1, user).stripTrailing() + "\n";
    String body =
        TLS_LINES.matcher(operatorPart).replaceAll("")
            + lines(TlsServerPart.parameters(snapshot))
            + "\n"
            + text.substring(user);
    return new Configuration(Parameters.line(CLASS + ".configuration", Hashes.brief(body)) + body);
  }

  private static String lines(Map<String, String> parameters) {
    return parameters.entrySet().stream()
        .map(parameter -> Parameters.line(parameter.getKey(), parameter.getValue()))
        .collect(Collectors.joining());
  }

  /** Identifies the text; empty for a text that the operator has not written. */
  public String hash() {
    Matcher matcher = HASH.matcher(text);
    return matcher.find() ? matcher.group(1) : "";
  }

  /**
   * The parameters of the user by name in any case, with the values as they are written in the
   * file.
   */
  Map<String, String> userParameters() {
    int start = text.indexOf(USER_PART);
    Map<String, String> parameters = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    if (start >= 0) {
      Matcher line = LINE.matcher(text.substring(start));
      while (line.find()) {
        parameters.put(line.group(1), line.group(2));
      }
    }
    return parameters;
  }
}
