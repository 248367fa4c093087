package dev.postgresinstance.operator.report;

import dev.postgresinstance.api.v1alpha1.EventReason;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.ArrayList;
import java.util.List;

/** The actions of one reconciliation, as Events for people to read. */
public final class ActionLog {

  private final List<String> created = new ArrayList<>();
  private final List<EventMessage> others = new ArrayList<>();

  /** Adds the creation of a child; one Event names all children that were created. */
  public void created(HasMetadata child) {
    created.add("%s %s".formatted(child.getKind(), child.getMetadata().getName()));
  }

  /** Adds another action. */
  public void add(EventReason reason, String message) {
    others.add(EventMessage.action(reason, message));
  }

  /** Adds another action. */
  public void add(EventMessage message) {
    others.add(message);
  }

  /** All actions so far, the creations first. */
  public List<EventMessage> messages() {
    List<EventMessage> messages = new ArrayList<>();
    if (!created.isEmpty()) {
      messages.add(
          EventMessage.action(
              EventReason.CREATED, "Created %s.".formatted(String.join(", ", created))));
    }
    messages.addAll(others);
    return messages;
  }
}
