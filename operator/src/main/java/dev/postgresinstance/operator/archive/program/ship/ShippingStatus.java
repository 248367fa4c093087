package dev.postgresinstance.operator.archive.program.ship;

import dev.postgresinstance.operator.archive.Lsn;
import dev.postgresinstance.operator.archive.program.FlatJson;
import dev.postgresinstance.operator.common.Text;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What the operator learns about shipping.
 *
 * @param lineage empty until it is known
 * @param since start of the lineage
 * @param lsn everything before it is in the store
 * @param time everything that was committed before it is in the store
 * @param gap why the lineage does not continue the former one; empty when it does, or is the first
 */
record ShippingStatus(
    Optional<String> lineage,
    Optional<Instant> since,
    Optional<Lsn> lsn,
    Optional<Instant> time,
    Optional<String> gap,
    Optional<Problem> problem) {

  /** PostgreSQL cuts the text of a statement at 1024 bytes, unless it is set otherwise. */
  static final int MAX_STATEMENT = 900;

  static final ShippingStatus UNKNOWN =
      new ShippingStatus(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty());

  private static final int MAX_GAP = 150;
  private static final int MAX_MESSAGE = 500;
  private static final int MESSAGE_STEP = 20;

  /**
   * What is wrong.
   *
   * @param word for programs, such as {@code AccessDenied}
   * @param message for people
   */
  record Problem(String word, String message) {}

  /** The same with another problem. */
  ShippingStatus with(Optional<Problem> other) {
    return new ShippingStatus(lineage, since, lsn, time, gap, other);
  }

  /** The same without the time. */
  ShippingStatus withoutTime() {
    return new ShippingStatus(lineage, since, lsn, Optional.empty(), gap, problem);
  }

  /** A statement whose text contains everything, in at most 900 bytes. */
  String statement() {
    int length = MAX_MESSAGE;
    String statement = statement(length);
    while (statement.length() > MAX_STATEMENT) {
      length -= MESSAGE_STEP;
      statement = statement(length);
    }
    return statement;
  }

  private String statement(int messageLength) {
    Map<String, Object> fields = new LinkedHashMap<>();
    lineage.ifPresent(value -> fields.put("lineage", value));
    since.ifPresent(value -> fields.put("since", value));
    lsn.ifPresent(value -> fields.put("lsn", value));
    time.ifPresent(value -> fields.put("time", value));
    gap.ifPresent(value -> fields.put("gap", Text.abbreviate(value, MAX_GAP)));
    problem.ifPresent(
        value -> {
          fields.put("problem", value.word());
          String line = value.message().replaceAll("\\s+", " ").strip();
          fields.put("message", Text.abbreviate(line, messageLength));
        });
    String json = FlatJson.write(fields);
    return "SELECT 'pgi_backup', '" + json.replace("'", "''") + "'";
  }
}
