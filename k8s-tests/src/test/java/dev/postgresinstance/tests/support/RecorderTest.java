package dev.postgresinstance.tests.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecorderTest {

  @ParameterizedTest
  @CsvSource({
    "GET, /api/v1/namespaces/shop/secrets/orders-app, get secrets shop/orders-app",
    "GET, /api/v1/secrets?labelSelector=a%3Db, list secrets null/null",
    "GET, /api/v1/pods?resourceVersion=7&watch=true, watch pods null/null",
    "PATCH, /api/v1/namespaces/shop/services/orders?fieldManager=m, patch services shop/orders",
    "PATCH, /apis/g.dev/v1alpha1/namespaces/shop/postgresinstances/orders/status,"
        + " patch postgresinstances/status shop/orders",
    "POST, /apis/apps/v1/namespaces/shop/statefulsets, create statefulsets shop/null",
    "DELETE, /api/v1/namespaces/shop/pods/orders-0, delete pods shop/orders-0",
    "GET, /version, GET /version null/null"
  })
  void parsesRequestIntoVerbKindNamespaceAndName(String method, String uri, String expected) {
    // When
    Recorder.Request request = Recorder.parse(method, URI.create("https://cluster" + uri));

    // Then
    assertThat(request).hasToString(expected);
  }
}
