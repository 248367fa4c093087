package dev.postgresinstance.operator.kubernetes;

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
 * What an informer has seen, each object as compressed JSON: it rests between two passes for a
 * minute, and Java objects take many times as much memory. The objects of a kind are much alike, so
 * the first one is the dictionary of the others.
 *
 * @param <R> the kind of the objects
 */
public final class CompressedItemStore<R extends HasMetadata> implements ItemStore<R> {

  /** Without a header, which would only name the dictionary. */
  private static final boolean RAW = true;

  private final Class<R> kind;
  private final KubernetesSerialization json;
  private final Map<String, byte[]> objects = new ConcurrentHashMap<>();
  private final boolean isWhole;
  private volatile boolean isOpen;
  private volatile byte[] dictionary;

  /**
   * An empty store, for one informer: each takes out what it does not know.
   *
   * @param isOpen whether it hands out what is in it from the beginning, and all of it at once.
   *     Otherwise it hands out nothing before it is opened, and then only one by one: when an
   *     informer has listed all objects it tells of each of them, and looks through all of them for
   *     some that are gone; unpacked at once the StatefulSets of a thousand instances are a hundred
   *     megabytes. Who has to know of them all the same asks for each when it is opened.
   */
  public CompressedItemStore(Class<R> kind, KubernetesSerialization json, boolean isOpen) {
    this.kind = kind;
    this.json = json;
    this.isOpen = isOpen;
    this.isWhole = isOpen;
  }

  /** Hands out what is in it from now on. */
  void open() {
    isOpen = true;
  }

  @Override
  public String getKey(R object) {
    return Cache.metaNamespaceKeyFunc(object);
  }

  @Override
  public R put(String key, R object) {
    return read(objects.put(key, compact(object)));
  }

  @Override
  public R remove(String key) {
    return read(objects.remove(key));
  }

  @Override
  public R get(String key) {
    return isOpen ? read(objects.get(key)) : null;
  }

  @Override
  public Stream<String> keySet() {
    return objects.keySet().stream();
  }

  /** Of one that was closed at first, the metadata of each object and nothing else. */
  @Override
  public Stream<R> values() {
    return objects.values().stream().map(this::read).map(object -> isWhole ? object : bare(object));
  }

  private R bare(R object) {
    R bare = json.unmarshal("{}", kind);
    bare.setMetadata(object.getMetadata());
    bare.getMetadata().setManagedFields(null);
    return bare;
  }

  @Override
  public int size() {
    return objects.size();
  }

  /** Without what others have written in which field: only our own fields are compared. */
  private byte[] compact(R object) {
    object.getMetadata().getManagedFields().removeIf(CompressedItemStore::isOfOthers);
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

  private static boolean isOfOthers(ManagedFieldsEntry entry) {
    return !Labels.MANAGER.equals(entry.getManager());
  }

  private synchronized byte[] dictionary(byte[] first) {
    if (dictionary == null) {
      dictionary = first;
    }
    return dictionary;
  }

  private R read(byte[] bytes) {
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
