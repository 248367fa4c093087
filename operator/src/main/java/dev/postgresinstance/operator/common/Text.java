package dev.postgresinstance.operator.common;

/** Shortens texts of other programs, whose length the operator does not control. */
public final class Text {

  private Text() {}

  /**
   * Returns the beginning of a text. A surrogate pair is not split: half of one cannot be encoded,
   * so the text that the API server stores would differ from this one forever.
   *
   * @param maxLength maximum length of the result, in characters; at least 1
   */
  public static String truncate(String text, int maxLength) {
    if (text.length() <= maxLength) {
      return text;
    }
    boolean splitsPair = Character.isHighSurrogate(text.charAt(maxLength - 1));
    return text.substring(0, splitsPair ? maxLength - 1 : maxLength);
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
