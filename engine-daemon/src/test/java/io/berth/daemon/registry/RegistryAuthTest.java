package io.berth.daemon.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.berth.api.wire.registry.AuthRequest;
import io.berth.store.registry.Credentials;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;

class RegistryAuthTest {

    private static final String JSON = "{\"username\":\"ü\",\"password\":\"p?>\",\"serveraddress\":\"x\"}";
    private static final Credentials USER = new Credentials("ü", "p?>", "", "");

    @Test
    void everyKindOfBase64IsRead() {
        byte[] bytes = JSON.getBytes(StandardCharsets.UTF_8);
        assertEquals(USER, RegistryAuth.parse(Base64.getUrlEncoder().encodeToString(bytes)));
        assertEquals(USER, RegistryAuth.parse(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes)));
        assertEquals(USER, RegistryAuth.parse(Base64.getEncoder().encodeToString(bytes)));
    }

    @Test
    void whatCannotBeReadIsNobody() {
        assertEquals(Credentials.ANONYMOUS, RegistryAuth.parse(""));
        assertEquals(Credentials.ANONYMOUS, RegistryAuth.parse("???"));
        assertEquals(Credentials.ANONYMOUS, RegistryAuth.parse("bm8ganNvbg=="));
        assertEquals(Credentials.ANONYMOUS, RegistryAuth.parse(Base64.getEncoder().encodeToString("{}".getBytes(StandardCharsets.UTF_8))));
    }

    @Test
    void tokensAreReadAndAPairStandsForUserAndPassword() {
        assertEquals(new Credentials("", "", "i", "r"), RegistryAuth.parse(Base64.getEncoder().encodeToString(
                "{\"identitytoken\":\"i\",\"registrytoken\":\"r\"}".getBytes(StandardCharsets.UTF_8))));
        assertEquals(new Credentials("me", "a:b", "", ""), RegistryAuth.of(new AuthRequest("", "", "bWU6YTpi", "", "", "")));
    }
}
