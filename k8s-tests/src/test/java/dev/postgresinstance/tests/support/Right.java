package dev.postgresinstance.tests.support;

import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import java.util.List;
import java.util.stream.Stream;

/**
 * One pair of verb and resource.
 *
 * @param resource the plural, with the subresource: {@code services/status}
 * @param objects the names of the only objects that it is about; of all when there are none
 */
public record Right(String verb, String group, String resource, List<String> objects) {

  static Stream<Right> of(PolicyRule rule) {
    return rule.getApiGroups().stream()
        .flatMap(
            group ->
                rule.getResources().stream()
                    .flatMap(
                        resource ->
                            rule.getVerbs().stream()
                                .map(
                                    verb ->
                                        new Right(
                                            verb, group, resource, rule.getResourceNames()))));
  }

  @Override
  public String toString() {
    return verb + " " + resource;
  }
}
