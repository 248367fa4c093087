package dev.postgresinstance.operator.reconcile;

import dev.postgresinstance.api.v1alpha1.EventReason;
import dev.postgresinstance.operator.events.Happening;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.ArrayList;
import java.util.List;

/** What one pass has done so far, for people to read. */
final class Deeds {

  private final List<String> created = new ArrayList<>();
  private final List<Happening> others = new ArrayList<>();

  /** A child was made; all those of a pass are told at once. */
  void created(HasMetadata child) {
    created.add("%s %s".formatted(child.getKind(), child.getMetadata().getName()));
  }

  /** Something else was done. */
  void add(EventReason reason, String message) {
    others.add(Happening.deed(reason, message));
  }

  /** All of it. */
  List<Happening> told() {
    List<Happening> told = new ArrayList<>();
    if (!created.isEmpty()) {
      told.add(
          Happening.deed(EventReason.CREATED, "Created %s.".formatted(String.join(", ", created))));
    }
    told.addAll(others);
    return told;
  }
}
