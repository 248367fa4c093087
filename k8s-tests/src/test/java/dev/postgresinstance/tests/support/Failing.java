package dev.postgresinstance.tests.support;

import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Has whoever asks for an object fail, as by a fault of the operator's own code. */
public final class Failing implements Interceptor {

  private final Set<String> names = ConcurrentHashMap.newKeySet();

  /** From now on with objects of that name. */
  public void at(String name) {
    names.add(name);
  }

  /** Nobody fails any more. */
  public void end() {
    names.clear();
  }

  @Override
  public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
    Recorder.Request asked = Recorder.parse(request.method(), request.uri());
    if (asked.name() != null && names.contains(asked.name())) {
      throw new StackOverflowError("made by a test");
    }
  }
}
