package dev.postgresinstance.operator.common;

/** Shortens texts of other programs, whose length the operator does not control. */
public final class Text {

  private Text() {}

  /**
   * Returns the beginning of a text.
   *
   * @param maxLength maximum length of the result, in characters
   */
  public static String truncate(String text, int maxLength) {
    return text.length() <= maxLength ? text : text.substring(0, maxLength);
  }

  /**
   * Returns the text, or its beginning with an ellipsis (…) if it is too long.
   *
   * @param maxLength maximum length of the result including the ellipsis, in characters
   */
  public static String abbreviate(String text, int maxLength) {
    return text.length() <= maxLength ? text : truncate(text, maxLength - 1) + "…";
  }
}
