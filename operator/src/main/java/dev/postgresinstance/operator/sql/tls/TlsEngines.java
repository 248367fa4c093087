package dev.postgresinstance.operator.sql.tls;

import dev.postgresinstance.operator.common.BoundedMap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.util.Map;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.slf4j.LoggerFactory;

/**
 * An implementation of TLS for clients. It accepts every certificate: who the server is, is
 * verified after the handshake, see {@link CertificateVerifier}.
 */
final class TlsEngines {

  /** What PostgreSQL chooses; with another one first, the server would ask for a second hello. */
  private static final String[] GROUPS = {"P-256", "X25519", "P-384", "P-521"};

  private static final ByteBufAllocator BUFFERS = new UnpooledByteBufAllocator(false);

  /**
   * BoringSSL, which needs a tenth of the processor time of the JDK, but does not know all kinds of
   * keys; the JDK on a platform for which it is not included.
   */
  static final TlsEngines NATIVE = new TlsEngines(nativeProvider());

  /** Servers with keys that BoringSSL does not know, for example on the curve P-521. */
  private static final Map<TlsTrust, Boolean> NEED_JDK = BoundedMap.threadSafe();

  private final SslContext context;

  private TlsEngines(SslProvider provider) {
    try {
      SslContextBuilder builder =
          SslContextBuilder.forClient()
              .sslProvider(provider)
              .trustManager(InsecureTrustManagerFactory.INSTANCE);
      if (provider != SslProvider.JDK) {
        builder.option(OpenSslContextOption.GROUPS, GROUPS);
      }
      context = builder.build();
    } catch (SSLException e) {
      throw new IllegalStateException("Every JDK has TLS", e);
    }
  }

  private static SslProvider nativeProvider() {
    if (OpenSsl.isAvailable()) {
      return SslProvider.OPENSSL_REFCNT;
    }
    LoggerFactory.getLogger(TlsEngines.class)
        .info(
            "Logins with TLS take more processor time, because BoringSSL cannot be loaded: {}",
            OpenSsl.unavailabilityCause().toString());
    return SslProvider.JDK;
  }

  /** The implementation with which to connect to a server. */
  static TlsEngines of(TlsTrust trust) {
    return NEED_JDK.containsKey(trust) ? jdk() : NATIVE;
  }

  /** Records that a handshake with this server has succeeded. */
  void fit(TlsTrust trust) {
    if (this != NATIVE) {
      NEED_JDK.put(trust, true); // or the server would log a failed handshake at each login
    }
  }

  /** The implementation of the JDK. */
  static TlsEngines jdk() {
    return Jdk.ENGINES;
  }

  /**
   * Creates the client's side of a connection.
   *
   * @param host the name to tell the server
   */
  SSLEngine create(String host, int port) {
    return context.newEngine(BUFFERS, host, port);
  }

  /** Most operators never need it. */
  private static final class Jdk {
    private static final TlsEngines ENGINES = new TlsEngines(SslProvider.JDK);
  }
}
