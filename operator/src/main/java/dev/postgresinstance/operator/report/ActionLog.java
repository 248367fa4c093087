package dev.postgresinstance.operator.report;

import dev.postgresinstance.api.v1alpha1.EventReason;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.ArrayList;
import java.util.List;

/** What one pass has done so far, for people to read. */
public final class ActionLog {

  private final List<String> created = new ArrayList<>();
  private final List<EventMessage> others = new ArrayList<>();

  /** A child was made; all those of a pass are told at once. */
  public void created(HasMetadata child) {
    created.add("%s %s".formatted(child.getKind(), child.getMetadata().getName()));
  }

  /** Something else was done. */
  public void add(EventReason reason, String message) {
    others.add(EventMessage.deed(reason, message));
  }

  /** All of it. */
  public List<EventMessage> told() {
    List<EventMessage> told = new ArrayList<>();
    if (!created.isEmpty()) {
      told.add(
          EventMessage.deed(
              EventReason.CREATED, "Created %s.".formatted(String.join(", ", created))));
    }
    told.addAll(others);
    return told;
  }
}
