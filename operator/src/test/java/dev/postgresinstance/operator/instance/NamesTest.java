package dev.postgresinstance.operator.instance;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** No two instances of a namespace have an object of the same kind and name. */
class NamesTest {

  /** By kind, the names of an instance's objects of that kind. */
  private static final Map<String, List<Function<HasMetadata, String>>> NAMES =
      Map.of(
          "StatefulSet", List.of(Names::statefulSet),
          "Service", List.of(Names::service),
          "Pod", List.of(Names::pod),
          "PersistentVolumeClaim", List.of(Names::claim),
          "ConfigMap", List.of(Names::configMap),
          "Secret", List.of(Names::appSecret, Names::operatorSecret));

  /** Parts of instance names: valid names, and the suffixes that the operator appends to names. */
  private static final List<String> PARTS =
      List.of("a", "app", "operator", "data", "config", "0", "1", "orders");

  @Test
  void givesObjectsOfDifferentInstancesDifferentNames() {
    // Given
    Set<String> instances = namesOfUpTo(4);
    assertThat(instances)
        .contains("a", "a-app", "a-0", "a-app-operator-0")
        .hasSizeGreaterThan(3000);

    NAMES.forEach(
        (kind, names) -> {
          // When
          List<String> objects =
              instances.stream()
                  .flatMap(name -> names.stream().map(function -> function.apply(instance(name))))
                  .toList();

          // Then
          assertThat(objects).as(kind).doesNotHaveDuplicates();
        });
  }

  /**
   * Proves more than samples do: no suffix of a kind ends with another suffix of that kind, so the
   * name of an object determines the name of its instance.
   */
  @Test
  void determinesInstanceByNameOfObject() {
    NAMES.forEach(
        (kind, names) -> {
          // When
          List<String> suffixes =
              names.stream().map(function -> function.apply(instance(""))).toList();

          // Then
          for (String one : suffixes) {
            assertThat(suffixes).as(kind).filteredOn(other -> other.endsWith(one)).hasSize(1);
          }
        });
  }

  /** The longest name that the CRD accepts leaves room for the name of each object in a label. */
  @Test
  void fitsIntoLabelForLongestInstanceName() {
    // Given
    HasMetadata longest = instance("a".repeat(50));

    // When
    List<String> objects =
        NAMES.values().stream().flatMap(List::stream).map(name -> name.apply(longest)).toList();

    // Then
    assertThat(objects).allSatisfy(name -> assertThat(name).hasSizeLessThanOrEqualTo(63));
  }

  private static Set<String> namesOfUpTo(int parts) {
    List<String> names = new ArrayList<>(PARTS);
    Set<String> all = new TreeSet<>(names);
    for (int i = 1; i < parts; i++) {
      names =
          names.stream()
              .flatMap(name -> PARTS.stream().map(part -> name + "-" + part))
              .collect(Collectors.toCollection(ArrayList::new));
      all.addAll(names);
    }
    return all;
  }

  private static HasMetadata instance(String name) {
    return new PodBuilder().withNewMetadata().withName(name).endMetadata().build();
  }
}
