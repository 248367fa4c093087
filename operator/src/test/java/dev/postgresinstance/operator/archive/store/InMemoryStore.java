package dev.postgresinstance.operator.archive.store;

import dev.postgresinstance.operator.archive.store.StoreException.Problem;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiPredicate;

/** A store in memory whose requests a test can make fail, and which records the requests. */
public final class InMemoryStore implements ObjectStore {

  /** What a request does. */
  public enum Operation {
    PUT,
    PUT_IF_ABSENT,
    UPLOAD,
    GET,
    FIND,
    LIST,
    DELETE,
    DELETE_UNFINISHED
  }

  /**
   * A request that the store has received, whether or not it failed.
   *
   * @param key of the object, or the prefix of a list
   */
  public record Request(Operation operation, String key) {}

  /** Decides about a request before the store fulfils it. */
  @FunctionalInterface
  public interface Hook {

    /** Returns to let the request succeed. */
    void before(Request request) throws StoreException;
  }

  private final NavigableMap<String, byte[]> objects = new TreeMap<>();
  private final Map<String, Instant> times = new HashMap<>();
  private final List<Request> requests = new ArrayList<>();
  private Hook hook = request -> {};
  private Instant time = Instant.parse("2026-11-28T00:00:00Z");

  /** Calls a hook before each request from now on; replaces the former hook. */
  public synchronized void onRequest(Hook newHook) {
    hook = newHook;
  }

  /** Makes the requests that match fail, until another hook is set. */
  public void fail(Problem problem, BiPredicate<Operation, String> matches) {
    onRequest(
        request -> {
          if (matches.test(request.operation(), request.key())) {
            throw new StoreException(problem, "the test lets " + request + " fail", null);
          }
        });
  }

  /** Makes all requests fail, until another hook is set. */
  public void fail(Problem problem) {
    fail(problem, (operation, key) -> true);
  }

  /** Lets all requests succeed. */
  public void recover() {
    onRequest(request -> {});
  }

  /** Sets the time of objects that are written from now on. */
  public synchronized void setTime(Instant now) {
    time = now;
  }

  /** The keys of all objects, in order. */
  public synchronized List<String> keys() {
    return List.copyOf(objects.keySet());
  }

  /** The requests so far, in order. */
  public synchronized List<Request> requests() {
    return List.copyOf(requests);
  }

  @Override
  public synchronized void put(String key, byte[] content) throws StoreException {
    receive(Operation.PUT, key);
    write(key, content.clone());
  }

  @Override
  public synchronized boolean putIfAbsent(String key, byte[] content) throws StoreException {
    receive(Operation.PUT_IF_ABSENT, key);
    if (objects.containsKey(key)) {
      return false;
    }
    write(key, content.clone());
    return true;
  }

  @Override
  public synchronized void put(String key, Path file) throws StoreException {
    receive(Operation.PUT, key);
    try {
      write(key, Files.readAllBytes(file));
    } catch (IOException e) {
      throw new StoreException(Problem.REJECTED, e.getMessage(), e);
    }
  }

  /** The hook is called after the stream was read, where the request of S3 ends. */
  @Override
  public long upload(String key, InputStream content) throws StoreException {
    byte[] bytes;
    try {
      bytes = content.readAllBytes();
    } catch (IOException e) {
      throw new StoreException(Problem.REJECTED, e.getMessage(), e);
    }
    synchronized (this) {
      receive(Operation.UPLOAD, key);
      write(key, bytes);
      return bytes.length;
    }
  }

  @Override
  public synchronized Optional<byte[]> get(String key) throws StoreException {
    receive(Operation.GET, key);
    return Optional.ofNullable(objects.get(key)).map(byte[]::clone);
  }

  @Override
  public Optional<InputStream> open(String key) throws StoreException {
    return get(key).map(ByteArrayInputStream::new);
  }

  @Override
  public synchronized Optional<StoredObject> find(String key) throws StoreException {
    receive(Operation.FIND, key);
    return Optional.ofNullable(objects.get(key)).map(content -> stored(key, content));
  }

  @Override
  public synchronized List<StoredObject> list(String prefix) throws StoreException {
    receive(Operation.LIST, prefix);
    return startingWith(prefix).entrySet().stream()
        .map(entry -> stored(entry.getKey(), entry.getValue()))
        .toList();
  }

  @Override
  public synchronized List<String> folders(String prefix) throws StoreException {
    receive(Operation.LIST, prefix);
    return startingWith(prefix).keySet().stream()
        .map(key -> key.substring(prefix.length()))
        .filter(rest -> rest.contains("/"))
        .map(rest -> rest.substring(0, rest.indexOf('/')))
        .distinct()
        .toList();
  }

  @Override
  public synchronized void delete(Collection<String> keys) throws StoreException {
    for (String key : keys) {
      receive(Operation.DELETE, key);
      objects.remove(key);
    }
  }

  @Override
  public synchronized void deleteUnfinished(String prefix, Instant before) throws StoreException {
    receive(Operation.DELETE_UNFINISHED, prefix);
  }

  @Override
  public void close() {
    // Nothing is open.
  }

  private void receive(Operation operation, String key) throws StoreException {
    Request request = new Request(operation, key);
    requests.add(request);
    hook.before(request);
  }

  private void write(String key, byte[] content) {
    objects.put(key, content);
    times.put(key, time);
  }

  private SortedMap<String, byte[]> startingWith(String prefix) {
    return prefix.isEmpty() ? objects : objects.subMap(prefix, prefix + Character.MAX_VALUE);
  }

  private StoredObject stored(String key, byte[] content) {
    return new StoredObject(key, content.length, times.get(key));
  }
}
