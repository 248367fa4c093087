package dev.postgresinstance.tests.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PreconditionsTest {

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = ';',
      value = {
        "PATCH ; services/orders ; {'metadata': {'uid': 'u', 'resourceVersion': '7'}} ;",
        "PATCH ; services/orders ; {'metadata': {'resourceVersion': '1'}} ;",
        "PATCH ; services/orders ; {'metadata': {'resourceVersion': '7'}} ; uid",
        "PATCH ; services/orders ; {'metadata': {'uid': 'u'}} ; resourceVersion",
        "PATCH ; services/orders ; {'spec': {'uid': 'u', 'resourceVersion': '7'}} ;"
            + " resourceVersion",
        "PUT ; services/orders ; {} ; resourceVersion",
        "POST ; services ; {'metadata': {'name': 'orders'}} ;",
        "POST ; services ; {'metadata': {'generateName': 'orders-'}} ; name",
        "DELETE ; pods/o-0 ; {'preconditions': {'uid': 'u', 'resourceVersion': '7'}} ;",
        "DELETE ; pods/o-0 ; {'preconditions': {'resourceVersion': '7'}} ; uid",
        "DELETE ; pods/o-0 ; {'gracePeriodSeconds': 0} ; resourceVersion",
        "DELETE ; pods/o-0 ; ; resourceVersion",
        "DELETE ; pods ; ; resourceVersion",
        "GET ; pods/o-0 ; ;",
        "POST ; events ; {'metadata': {'generateName': 'orders.'}} ;",
        "PATCH ; events/orders.1 ; {'count': 2} ;"
      })
  void reportsMissingPreconditionOfChange(
      String method, String path, String body, String expected) {
    // Given
    URI uri = URI.create("https://cluster/api/v1/namespaces/shop/" + path);
    Recorder.Request request = Recorder.parse(method, uri);

    // When
    Optional<String> missing =
        Preconditions.missing(request, body == null ? null : body.replace('\'', '"'));

    // Then
    assertThat(missing).isEqualTo(Optional.ofNullable(expected));
  }
}
