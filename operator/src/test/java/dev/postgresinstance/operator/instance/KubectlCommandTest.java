package dev.postgresinstance.operator.instance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class KubectlCommandTest {

  private final PostgresInstance instance = Snapshots.of("{}").instance();

  @Test
  void annotatesInstanceInItsNamespace() {
    assertThat(KubectlCommand.annotate(instance, Labels.ADOPT, "73"))
        .isEqualTo("kubectl annotate -n shop pgi orders postgresinstance.dev/adopt=73 --overwrite");
  }

  @Test
  void annotatesInstanceWithDateAsOneArgument() throws IOException, InterruptedException {
    // When
    String command = KubectlCommand.annotateWithDate(instance, Labels.RESTART);

    // Then: the output of date contains spaces
    assertThat(command)
        .isEqualTo(
            "kubectl annotate -n shop pgi orders postgresinstance.dev/restart=\"$(date)\""
                + " --overwrite");
    assertThat(PastedCommand.arguments(command))
        .hasSize(7)
        .endsWith("--overwrite")
        .element(5)
        .asString()
        .matches("postgresinstance\\.dev/restart=\\S+ .+");
  }

  @Test
  void removesAnnotationInNamespaceOfInstance() {
    assertThat(KubectlCommand.removeAnnotation(instance, Labels.ADOPT))
        .isEqualTo("kubectl annotate -n shop pgi orders postgresinstance.dev/adopt-");
  }

  @Test
  void describesObjectInNamespaceOfInstance() {
    assertThat(KubectlCommand.describe(instance, "pod", "orders-0"))
        .isEqualTo("kubectl describe -n shop pod orders-0");
  }
}
