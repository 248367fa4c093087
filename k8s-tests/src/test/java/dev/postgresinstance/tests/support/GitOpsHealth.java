package dev.postgresinstance.tests.support;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What GitOps tools make of an object, each by its own rules and with what the examples give it.
 *
 * @param kstatus the word of kstatus, by which Flux waits
 * @param argocd the word of our health check for Argo CD
 * @param flux the word of our expressions for Flux
 */
public record GitOpsHealth(String kstatus, String argocd, String flux) {

  private static final Path EXAMPLE = Path.of("../examples/gitops");

  /** Of an object as JSON. */
  public static GitOpsHealth of(String object) {
    return new GitOpsHealth(
        word(object, "kstatus"),
        word(object, "argocd", EXAMPLE.resolve("argocd/health.lua").toString()),
        word(object, "flux", EXAMPLE.resolve("flux/health-check-exprs.yaml").toString()));
  }

  private static String word(String object, String... tool) {
    List<String> words = new ArrayList<>(List.of(Settings.gitOpsHealth()));
    words.addAll(List.of(tool));
    return Command.runWith(object, words.toArray(String[]::new)).split(" ", 2)[0];
  }
}
