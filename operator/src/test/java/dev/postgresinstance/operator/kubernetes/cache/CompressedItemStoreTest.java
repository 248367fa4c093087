package dev.postgresinstance.operator.kubernetes.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.instance.Labels;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import org.junit.jupiter.api.Test;

class CompressedItemStoreTest {

  private final CompressedItemStore<ConfigMap> store =
      new CompressedItemStore<>(ConfigMap.class, LenientDecoding.serialization(), true);

  @Test
  void returnsStoredObjects() {
    ConfigMap first = configMap("first", "größer als nichts");
    ConfigMap second = configMap("second", "");

    assertThat(store.put("here/first", first)).isNull();
    assertThat(store.put("here/second", second)).isNull();

    assertThat(store.get("here/first")).isEqualTo(first);
    assertThat(store.get("here/second")).isEqualTo(second);
    assertThat(store.get("here/third")).isNull();
    assertThat(store.values()).containsExactlyInAnyOrder(first, second);
    assertThat(store.keySet()).containsExactlyInAnyOrder("here/first", "here/second");
    assertThat(store.size()).isEqualTo(2);
    assertThat(store.getKey(first)).isEqualTo("here/first");
  }

  @Test
  void returnsThePreviousObjectOnPutAndRemove() {
    ConfigMap before = configMap("one", "before");
    ConfigMap after = configMap("one", "after");
    store.put("here/one", before);

    assertThat(store.put("here/one", after)).isEqualTo(before);
    assertThat(store.remove("here/one")).isEqualTo(after);
    assertThat(store.remove("here/one")).isNull();
    assertThat(store.size()).isZero();
  }

  @Test
  void keepsOnlyManagedFieldsOfTheOperator() {
    ConfigMap one = configMap("one", "");
    one.getMetadata().getManagedFields().add(managedBy(Labels.MANAGER));
    one.getMetadata().getManagedFields().add(managedBy("somebody"));

    store.put("here/one", one);

    assertThat(store.get("here/one").getMetadata().getManagedFields())
        .containsExactly(managedBy(Labels.MANAGER));
  }

  @Test
  void closedStoreReturnsNoObjectsUntilOpenedAndListsOnlyMetadata() {
    // Given
    CompressedItemStore<ConfigMap> closed =
        new CompressedItemStore<>(ConfigMap.class, LenientDecoding.serialization(), false);
    ConfigMap one = configMap("one", "text");
    closed.put("here/one", one);
    assertThat(closed.get("here/one")).isNull();

    // When
    closed.open();

    // Then
    assertThat(closed.get("here/one")).isEqualTo(one);
    assertThat(closed.values())
        .singleElement()
        .satisfies(listed -> assertThat(listed.getMetadata().getName()).isEqualTo("one"))
        .satisfies(listed -> assertThat(listed.getData()).isEmpty());
  }

  private static ManagedFieldsEntry managedBy(String manager) {
    ManagedFieldsEntry entry = new ManagedFieldsEntry();
    entry.setManager(manager);
    return entry;
  }

  private static ConfigMap configMap(String name, String text) {
    return new ConfigMapBuilder()
        .withNewMetadata()
        .withNamespace("here")
        .withName(name)
        .endMetadata()
        .addToData("key", text)
        .build();
  }
}
