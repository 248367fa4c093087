package dev.postgresinstance.operator.sql;

import static dev.postgresinstance.operator.sql.HostileServer.message;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.GeneralSecurityException;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/** The server's side of a login with SCRAM, RFC 5802, after the start-up packet. */
final class ScramLogin {

  private static final int ITERATIONS = 4096;
  private static final byte[] SALT = "salt".getBytes(UTF_8);

  private ScramLogin() {}

  /** Accepts whoever logs in, and proves to know the password. */
  static void accept(DataInputStream in, OutputStream out, String password) throws IOException {
    out.write(authentication(10, "SCRAM-SHA-256\0\0"));
    String first = answer(in);
    String clientFirst = first.substring(first.indexOf("n=")); // after the header "n,,"
    String serverFirst =
        "r=%sserver,s=%s,i=%d"
            .formatted(
                clientFirst.substring(clientFirst.indexOf("r=") + 2),
                Base64.getEncoder().encodeToString(SALT),
                ITERATIONS);
    out.write(authentication(11, serverFirst));
    String last = answer(in);
    String withoutProof = last.substring(0, last.indexOf(",p="));
    out.write(
        authentication(
            12,
            "v=" + signature(password, String.join(",", clientFirst, serverFirst, withoutProof))));
    out.write(authentication(0, ""));
    out.write(message('S', "server_version\0" + "17.6\0"));
  }

  private static byte[] authentication(int kind, String content) {
    String type = new String(new char[] {0, 0, 0, (char) kind});
    return message('R', type + content);
  }

  private static String answer(DataInputStream in) throws IOException {
    in.readByte();
    return new String(in.readNBytes(in.readInt() - Integer.BYTES), UTF_8);
  }

  private static String signature(String password, String authMessage) {
    try {
      byte[] salted =
          SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
              .generateSecret(new PBEKeySpec(password.toCharArray(), SALT, ITERATIONS, 256))
              .getEncoded();
      byte[] serverKey = hmac(salted, "Server Key");
      return Base64.getEncoder().encodeToString(hmac(serverKey, authMessage));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] hmac(byte[] key, String text) throws GeneralSecurityException {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    return mac.doFinal(text.getBytes(UTF_8));
  }
}
