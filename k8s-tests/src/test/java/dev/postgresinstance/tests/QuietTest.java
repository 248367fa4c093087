package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.Recorder;
import dev.postgresinstance.tests.support.Steadily;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;

/** Where nothing happens, nothing is written. Alone, because one test restarts the operator. */
@Isolated
class QuietTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static Instance orders;

  @BeforeAll
  static void instance() {
    // Given
    orders = given.instance("orders").running();
    given
        .instance("full")
        .service("annotations", Map.of("example.com/note", "kept"))
        .service("externalTrafficPolicy", "Local")
        .service("advertisedHost", "db.example.com")
        .pod("labels", Map.of("team", "shop"))
        .pod("annotations", Map.of("example.com/contact", "the shop"))
        .pod("nodeSelector", Map.of("kubernetes.io/os", "linux"))
        .pod("tolerations", List.of(Map.of("key", "databases", "operator", "Exists")))
        .pod("affinity", Map.of("podAntiAffinity", Map.of()))
        .pod("imagePullSecrets", List.of(Map.of("name", "registry")))
        .pod("runAsUser", 1000)
        .running();
  }

  @Test
  void aRunningInstanceCausesNoWrite() {
    // Given
    Recorder recorder = given.operator().recorder();
    recorder.waitUntilQuietIn(given.namespace());

    // When
    recorder.clear();

    // Then
    assertNoWrite(recorder);
  }

  @Test
  void aRestartOfTheOperatorCausesNoWriteAndNoRestartOfTheServer() {
    // Given
    Recorder recorder = given.operator().recorder();
    recorder.waitUntilQuietIn(given.namespace());
    Pod before = orders.pod();
    given.operator().stop();
    recorder.clear();

    // When
    given.operator().start();

    // Then
    assertNoWrite(recorder);
    Eventually.instance(orders).isReady();
    assertThat(orders.pod().getMetadata().getUid()).isEqualTo(before.getMetadata().getUid());
  }

  private static void assertNoWrite(Recorder recorder) {
    Steadily.that(
        "the operator writes nothing",
        () -> assertThat(recorder.writesIn(given.namespace())).isEmpty());
  }
}
