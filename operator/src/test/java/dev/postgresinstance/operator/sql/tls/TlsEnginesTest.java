package dev.postgresinstance.operator.sql.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.util.ReferenceCountUtil;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class TlsEnginesTest {

  @Test
  @EnabledOnOs(
      value = OS.LINUX,
      architectures = {"amd64", "aarch64"})
  void loadsNativeLibrary() {
    SSLEngine engine = TlsEngines.NATIVE.create("orders.shop.svc", 5432);
    try {
      assertThat(engine).isInstanceOf(ReferenceCountedOpenSslEngine.class);
    } finally {
      ReferenceCountUtil.release(engine);
    }
  }
}
