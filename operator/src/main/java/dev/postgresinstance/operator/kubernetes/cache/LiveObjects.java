package dev.postgresinstance.operator.kubernetes.cache;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Optional;

/**
 * Objects as the API server has them now. They are read by a list with the name: the operator has
 * the permission to list all kinds, as its informers need it, and would need another one to get
 * them. The API server reads only the named object.
 *
 * @param client sends the requests
 */
record LiveObjects(KubernetesClient client) implements ClaimReader.Live {

  @Override
  public <R extends HasMetadata> Optional<R> read(Class<R> kind, String name, String namespace) {
    return client
        .resources(kind)
        .inNamespace(namespace)
        .withField("metadata.name", name)
        .list()
        .getItems()
        .stream()
        .findFirst();
  }

  /** The object of the same kind, name and namespace; empty if there is none any more. */
  @SuppressWarnings("unchecked") // an object is an instance of its class
  <R extends HasMetadata> Optional<R> read(R object) {
    return read(
        (Class<R>) object.getClass(),
        object.getMetadata().getName(),
        object.getMetadata().getNamespace());
  }
}
