package dev.postgresinstance.tests.support;

import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import java.util.List;
import java.util.stream.Stream;

/**
 * A permission: a pair of verb and resource.
 *
 * @param resource the plural name, with the subresource: {@code services/status}
 * @param objects the names of the objects that the permission is limited to; empty for all objects
 */
public record Permission(String verb, String group, String resource, List<String> objects) {

  static Stream<Permission> of(PolicyRule rule) {
    return rule.getApiGroups().stream()
        .flatMap(
            group ->
                rule.getResources().stream()
                    .flatMap(
                        resource ->
                            rule.getVerbs().stream()
                                .map(
                                    verb ->
                                        new Permission(
                                            verb, group, resource, rule.getResourceNames()))));
  }

  @Override
  public String toString() {
    return verb + " " + resource;
  }
}
