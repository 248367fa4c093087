package dev.postgresinstance.tests.support;

import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Has whoever asks for an object fail, as by a fault of the operator's own code. */
public final class Failing implements Interceptor {

  private final Set<String> names = ConcurrentHashMap.newKeySet();
  private final AtomicInteger times = new AtomicInteger();

  /** From now on with objects of that name. */
  public void at(String name) {
    names.add(name);
  }

  /** How often somebody has failed so far. */
  public int times() {
    return times.get();
  }

  /** Nobody fails any more. */
  public void end() {
    names.clear();
  }

  @Override
  public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
    Recorder.Request asked = Recorder.parse(request.method(), request.uri());
    if (asked.name() != null && names.contains(asked.name())) {
      times.incrementAndGet();
      throw new StackOverflowError("made by a test");
    }
  }
}
