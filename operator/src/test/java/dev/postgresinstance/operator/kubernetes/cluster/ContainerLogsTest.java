package dev.postgresinstance.operator.kubernetes.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.kubernetes.MockApiServer;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ContainerLogsTest {

  private static final Pod POD =
      new PodBuilder()
          .withNewMetadata()
          .withNamespace("shop")
          .withName("orders-restore-x")
          .endMetadata()
          .build();

  @RegisterExtension private final MockApiServer api = new MockApiServer();

  @Test
  void readsTheLastLines() {
    answer(200, "one\ntwo\n");

    assertThat(new ContainerLogs(api.client()).read(POD, "fetch")).isEqualTo("one\ntwo\n");
  }

  @Test
  void readsAgainWhatWasNotThereYet() {
    // Given
    answer(400, "container is waiting to start");
    ContainerLogs logs = new ContainerLogs(api.client());

    // When
    assertThat(logs.read(POD, "fetch")).isEmpty();
    assertThat(logs.read(POD, "fetch")).isEmpty();

    // Then
    assertThat(api.server().getRequestCount()).isEqualTo(2);
  }

  @Test
  void doesNotRepeatAtOnceWhatIsDenied() {
    // Given
    answer(403, "");
    ContainerLogs logs = new ContainerLogs(api.client());

    // When
    assertThat(logs.read(POD, "fetch")).isEmpty();
    assertThat(logs.read(POD, "fetch")).isEmpty();

    // Then
    assertThat(api.server().getRequestCount()).isEqualTo(1);
  }

  private void answer(int code, String body) {
    api.server()
        .expect()
        .get()
        .withPath("/api/v1/namespaces/shop/pods/orders-restore-x/log?container=fetch&tailLines=10")
        .andReturn(code, body)
        .always();
  }
}
