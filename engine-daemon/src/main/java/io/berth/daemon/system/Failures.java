package io.berth.daemon.system;

import io.berth.api.http.ApiException.Kind;
import io.berth.api.http.ApiException;
import io.berth.daemon.container.ExecFailure;
import io.berth.daemon.container.StartFailure;
import io.berth.daemon.container.UnknownUserException;
import io.berth.daemon.network.address.NetworkException;
import io.berth.linux.cgroup.CgroupException;
import io.berth.linux.cgroup.InvalidLimitException;
import io.berth.linux.file.InvalidPathException;
import io.berth.linux.keeper.KeeperException;
import io.berth.linux.kernel.SystemCallException;
import io.berth.linux.launch.LaunchFailure;
import io.berth.linux.mount.MountFailure;
import io.berth.linux.security.UnknownCapabilityException;
import io.berth.store.content.StoreException;
import io.berth.store.registry.RegistryException;
import java.io.UncheckedIOException;

/**
 * The one place where failures of the layers below become statuses of the API. Failures that tell their own story keep their
 * message; everything else is an error of ours, which the server logs and does not show.
 */
public final class Failures {

    private Failures() {
    }

    /** The refusal to answer with, or the failure itself when nobody foresaw it. */
    public static RuntimeException translate(RuntimeException failure) {
        return switch (failure) {
            case ApiException refusal -> refusal;
            case StoreException store -> refusal(kind(store.kind()), store);
            case RegistryException registry -> refusal(kind(registry.kind()), registry);
            case NetworkException network -> refusal(kind(network.kind()), network);
            case StartFailure start -> refusal(start.kind(), start);
            // 400 for what docker run turns into 126 and 127, as in the reference engine.
            case ExecFailure exec -> refusal(exec.exitCode() < 128 ? Kind.INVALID : Kind.INTERNAL, exec);
            case UnknownUserException user -> refusal(Kind.INVALID, user);
            case InvalidLimitException limit -> refusal(Kind.INVALID, limit);
            case InvalidPathException path -> refusal(Kind.INVALID, path);
            case UnknownCapabilityException capability -> refusal(Kind.INVALID, capability);
            case KeeperException keeper -> refusal(keeper.kind() == KeeperException.Kind.LOST ? Kind.UNAVAILABLE : Kind.INTERNAL, keeper);
            case CgroupException cgroup -> refusal(Kind.INTERNAL, cgroup);
            case MountFailure mount -> refusal(kind(mount.kind()), mount);
            case LaunchFailure launch -> refusal(Kind.INTERNAL, launch);
            case SystemCallException call -> refusal(Kind.INTERNAL, call);
            case UncheckedIOException io -> new ApiException(Kind.INTERNAL, io.getMessage() + ": " + io.getCause().getMessage(), io);
            default -> failure;
        };
    }

    private static ApiException refusal(Kind kind, RuntimeException failure) {
        return new ApiException(kind, failure.getMessage(), failure);
    }

    private static Kind kind(StoreException.Kind kind) {
        return switch (kind) {
            case NOT_FOUND -> Kind.NOT_FOUND;
            case CONFLICT -> Kind.CONFLICT;
            case INVALID -> Kind.INVALID;
            case CORRUPT -> Kind.INTERNAL;
            case UNAVAILABLE -> Kind.UNAVAILABLE;
        };
    }

    /** As the reference engine: a registry that wants to know who asks is no reason for its CLI to ask for a password. */
    private static Kind kind(RegistryException.Kind kind) {
        return switch (kind) {
            case NOT_FOUND -> Kind.NOT_FOUND;
            case UNAUTHORIZED -> Kind.UNAUTHORIZED;
            case DENIED -> Kind.FORBIDDEN;
            case TOO_MANY_REQUESTS -> Kind.TOO_MANY_REQUESTS;
            case NO_CREDENTIALS, UNAVAILABLE, INVALID -> Kind.INTERNAL;
        };
    }

    private static Kind kind(MountFailure.Kind kind) {
        return switch (kind) {
            case FAILED -> Kind.INTERNAL;
            case INVALID -> Kind.INVALID;
            case NOT_FOUND -> Kind.NOT_FOUND;
        };
    }

    /** The reference engine answers a port that is taken with 500. */
    private static Kind kind(NetworkException.Kind kind) {
        return switch (kind) {
            case INVALID -> Kind.INVALID;
            case NOT_FOUND -> Kind.NOT_FOUND;
            case FORBIDDEN -> Kind.FORBIDDEN;
            case CONFLICT -> Kind.CONFLICT;
            case UNAVAILABLE -> Kind.INTERNAL;
        };
    }
}
