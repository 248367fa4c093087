package dev.postgresinstance.operator.archive.store;

import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * A place for objects, each with a key such as {@code a/b/c.json}. Implementations are thread-safe
 * and add the configured prefix to each key. Methods return only when the store has confirmed the
 * request.
 */
public interface ObjectStore extends AutoCloseable {

  /**
   * An object of the store.
   *
   * @param key without the configured prefix
   * @param size in bytes, as stored
   * @param lastModified by the clock of the store
   */
  record StoredObject(String key, long size, Instant lastModified) {}

  /** Writes an object; replaces what is there. */
  void put(String key, byte[] content) throws StoreException;

  /**
   * Writes an object unless there is one.
   *
   * @return false when there is one, which is left as it is
   */
  boolean putIfAbsent(String key, byte[] content) throws StoreException;

  /** Writes the content of a file; replaces what is there. */
  void put(String key, Path file) throws StoreException;

  /**
   * Writes a stream of unknown length, with bounded memory; replaces what is there. When the stream
   * or the store fails, there is no object, and no part of it stays in the store.
   *
   * @return the number of bytes
   */
  long upload(String key, InputStream content) throws StoreException;

  /** The whole content of a small object; empty when there is none. */
  Optional<byte[]> get(String key) throws StoreException;

  /** The content of an object; empty when there is none. The caller closes the stream. */
  Optional<InputStream> open(String key) throws StoreException;

  /** Size and time of an object; empty when there is none. */
  Optional<StoredObject> find(String key) throws StoreException;

  /** All objects whose keys begin with the prefix, in the order of their keys. */
  List<StoredObject> list(String prefix) throws StoreException;

  /** The parts of keys between the prefix and the next slash, such as the names of folders. */
  List<String> folders(String prefix) throws StoreException;

  /** Deletes objects; one that does not exist is no error. */
  void delete(Collection<String> keys) throws StoreException;

  /**
   * Deletes what uploads have left that were interrupted before they could delete it, such as by
   * the end of their process.
   *
   * @param prefix of the keys
   * @param before uploads that began later are left alone
   */
  void deleteUnfinished(String prefix, Instant before) throws StoreException;

  /**
   * Checks that there is space for further objects. A store that does not know lets it pass.
   *
   * @throws StoreException with the problem {@code STORE_FULL} when there is less
   */
  default void requireSpace(long bytes) throws StoreException {}

  @Override
  void close();
}
