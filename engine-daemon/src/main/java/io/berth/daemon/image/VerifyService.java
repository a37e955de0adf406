package io.berth.daemon.image;

import io.berth.api.verify.VerifyOperations;
import io.berth.api.verify.VerifyStore;
import io.berth.api.wire.verify.VerifyFinding;
import io.berth.api.wire.verify.VerifySummary;
import io.berth.daemon.registry.RegistryAccess;
import io.berth.daemon.registry.RegistryAuth;
import io.berth.store.ImageStore;
import io.berth.store.content.Digest;
import io.berth.store.verify.BlobRepair;
import io.berth.store.verify.Finding;
import io.berth.store.verify.StoreVerifier.Depth;
import io.berth.store.verify.Summary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The API's look at the image store. */
public final class VerifyService implements VerifyOperations {

    private static final Logger LOG = LoggerFactory.getLogger(VerifyService.class);

    private final ImageStore store;
    private final RegistryAccess registries;

    public VerifyService(ImageStore store, RegistryAccess registries) {
        this.store = store;
        this.registries = registries;
    }

    /** On a thread of its own: it reads for minutes, and would keep a carrier of virtual threads from all others. */
    @Override
    public VerifySummary verify(VerifyStore request, FindingSink findings) throws IOException, InterruptedException {
        FutureTask<Summary> task = new FutureTask<>(() -> run(request, findings));
        Thread worker = Thread.ofPlatform().name("verify").daemon().start(task);
        try {
            return wire(task.get());
        } catch (InterruptedException clientGone) {
            worker.interrupt();
            worker.join();
            throw clientGone;
        } catch (ExecutionException failure) {
            if (failure.getCause() instanceof UncheckedIOException io) {
                throw io.getCause();
            }
            throw failure.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(failure.getCause());
        }
    }

    private Summary run(VerifyStore request, FindingSink findings) {
        Optional<BlobRepair> repair = request.repair()
                ? Optional.of(store.repair(registries::get, RegistryAuth.parse(request.registryAuth()))) : Optional.empty();
        Summary summary = store.verifier().verify(request.deep() ? Depth.FILES : Depth.CONTENT, repair, finding -> {
            log(finding);
            write(finding, findings);
        });
        if (request.repair()) {
            store.removeUnreferencedSoon();
        }
        return summary;
    }

    /** Damage is a matter of the operator too, whoever asked. */
    private static void log(Finding finding) {
        if (finding.kind() == Finding.Kind.DAMAGE || finding.kind() == Finding.Kind.UNREADABLE) {
            LOG.warn("verify: {}", finding.sentence());
        }
    }

    private static void write(Finding finding, FindingSink findings) {
        try {
            findings.write(new VerifyFinding(finding.kind().name().toLowerCase(Locale.ROOT), finding.images(),
                    finding.layer().map(Digest::toString).orElse(""), finding.blob().map(Digest::toString).orElse(""),
                    finding.file().orElse(""), finding.problem(), finding.mended(), finding.remedy(), finding.sentence()));
        } catch (IOException clientGone) {
            throw new UncheckedIOException(clientGone);
        }
    }

    private static VerifySummary wire(Summary summary) {
        return new VerifySummary(summary.images(), summary.blobs(), summary.bytes(), summary.layers(), summary.damage(), summary.mended(),
                summary.unreadable(), summary.reclaimable(), summary.isSound());
    }
}
