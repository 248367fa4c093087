package dev.postgresinstance.operator.kubernetes.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.instance.Labels;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntryBuilder;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PrunedItemStoreTest {

  private final PrunedItemStore<ConfigMap> store = new PrunedItemStore<>();

  @Test
  void keepsOnlyTheManagedFieldsOfTheOperator() {
    // Given
    ConfigMap map =
        new ConfigMapBuilder()
            .withNewMetadata()
            .withNamespace("shop")
            .withName("orders-config")
            .withManagedFields(managedBy("kubectl"), managedBy(Labels.MANAGER))
            .endMetadata()
            .withData(Map.of("key", "value"))
            .build();

    // When
    store.put(store.getKey(map), map);

    // Then
    ConfigMap stored = store.get("shop/orders-config");
    assertThat(stored.getData()).containsEntry("key", "value");
    assertThat(stored.getMetadata().getManagedFields())
        .extracting(ManagedFieldsEntry::getManager)
        .containsExactly(Labels.MANAGER);
  }

  private static ManagedFieldsEntry managedBy(String manager) {
    return new ManagedFieldsEntryBuilder().withManager(manager).build();
  }
}
