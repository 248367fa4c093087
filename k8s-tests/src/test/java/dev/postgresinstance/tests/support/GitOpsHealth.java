package dev.postgresinstance.tests.support;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The health that GitOps tools derive from an object, each by its own rules and the configuration
 * in the examples.
 *
 * @param kstatus the status computed by kstatus, which Flux waits for
 * @param argocd the result of our health check for Argo CD
 * @param flux the result of our health check expressions for Flux
 */
public record GitOpsHealth(String kstatus, String argocd, String flux) {

  private static final Path EXAMPLE = Path.of("../examples/gitops");

  /** Computes the health of an object given as JSON. */
  public static GitOpsHealth of(String object) {
    return new GitOpsHealth(
        health(object, "kstatus"),
        health(object, "argocd", EXAMPLE.resolve("argocd/health.lua").toString()),
        health(object, "flux", EXAMPLE.resolve("flux/health-check-exprs.yaml").toString()));
  }

  private static String health(String object, String... tool) {
    List<String> command = new ArrayList<>(List.of(Settings.gitOpsHealth()));
    command.addAll(List.of(tool));
    return Command.runWith(object, command.toArray(String[]::new)).split(" ", 2)[0];
  }
}
