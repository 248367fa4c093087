package dev.postgresinstance.tests.support;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.InputStream;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** The definition of the resource, as module crd generates it. */
public final class Crd {

  private static final String NAME = "postgresinstances." + PostgresInstance.GROUP;

  private Crd() {}

  /** Puts it into the cluster; it is never taken out again, since that would delete instances. */
  public static void apply(KubernetesClient client) {
    ClusterLock.take(); // another run may have another definition
    client.resource(definition()).forceConflicts().serverSideApply();
    client
        .apiextensions()
        .v1()
        .customResourceDefinitions()
        .withName(NAME)
        .waitUntilCondition(Crd::isEstablished, 30, TimeUnit.SECONDS);
  }

  /** As it is in the file. */
  public static CustomResourceDefinition definition() {
    InputStream yaml =
        Objects.requireNonNull(
            Crd.class.getResourceAsStream("/META-INF/fabric8/" + NAME + "-v1.yml"),
            "module crd is not on the class path");
    return Serialization.unmarshal(yaml, CustomResourceDefinition.class);
  }

  private static boolean isEstablished(CustomResourceDefinition crd) {
    return crd != null
        && crd.getStatus() != null
        && crd.getStatus().getConditions().stream()
            .anyMatch(c -> "Established".equals(c.getType()) && "True".equals(c.getStatus()));
  }
}
