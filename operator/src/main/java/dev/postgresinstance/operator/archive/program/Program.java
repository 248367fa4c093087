package dev.postgresinstance.operator.archive.program;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import dev.postgresinstance.operator.archive.store.StoreException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.regex.Pattern;

/** Runs a program: its environment, its result, and its exit status. */
public final class Program {

  private static final Pattern UNDERSCORE = Pattern.compile("_(.)");

  /** What a program does. */
  @FunctionalInterface
  public interface Body {

    /** Returns the result; a failure is an exception. */
    ProgramResult run(ProgramEnvironment environment) throws Exception;
  }

  private Program() {}

  /** Runs the body, writes its result to the termination message, and ends the process. */
  public static void run(Body body) {
    // The libraries would log through logback, which needs memory and, unconfigured, logs requests.
    System.setProperty("slf4j.provider", "org.slf4j.helpers.NOP_FallbackServiceProvider");
    System.setProperty("slf4j.internal.verbosity", "WARN");
    useNativeCryptography();
    ProgramEnvironment environment = ProgramEnvironment.ofProcess();
    end(environment, resultOf(body, environment));
  }

  /** Without it, TLS takes much more processor time, and everything else is the same. */
  private static void useNativeCryptography() {
    AmazonCorrettoCryptoProvider.install();
    Throwable failure = AmazonCorrettoCryptoProvider.INSTANCE.getLoadingError();
    if (failure != null) {
      ProgramLog.say("Cannot use native cryptography: %s", failure);
    }
  }

  /** Ends the process after the unexpected failure of a thread: another process begins afresh. */
  public static void end(Throwable failure) {
    end(ProgramEnvironment.ofProcess(), ProgramResult.failure("Failed", String.valueOf(failure)));
  }

  private static void end(ProgramEnvironment environment, ProgramResult result) {
    ProgramLog.say("%s", result.json());
    try {
      write(environment.terminationLog(), result);
    } catch (IOException e) {
      ProgramLog.say("Cannot write the termination message: %s", e);
    }
    // Not exit: no thread of a library may keep the process alive.
    Runtime.getRuntime().halt(result.succeeded() ? 0 : 1);
  }

  /** The result of a body, of whatever kind its failure is. */
  static ProgramResult resultOf(Body body, ProgramEnvironment environment) {
    try {
      return body.run(environment);
    } catch (ProgramFailure e) {
      return ProgramResult.failure(e.reason(), e.getMessage());
    } catch (StoreException e) {
      return ProgramResult.failure(word(e.problem()), e.getMessage());
    } catch (Exception | OutOfMemoryError e) {
      ProgramLog.say("%s", e);
      return ProgramResult.failure("Failed", String.valueOf(e));
    }
  }

  /** The word for a problem of a store in results and in the status, such as AccessDenied. */
  public static String word(StoreException.Problem problem) {
    return problem == StoreException.Problem.UNSUPPORTED
        ? "ChecksumsUnsupported"
        : camelCase(problem.name());
  }

  private static String camelCase(String constant) {
    String lower = constant.substring(0, 1) + constant.substring(1).toLowerCase(Locale.ROOT);
    return UNDERSCORE.matcher(lower).replaceAll(m -> m.group(1).toUpperCase(Locale.ROOT));
  }

  private static void write(Path file, ProgramResult result) throws IOException {
    Files.writeString(
        file,
        result.json() + "\n",
        StandardCharsets.US_ASCII,
        StandardOpenOption.WRITE,
        StandardOpenOption.TRUNCATE_EXISTING);
  }
}
