package dev.postgresinstance.operator.instance.termination;

import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One line of PostgreSQL's log, whatever {@code log_line_prefix} and {@code log_error_verbosity}
 * are.
 *
 * @param severity as PostgreSQL writes it, or {@code HINT} and the like for a line that belongs to
 *     the one before; empty if the server ended before it could log
 * @param message what follows, without the SQLSTATE
 * @param toClient whether the message is for a client: each rejected client causes one
 */
record LogLine(String severity, String message, boolean toClient) {

  /** Severity of a message that ended a server before it could log. */
  private static final String EARLY = "";

  private static final Set<String> END = Set.of(EARLY, "FATAL", "PANIC");

  /** The first severity counts: a message or a statement may quote another one. */
  private static final Pattern FORM =
      Pattern.compile(
          "^(?<prefix>.*?)\\b(?<severity>FATAL|PANIC|LOG|ERROR|WARNING|NOTICE|INFO|DEBUG[1-5]?"
              + "|DETAIL|HINT|CONTEXT|STATEMENT|QUERY|LOCATION|BACKTRACE): {2}"
              + "(?:[0-9A-Z]{5}: )?(?<message>.*)$");

  /** Before PostgreSQL can log, its messages begin with the name of the program. */
  private static final Pattern BEFORE_LOG = Pattern.compile("^postgres: (.*)$");

  /**
   * A prefix that names a user or a database, which processes of the server itself do not have: the
   * operator's own one, and those of log analyzers.
   */
  private static final Pattern CLIENT_PREFIX =
      Pattern.compile("\\[\\d+] (?:[^@\\s][^@]*@|@\\S)|\\b(?:user|db)=[^,\\s]");

  /** For a prefix that does not show who the message is for. */
  private static final Pattern CLIENT_MESSAGE =
      Pattern.compile(
          "authentication failed for user|^canceling authentication"
              + "|^no pg_hba\\.conf entry|^pg_hba\\.conf rejects"
              + "|^(?:role|user|database) \".*\" |^(?:sorry, )?too many c"
              + "|^(?:remaining )?connection (?:slots|to client)"
              + "|^the database system is |^terminating |^permission denied for database"
              + "|^unsupported frontend protocol|^invalid startup packet|^no PostgreSQL user name");

  /** The line; empty if PostgreSQL has not written it, or if it continues another one. */
  static Optional<LogLine> of(String text) {
    Matcher early = BEFORE_LOG.matcher(text);
    if (early.find()) {
      return Optional.of(new LogLine(EARLY, early.group(1), false));
    }
    Matcher line = FORM.matcher(text);
    if (!line.find()) {
      return Optional.empty();
    }
    String message = line.group("message");
    boolean toClient =
        CLIENT_PREFIX.matcher(line.group("prefix")).find()
            || CLIENT_MESSAGE.matcher(message).find();
    return Optional.of(new LogLine(line.group("severity"), message, toClient));
  }

  /** Whether it tells why a server ended. */
  boolean isEnd() {
    return !toClient && END.contains(severity);
  }

  /** Whether PostgreSQL has rejected a file, and explained each error in the lines before. */
  boolean isRejectedFile() {
    return isEnd() && message.startsWith("configuration file ") && message.endsWith("errors");
  }

  /** Part of a clause about a rejected file; empty if the line is about something else. */
  String objection() {
    return switch (severity) {
      case "LOG" -> "; " + message.replaceFirst(" in file \".*", "");
      case "DETAIL", "HINT" -> " (" + message + ")";
      default -> "";
    };
  }

  @Override
  public String toString() {
    return severity.equals(EARLY) ? message : severity + ":  " + message;
  }
}
