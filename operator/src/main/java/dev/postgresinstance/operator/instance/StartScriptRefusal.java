package dev.postgresinstance.operator.instance;

import dev.postgresinstance.api.v1alpha1.Reason;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the start script says when it starts no server, {@code Reason: sentence}. */
public record StartScriptRefusal(Reason reason, String words) {

  private static final Pattern FORM = Pattern.compile("\\A([A-Z][A-Za-z]+): (.+)", Pattern.DOTALL);

  /** What a container ended with, if it was that. */
  public static Optional<StartScriptRefusal> of(ContainerStateTerminated ended) {
    Matcher refusal = FORM.matcher(Optional.ofNullable(ended.getMessage()).orElse("").strip());
    return refusal.find()
        ? Reason.of(refusal.group(1))
            .filter(reason -> reason != Reason.RUNNING)
            .map(reason -> new StartScriptRefusal(reason, refusal.group(2)))
        : Optional.empty();
  }
}
