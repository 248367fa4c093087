package dev.postgresinstance.tests.support;

import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.AsyncBody.Consumer;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Holds back what the API server tells the operator of one kind of object, as a slow network does;
 * all else goes on. It sees watches over plain HTTP only, not over WebSockets.
 */
public final class WatchGate implements Interceptor {

  private static final CompletableFuture<Void> OPEN = CompletableFuture.completedFuture(null);

  private volatile Gate gate = new Gate("", OPEN);

  private record Gate(String kind, CompletableFuture<Void> opened) {}

  /** Holds back all that is new of a kind, which is named by its plural. */
  public void hold(String kind) {
    letGo();
    gate = new Gate(kind, new CompletableFuture<>());
  }

  /** Tells what was held back, in its order, and holds back nothing more. */
  public void letGo() {
    gate.opened().complete(null);
  }

  @Override
  public Consumer<List<ByteBuffer>> consumer(
      Consumer<List<ByteBuffer>> consumer, HttpRequest request) {
    Recorder.Request watch = Recorder.parse(request.method(), request.uri());
    if (!watch.verb().equals("watch")) {
      return consumer;
    }
    return (bytes, body) -> {
      Gate now = gate;
      if (now.opened().isDone() || !now.kind().equals(watch.kind())) {
        consumer.consume(bytes, body);
      } else {
        // Nothing more of this watch comes before these bytes are consumed.
        CompletableFuture<Void> unused = now.opened().thenRun(() -> late(consumer, bytes, body));
      }
    };
  }

  private static void late(
      Consumer<List<ByteBuffer>> consumer, List<ByteBuffer> bytes, AsyncBody body) {
    try {
      consumer.consume(bytes, body);
    } catch (Exception e) {
      body.cancel(); // the client watches anew
    }
  }
}
