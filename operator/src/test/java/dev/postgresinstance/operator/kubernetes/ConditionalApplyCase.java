package dev.postgresinstance.operator.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.operator.feature.network.InstanceService;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.kubernetes.cache.JosdkWithoutOperator;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServiceListBuilder;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.fabric8.mockwebserver.http.RecordedRequest;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Writes Services with ConditionalApply to a mock API server. */
abstract class ConditionalApplyCase {

  static final String PATH = "/api/v1/namespaces/shop/services/orders";
  static final String APPLY = PATH + "?fieldManager=postgres-instance-operator&force=true";
  private static final String SELECTED =
      "labelSelector=app.kubernetes.io%2Fmanaged-by%3Dpostgres-instance-operator";
  private static final String LIST = "/api/v1/services?" + SELECTED + "&limit=500";
  private static final String WATCH =
      "/api/v1/services?allowWatchBookmarks=true&"
          + SELECTED
          + "&resourceVersion=1&timeoutSeconds=600&watch=true";
  static final KubernetesSerialization YAML = new KubernetesSerialization();

  @RegisterExtension final MockApiServer api = new MockApiServer();

  final Snapshot snapshot = Snapshots.of("{}");
  final Service desired = InstanceService.desired(snapshot);
  JosdkWithoutOperator josdk;
  EventSource<?, PostgresInstance> services;
  ConditionalApply apply;

  @BeforeEach
  void start() {
    api.server()
        .expect()
        .get()
        .withPath(LIST)
        .andReturn(200, new ServiceListBuilder().withNewMetadata("", 0L, "1", "").build())
        .once();
    api.server().expect().get().withPath(WATCH).andUpgradeToWebSocket().open().done().always();
    josdk = new JosdkWithoutOperator(api.client());
    services = josdk.informers().eventSources().getFirst();
    services.start();
    apply = new ConditionalApply(api.client(), josdk.informers());
  }

  @AfterEach
  void stop() {
    services.stop();
  }

  void answer(int code, Service body) {
    api.server().expect().patch().withPath(APPLY).andReturn(code, body).once();
  }

  void reject(int code) {
    api.server()
        .expect()
        .patch()
        .withPath(APPLY)
        .andReturn(
            code, new StatusBuilder().withCode(code).withMessage("because of " + code).build())
        .once();
  }

  RecordedRequest onlyRequest() {
    List<RecordedRequest> requests = writes();
    assertThat(requests).hasSize(1);
    return requests.getFirst();
  }

  /** All requests except those that fill the cache. */
  List<RecordedRequest> writes() {
    try {
      List<RecordedRequest> writes = new ArrayList<>();
      for (int left = api.server().getRequestCount(); left > 0; left--) {
        RecordedRequest request = api.server().takeRequest();
        if (!request.getMethod().equals("GET")) {
          writes.add(request);
        }
      }
      return writes;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  static Service sent(RecordedRequest request) {
    return YAML.unmarshal(request.getUtf8Body(), Service.class);
  }

  /** The desired object as the API server stores it, with defaults and managed fields. */
  static Service stored(int version) {
    InputStream yaml = ConditionalApplyCase.class.getResourceAsStream("stored-service.yaml");
    return new ServiceBuilder(YAML.unmarshal(yaml, Service.class))
        .editMetadata()
        .withResourceVersion(Integer.toString(version))
        .endMetadata()
        .build();
  }

  /** As {@link #stored}, after another writer changed a field that the operator sets. */
  static Service drifted(int version) {
    return new ServiceBuilder(stored(version))
        .editSpec()
        .withPublishNotReadyAddresses(false)
        .endSpec()
        .build();
  }
}
