package dev.postgresinstance.tests.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import org.junit.jupiter.api.Test;

class RulesTest {

  @Test
  void rulesOfFieldsItemsAndMapValuesAreListed() {
    // Given
    CustomResourceDefinition crd =
        Serialization.unmarshal(
            """
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            spec:
              versions:
                - schema:
                    openAPIV3Schema:
                      properties:
                        spec:
                          required: [size]
                          properties:
                            size: {enum: [small, large]}
                            ports: {items: {minimum: 1, maximum: 9}}
                            labels: {additionalProperties: {pattern: a, maxLength: 3}}
                            notes:
                              additionalProperties:
                                x-kubernetes-validations: [{rule: self != '', message: note must not be empty}]
                            others: {additionalProperties: true}
                        status:
                          required: [phase]
            """,
            CustomResourceDefinition.class);

    // When, Then
    assertThat(Rules.of(List.of(crd)))
        .containsExactlyInAnyOrder(
            "spec.size required",
            "spec.size enum",
            "spec.ports minimum",
            "spec.ports maximum",
            "spec.labels pattern",
            "note must not be empty");
  }
}
