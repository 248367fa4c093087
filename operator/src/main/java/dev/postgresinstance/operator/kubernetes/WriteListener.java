package dev.postgresinstance.operator.kubernetes;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Optional;

/** Receives each object that the operator has written. */
public interface WriteListener {

  /**
   * An object was written.
   *
   * @param object as the API server returned it
   * @param previous the object before; empty when it was created
   */
  <R extends HasMetadata> void written(R object, Optional<R> previous);
}
