package dev.postgresinstance.operator.report;

import dev.postgresinstance.operator.common.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Joins several messages to the message of one condition. */
public final class Messages {

  /** What a shortened message keeps: usually its first sentence. */
  private static final int SHORTENED = 200;

  /** Commands are complete or absent: a part of one could do something else. */
  private static final String COMMAND = "kubectl ";

  /** A command ends its line, or its sentence goes on: "… shows more". */
  private static final Pattern END_OF_COMMAND = Pattern.compile("\\n| shows |[.] ");

  /** What precedes a command that is not the first one of its line. */
  private static final Pattern CONTINUED = Pattern.compile("(&& |[|] |; |[$][(])$");

  private Messages() {}

  /**
   * Joins messages in this order. If the result would be too long, the last ones are shortened
   * first, and the first one never.
   *
   * @param first the most important message
   * @param others further messages, the most important first
   */
  public static String join(String first, List<String> others) {
    List<String> messages = new ArrayList<>(others);
    messages.addFirst(first);
    for (int last = messages.size() - 1; last > 0 && isTooLong(messages); last--) {
      messages.set(last, shortened(messages.get(last)));
    }
    for (int size = messages.size(); size > 1 && isTooLong(messages); size--) {
      messages.removeLast();
    }
    return joined(messages);
  }

  private static boolean isTooLong(List<String> messages) {
    return joined(messages).length() > StatusBuilder.MAX_MESSAGE_LENGTH;
  }

  private static String joined(List<String> messages) {
    return messages.stream().map(Messages::ended).collect(Collectors.joining()).strip();
  }

  /** A command ends its line, so that nobody copies it together with the next message. */
  private static String ended(String message) {
    return message + (message.endsWith(".") || message.endsWith("…") ? " " : "\n");
  }

  /**
   * Returns the beginning of a message, with an ellipsis (…) if it is too long. A command that does
   * not fit is omitted.
   *
   * @param maxLength maximum length of the result, in characters
   */
  static String abbreviate(String message, int maxLength) {
    if (message.length() <= maxLength) {
      return message;
    }
    String beginning = Text.truncate(message, maxLength - 1);
    int command = lastCommand(beginning);
    boolean isCut = command >= 0 && !END_OF_COMMAND.matcher(beginning).find(command);
    return (isCut ? beginning.substring(0, command).stripTrailing() : beginning) + "…";
  }

  /** Start of the last command line; -1 for none. Commands of one line are used together. */
  private static int lastCommand(String text) {
    int start = text.lastIndexOf(COMMAND);
    while (start > 0 && CONTINUED.matcher(text.substring(0, start)).find()) {
      start = text.lastIndexOf(COMMAND, start - 1);
    }
    return start;
  }

  private static String shortened(String message) {
    int command = message.indexOf(COMMAND);
    String beginning = command < 0 ? message : message.substring(0, command).strip() + "…";
    return Text.abbreviate(beginning, SHORTENED);
  }
}
