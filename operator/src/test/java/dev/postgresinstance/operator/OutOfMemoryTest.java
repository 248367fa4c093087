package dev.postgresinstance.operator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The effect of a JVM error in a reconciliation, where all errors are caught. A stack overflow ends
 * with the reconciliation. An out-of-memory error may have hit any thread, and leaves an unknown
 * state: the process must exit, and the kubelet restarts it.
 */
class OutOfMemoryTest {

  private static final Path IMAGE = Path.of("Dockerfile");
  private static final Path RUN = Path.of("../k8s-tests/cluster/run.sh");
  private static final String OPTIONS = "jvm.options";

  /** A minimal reconciliation; exits with code 0 if it catches the error. */
  static final class Reconciliation {

    private Reconciliation() {}

    public static void main(String[] arguments) {
      try {
        System.exit(arguments[0].equals("heap") ? fill(new ArrayList<>()) : dive(0));
      } catch (StackOverflowError | OutOfMemoryError e) {
        System.exit(0);
      }
    }

    private static int fill(List<byte[]> heap) {
      while (heap.size() < 10_000) {
        heap.add(new byte[1_000_000]);
      }
      return heap.size();
    }

    private static int dive(int depth) {
      return depth < Integer.MAX_VALUE ? dive(depth + 1) + 1 : 0;
    }
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({"stack, 0", "heap, 3"})
  void processExitsOnOutOfMemoryOnly(String what, int exitCode) throws Exception {
    // Given
    List<String> java =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+IgnoreUnrecognizedVMOptions", // options for the newer Java of the image
            "@" + OPTIONS,
            "-Xmx64m", // otherwise a part of the machine's memory
            "-cp",
            System.getProperty("java.class.path"),
            Reconciliation.class.getName(),
            what);

    // When
    Process process =
        new ProcessBuilder(java)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();

    // Then
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).isEqualTo(exitCode);
  }

  @Test
  void imageAndLocalProcessUseTheseOptions() throws IOException {
    assertThat(Files.readString(IMAGE))
        .contains("COPY operator/jvm.options /app/")
        .contains("ENTRYPOINT [\"/opt/java/bin/java\", \"@/app/jvm.options\", ");
    assertThat(Files.readString(RUN)).contains(" \"@$root/operator/jvm.options\" ");
  }
}
