package dev.postgresinstance.operator.instance;

import io.fabric8.kubernetes.api.model.Secret;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Reads and writes the data of Secrets as text. */
public final class SecretData {

  /** Key of a password, in every Secret of the operator. */
  public static final String PASSWORD = "password";

  private SecretData() {}

  /** The text under a key; empty where there is none, or an empty one. */
  public static Optional<String> text(Optional<Secret> secret, String key) {
    return secret
        .map(Secret::getData)
        .map(data -> data.get(key))
        .map(value -> new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8))
        .filter(text -> !text.isEmpty());
  }

  /** The data of a Secret in the encoding of the API server. */
  public static Map<String, String> encode(Map<String, String> data) {
    Map<String, String> encoded = new TreeMap<>(data);
    encoded.replaceAll(
        (key, text) -> Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8)));
    return encoded;
  }
}
