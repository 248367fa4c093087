package dev.postgresinstance.operator.instance.termination;

import dev.postgresinstance.api.v1alpha1.Reason;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The message {@code Reason: sentence} with which the start script ends when it starts no server.
 *
 * @param reason from the list that users see in the conditions
 * @param message what is wrong and what to do
 */
public record StartScriptRefusal(Reason reason, String message) {

  private static final Pattern FORM = Pattern.compile("\\A([A-Z][A-Za-z]+): (.+)", Pattern.DOTALL);

  /** The refusal with which a container ended; empty when it ended otherwise. */
  public static Optional<StartScriptRefusal> of(ContainerStateTerminated termination) {
    Matcher refusal =
        FORM.matcher(Optional.ofNullable(termination.getMessage()).orElse("").strip());
    return refusal.find()
        ? Reason.of(refusal.group(1))
            .filter(reason -> reason != Reason.RUNNING)
            .map(reason -> new StartScriptRefusal(reason, refusal.group(2)))
        : Optional.empty();
  }
}
