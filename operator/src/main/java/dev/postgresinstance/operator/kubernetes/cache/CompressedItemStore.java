package dev.postgresinstance.operator.kubernetes.cache;

import dev.postgresinstance.operator.instance.Labels;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;

/**
 * The cache of an informer, which keeps each object as compressed JSON. Java objects take many
 * times as much memory, and an object is needed only about once a minute, when its instance is
 * reconciled. Objects of a kind are similar, so the first one is the compression dictionary of the
 * others.
 *
 * @param <R> the kind of the objects
 */
public final class CompressedItemStore<R extends HasMetadata> implements ItemStore<R> {

  /** Without the zlib header, which would only identify the dictionary. */
  private static final boolean RAW = true;

  private final Class<R> kind;
  private final KubernetesSerialization json;
  private final Map<String, byte[]> objects = new ConcurrentHashMap<>();
  private final boolean listsWholeObjects;
  private volatile boolean isOpen;
  private volatile byte[] dictionary;

  /**
   * Creates an empty store for one informer. Two informers cannot share a store, because each
   * removes the objects that it does not know.
   *
   * @param isOpen whether the store returns its objects from the beginning, and whole objects also
   *     from {@link #values}. Otherwise {@link #get} returns nothing until {@link #open} is called,
   *     and {@link #values} returns only metadata. After an informer has listed all objects, it
   *     reports each of them, and searches all of them for deleted ones; the decompressed
   *     StatefulSets of a thousand instances would take a hundred megabytes at that moment. Code
   *     that needs the objects reads them one by one after the store is open.
   */
  public CompressedItemStore(Class<R> kind, KubernetesSerialization json, boolean isOpen) {
    this.kind = kind;
    this.json = json;
    this.isOpen = isOpen;
    this.listsWholeObjects = isOpen;
  }

  /** From now on {@link #get} returns the objects. */
  void open() {
    isOpen = true;
  }

  @Override
  public String getKey(R object) {
    return Cache.metaNamespaceKeyFunc(object);
  }

  @Override
  public R put(String key, R object) {
    return decompress(objects.put(key, compress(object)));
  }

  @Override
  public R remove(String key) {
    return decompress(objects.remove(key));
  }

  @Override
  public R get(String key) {
    return isOpen ? decompress(objects.get(key)) : null;
  }

  @Override
  public Stream<String> keySet() {
    return objects.keySet().stream();
  }

  /** Returns all objects; if the store was created closed, only their metadata. */
  @Override
  public Stream<R> values() {
    return objects.values().stream()
        .map(this::decompress)
        .map(object -> listsWholeObjects ? object : metadataOnly(object));
  }

  private R metadataOnly(R object) {
    R copy = json.unmarshal("{}", kind);
    copy.setMetadata(object.getMetadata());
    copy.getMetadata().setManagedFields(null);
    return copy;
  }

  @Override
  public int size() {
    return objects.size();
  }

  /** Drops the managed fields of other writers: only those of the operator are compared. */
  private byte[] compress(R object) {
    object.getMetadata().getManagedFields().removeIf(CompressedItemStore::isOfOtherManager);
    byte[] text = json.asJson(object).getBytes(StandardCharsets.UTF_8);
    Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, RAW);
    deflater.setDictionary(dictionary(text));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DeflaterOutputStream deflated = new DeflaterOutputStream(bytes, deflater)) {
      deflated.write(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      deflater.end();
    }
    return bytes.toByteArray();
  }

  private static boolean isOfOtherManager(ManagedFieldsEntry entry) {
    return !Labels.MANAGER.equals(entry.getManager());
  }

  private synchronized byte[] dictionary(byte[] first) {
    if (dictionary == null) {
      dictionary = first;
    }
    return dictionary;
  }

  private R decompress(byte[] bytes) {
    if (bytes == null) {
      return null;
    }
    Inflater inflater = new Inflater(RAW);
    inflater.setDictionary(dictionary);
    try (InputStream text = new InflaterInputStream(new ByteArrayInputStream(bytes), inflater)) {
      return json.unmarshal(text, kind);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      inflater.end();
    }
  }
}
