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
 * The log of the process: one line for each deed, nothing while nothing happens. In Java, because
 * what reads logback's XML stays in memory for good.
 */
@ConfiguratorRank(ConfiguratorRank.CUSTOM_HIGH_PRIORITY)
public final class LogConfiguration extends ContextAwareBase implements Configurator {

  private static final String LINE =
      "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX, UTC} %-5level %logger{0}"
          + " %replace(%X{namespace}/%X{name} ){'^/ $', ''}- %msg%n";

  /** What says in many lines what the operator says in one, or what is no news. */
  private static final List<String> TALKATIVE =
      List.of(
          // The client warns of every v1alpha1, also of ours.
          "io.fabric8.kubernetes.client.dsl.internal.VersionUsageUtils",
          // What fails for a while these tell in a hundred lines each time.
          "io.javaoperatorsdk.operator.processing.event.EventProcessor",
          "io.fabric8.kubernetes.client.extended.leaderelection.LeaderElector",
          "io.fabric8.kubernetes.client.informers.impl.cache.Reflector",
          "io.javaoperatorsdk.operator.processing.event.source.informer.InformerWrapper",
          "io.fabric8.kubernetes.client.jdkhttp.JdkWebSocketImpl");

  private static volatile Optional<Choice> choice = Optional.empty();

  private record Choice(Level level, String format) {}

  /**
   * Has the log be so. To be called before the first logger is made; where nobody calls it, as in
   * the JVM of a test, logback looks for a configuration elsewhere.
   *
   * @param level of the operator's own words
   * @param format text, a line for people, or json, an object in a line
   */
  public static void choose(String level, String format) {
    choice = Optional.of(new Choice(Level.toLevel(level), format));
  }

  /** Called by logback before the first logger is made. */
  @Override
  public ExecutionStatus configure(LoggerContext context) {
    choice.ifPresent(chosen -> configure(context, chosen));
    return choice.isPresent()
        ? ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY
        : ExecutionStatus.INVOKE_NEXT_IF_ANY;
  }

  private static void configure(LoggerContext context, Choice chosen) {
    EncoderBase<ILoggingEvent> encoder = "json".equals(chosen.format()) ? objects() : lines();
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
    TALKATIVE.forEach(name -> context.getLogger(name).setLevel(Level.ERROR));
  }

  private static EncoderBase<ILoggingEvent> lines() {
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setPattern(LINE);
    return encoder;
  }

  private static EncoderBase<ILoggingEvent> objects() {
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
