package dev.postgresinstance.operator.management;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.EncoderBase;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;

/**
 * Configures the log of the process: one line for each action, none while nothing changes. In Java
 * instead of logback's XML, because the XML parser would stay in memory.
 */
@ConfiguratorRank(ConfiguratorRank.CUSTOM_HIGH_PRIORITY)
public final class LogConfiguration extends ContextAwareBase implements Configurator {

  /**
   * A message takes one line. Otherwise an error message with line breaks, which a server of a
   * tenant may send, could imitate other lines of the log.
   */
  static final String LINE =
      "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX, UTC} %-5level %logger{0}"
          + " %replace(%X{namespace}/%X{name} ){'^/ $', ''}- %replace(%msg){'[\\r\\n]+', ' '}%n";

  /**
   * Loggers that repeat in many lines what the operator logs in one, or that log nothing useful.
   */
  private static final List<String> VERBOSE =
      List.of(
          // The client warns about every v1alpha1 API, including that of the operator.
          "io.fabric8.kubernetes.client.dsl.internal.VersionUsageUtils",
          // During an outage, these log a hundred lines for each failed attempt.
          "io.javaoperatorsdk.operator.processing.event.EventProcessor",
          "io.fabric8.kubernetes.client.extended.leaderelection.LeaderElector",
          "io.fabric8.kubernetes.client.informers.impl.cache.Reflector",
          "io.javaoperatorsdk.operator.processing.event.source.informer.InformerWrapper",
          "io.fabric8.kubernetes.client.jdkhttp.JdkWebSocketImpl");

  private static volatile Optional<Choice> choice = Optional.empty();

  private record Choice(Level level, String format) {}

  /**
   * Selects level and format. Call it before the first logger is created. Without a call, as in the
   * JVM of a test, logback uses its other sources of configuration.
   *
   * @param level minimum level of the operator's own loggers
   * @param format text, or json for one JSON object per line
   */
  public static void choose(String level, String format) {
    choice = Optional.of(new Choice(Level.toLevel(level), format));
  }

  /** Called by logback before the first logger is created. */
  @Override
  public ExecutionStatus configure(LoggerContext context) {
    choice.ifPresent(chosen -> configure(context, chosen));
    return choice.isPresent()
        ? ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY
        : ExecutionStatus.INVOKE_NEXT_IF_ANY;
  }

  private static void configure(LoggerContext context, Choice chosen) {
    EncoderBase<ILoggingEvent> encoder =
        "json".equals(chosen.format()) ? jsonEncoder() : textEncoder();
    encoder.setContext(context);
    encoder.start();
    ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
    console.setContext(context);
    console.setTarget("System.err");
    console.setEncoder(encoder);
    console.start();
    context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(Level.WARN);
    context.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(console);
    context.getLogger("dev.postgresinstance").setLevel(chosen.level());
    VERBOSE.forEach(name -> context.getLogger(name).setLevel(Level.ERROR));
  }

  private static EncoderBase<ILoggingEvent> textEncoder() {
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setPattern(LINE);
    return encoder;
  }

  private static EncoderBase<ILoggingEvent> jsonEncoder() {
    JsonEncoder encoder = new JsonEncoder();
    encoder.setWithSequenceNumber(false);
    encoder.setWithNanoseconds(false);
    encoder.setWithContext(false);
    encoder.setWithMessage(false);
    encoder.setWithArguments(false);
    encoder.setWithFormattedMessage(true);
    return encoder;
  }
}
