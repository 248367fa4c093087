package dev.postgresinstance.tests.support;

import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Throws an error on each request for certain objects, like a bug in the operator's own code. */
public final class FailingRequests implements Interceptor {

  private final Set<String> names = ConcurrentHashMap.newKeySet();
  private final AtomicInteger times = new AtomicInteger();

  /** From now on, requests for objects with this name fail. */
  public void at(String name) {
    names.add(name);
  }

  /** The number of failed requests so far. */
  public int times() {
    return times.get();
  }

  /** Stops failing requests. */
  public void end() {
    names.clear();
  }

  @Override
  public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
    Recorder.Request parsed = Recorder.parse(request.method(), request.uri());
    if (parsed.name() != null && names.contains(parsed.name())) {
      times.incrementAndGet();
      throw new StackOverflowError("injected by a test");
    }
  }
}
