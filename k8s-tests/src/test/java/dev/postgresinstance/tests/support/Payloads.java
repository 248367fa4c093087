package dev.postgresinstance.tests.support;

import java.util.List;
import java.util.stream.Stream;

/**
 * Injection payloads: texts that are harmless unless something executes them as SQL, shell or a
 * template. An executed payload leaves a role, file or key called {@code pwned}.
 */
public final class Payloads {

  /** Payloads without control characters, for fields that refuse control characters. */
  private static final List<String> LINES =
      List.of(
          "'; CREATE ROLE pwned SUPERUSER; --",
          "\"; CREATE ROLE pwned SUPERUSER; --",
          "\\'; CREATE ROLE pwned SUPERUSER; --",
          "$pgi$; CREATE ROLE pwned SUPERUSER; --",
          "x' OR '1'='1",
          "'; COPY (SELECT 1) TO PROGRAM 'touch /tmp/pwned'; --",
          "$(touch /tmp/pwned)",
          "`touch /tmp/pwned`",
          "x; touch /tmp/pwned",
          "' || touch /tmp/pwned; '",
          "-c config_file=/tmp/pwned",
          "--pwned=yes",
          "../../../../tmp/pwned",
          "$(PGI_INSTANCE_ID)",
          "{{ .Values.pwned }} ${pwned} #{pwned} %n%s",
          "x\", \"pwned\": \"yes",
          "x, pwned: yes");

  private Payloads() {}

  /** All payloads of one line. */
  public static List<String> lines() {
    return LINES;
  }

  /** All payloads, including those with control characters. */
  public static List<String> all() {
    return Stream.concat(
            LINES.stream(),
            Stream.of("x\npwned: yes", "x'\npwned = 'yes", "x\u0000; touch /tmp/pwned"))
        .toList();
  }
}
