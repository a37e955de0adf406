package io.berth.linux.kernel;

import com.kenai.jffi.CallContext;
import com.kenai.jffi.CallingConvention;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.Library;
import com.kenai.jffi.Type;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The few functions of OpenSSL's libcrypto that hash (EVP_DigestInit(3)); they are the same in its versions 3 and 1.1.1. */
class LibCrypto {

    private static final List<String> NAMES = List.of("libcrypto.so.3", "libcrypto.so.1.1");
    /** Of openssl/crypto.h. The machine's openssl.cnf is not for us: it may load other libraries. */
    private static final long OPENSSL_INIT_NO_LOAD_CONFIG = 0x80;
    /** Of openssl/crypto.h. Threads may still hash while the JVM exits: what they use must not be taken away then. */
    private static final long OPENSSL_INIT_NO_ATEXIT = 0x80000;
    private static final long NONE = 0;

    private final Invoker invoker = Invoker.getInstance();
    private final CallContext[] contexts = new CallContext[4];
    /** Held so that the library is never unloaded under its functions' addresses. */
    private final Library library;
    private final long newContext;
    private final long init;
    private final long update;
    private final long finish;
    private final long free;
    private final long sha256;

    /** @throws UnsatisfiedLinkError when the library lacks a function */
    LibCrypto(Library library) {
        this.library = library;
        for (int count = 0; count < contexts.length; count++) {
            Type[] parameters = new Type[count];
            Arrays.fill(parameters, Type.POINTER);
            contexts[count] = CallContext.getCallContext(Type.POINTER, parameters, CallingConvention.DEFAULT, false);
        }
        newContext = function("EVP_MD_CTX_new");
        init = function("EVP_DigestInit_ex");
        update = function("EVP_DigestUpdate");
        finish = function("EVP_DigestFinal_ex");
        free = function("EVP_MD_CTX_free");
        succeed("OPENSSL_init_crypto", invoker.invokeN2(contexts[2], function("OPENSSL_init_crypto"),
                OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, NONE));
        sha256 = invoker.invokeN0(contexts[0], function("EVP_sha256"));
    }

    /** The machine's library, or nothing when it has none that can be used. */
    static Optional<Library> find() {
        for (String name : NAMES) {
            Library library = Library.getCachedInstance(name, Library.LAZY | Library.LOCAL);
            if (library != null) {
                return Optional.of(library);
            }
        }
        return Optional.empty();
    }

    /** A hash that has begun; its address, for the other methods. */
    long start() {
        long context = invoker.invokeN0(contexts[0], newContext);
        if (context == NONE) {
            throw new OutOfMemoryError("EVP_MD_CTX_new: no memory");
        }
        try {
            succeed("EVP_DigestInit_ex", invoker.invokeN3(contexts[3], init, context, sha256, NONE));
        } catch (IllegalStateException failure) {
            free(context);
            throw failure;
        }
        return context;
    }

    void update(long context, NativeBuffer content, int length) {
        succeed("EVP_DigestUpdate", invoker.invokeN3(contexts[3], update, context, content.address(), length));
    }

    /** Writes the hash to the beginning of {@code hash}. */
    void finish(long context, NativeBuffer hash) {
        succeed("EVP_DigestFinal_ex", invoker.invokeN3(contexts[3], finish, context, hash.address(), NONE));
    }

    void free(long context) {
        invoker.invokeN1(contexts[1], free, context);
    }

    private long function(String name) {
        long address = library.getSymbolAddress(name);
        if (address == NONE) {
            throw new UnsatisfiedLinkError("libcrypto has no " + name);
        }
        return address;
    }

    /** The functions return an int: the upper half of the register means nothing. */
    private static void succeed(String function, long result) {
        if ((int) result != 1) {
            throw new IllegalStateException(function + " of libcrypto failed with SHA-256");
        }
    }
}
