package dev.postgresinstance.operator.feature.standby;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a server reports about commits that wait for standbys.
 *
 * @param standbyNames the value of {@code synchronous_standby_names}, which is not empty
 * @param confirming number of connected standbys that can confirm a commit
 * @param level the value of {@code synchronous_commit} for the role of {@code spec.username}
 * @param oldest process and transaction of the oldest commit that waits; empty if none does
 * @param stuck whether that commit has waited since the previous session
 */
public record Commits(
    String standbyNames, int confirming, String level, Optional<String> oldest, boolean stuck) {

  /** {@code ANY 2 (a, b)}, {@code FIRST 2 (a, b)} and {@code 2 (a, b)}; a mere list needs one. */
  private static final Pattern NUMBER =
      Pattern.compile("\\s*(?:(?:ANY|FIRST)\\s+)?(\\d{1,9})\\s*\\(.*", Pattern.CASE_INSENSITIVE);

  /** Levels at which no commit waits for a standby, in each spelling that PostgreSQL reads. */
  private static final Pattern LEVEL_WITHOUT_WAIT =
      Pattern.compile("\\s*(local|off|false|no|0)\\s*", Pattern.CASE_INSENSITIVE);

  /** How many standbys have to confirm a commit. */
  public int required() {
    Matcher matcher = NUMBER.matcher(standbyNames);
    return matcher.matches() ? Integer.parseInt(matcher.group(1)) : 1;
  }

  /** Whether too few standbys are connected, so that the next commit waits. */
  public boolean isStandbyMissing() {
    return confirming < required() && !LEVEL_WITHOUT_WAIT.matcher(level).matches();
  }
}
