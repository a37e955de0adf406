package io.berth.linux.security;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/**
 * An immutable set of capabilities, one bit each, as the kernel counts them (capabilities(7)).
 *
 * @param bits the bit {@link Capability#number()} is set for each member; a running kernel may know newer ones
 */
public record Capabilities(long bits) {

    public static final Capabilities NONE = new Capabilities(0);
    public static final Capabilities ALL = of(Capability.values());
    /** What a container gets when nobody asks for more or less: the reference engine's fourteen. */
    public static final Capabilities DEFAULT = of(Capability.CHOWN, Capability.DAC_OVERRIDE, Capability.FSETID,
            Capability.FOWNER, Capability.MKNOD, Capability.NET_RAW, Capability.SETGID, Capability.SETUID,
            Capability.SETFCAP, Capability.SETPCAP, Capability.NET_BIND_SERVICE, Capability.SYS_CHROOT, Capability.KILL,
            Capability.AUDIT_WRITE);

    /** _LINUX_CAPABILITY_VERSION_3 of linux/capability.h: two words of 32 bits for each set. */
    private static final int VERSION_3 = 0x20080522;
    private static final String EVERY = "ALL";

    public static Capabilities of(Capability... members) {
        long bits = 0;
        for (Capability member : members) {
            bits |= 1L << member.number();
        }
        return new Capabilities(bits);
    }

    /**
     * What {@code --privileged}, {@code --cap-add} and {@code --cap-drop} ask for together. Adding wins over dropping,
     * but {@code ALL} loses to a name on the other side: {@code --cap-add ALL --cap-drop CHOWN} is all but CHOWN.
     *
     * @throws UnknownCapabilityException naming the option
     */
    public static Capabilities requested(boolean privileged, Collection<String> add, Collection<String> drop) {
        Capabilities added = parse("CapAdd", add);
        Capabilities dropped = parse("CapDrop", drop);
        if (privileged) {
            return ALL;
        }
        if (namesEvery(add)) {
            return ALL.without(dropped);
        }
        return namesEvery(drop) ? added : DEFAULT.without(dropped).with(added);
    }

    /** The members that are named one by one; {@code ALL} names none. */
    private static Capabilities parse(String option, Collection<String> names) {
        try {
            return of(names.stream().filter(name -> !isEvery(name)).map(Capability::named).toArray(Capability[]::new));
        } catch (UnknownCapabilityException unknown) {
            throw unknown.in(option);
        }
    }

    private static boolean namesEvery(Collection<String> names) {
        return names.stream().anyMatch(Capabilities::isEvery);
    }

    private static boolean isEvery(String name) {
        return EVERY.equalsIgnoreCase(name.strip());
    }

    /** The bounding set of this process: the most that anything it starts can ever have. Read once. */
    public static Capabilities bounding() {
        return Bounding.OF_THIS_PROCESS;
    }

    /** The bounding set that a /proc/PID/status speaks of. */
    static Capabilities boundingIn(List<String> status) {
        return status.stream().filter(line -> line.startsWith("CapBnd:"))
                .map(line -> new Capabilities(Long.parseUnsignedLong(line.substring("CapBnd:".length()).strip(), 16)))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("/proc/self/status has no line CapBnd: is /proc a proc file system?"));
    }

    public boolean has(Capability capability) {
        return (bits >>> capability.number() & 1) != 0;
    }

    public Capabilities with(Capabilities others) {
        return new Capabilities(bits | others.bits);
    }

    public Capabilities without(Capabilities others) {
        return new Capabilities(bits & ~others.bits);
    }

    /** Those in both sets. What of a request the kernel will grant is {@code requested.within(bounding())}. */
    public Capabilities within(Capabilities others) {
        return new Capabilities(bits & others.bits);
    }

    public List<Capability> members() {
        return Arrays.stream(Capability.values()).filter(this::has).toList();
    }

    /** struct __user_cap_header_struct for the calling thread. */
    public static byte[] header() {
        return littleEndian(8).putInt(VERSION_3).putInt(0).array();
    }

    /** struct __user_cap_data_struct[2]: what capset(2) takes after {@link #header()}. */
    public static byte[] data(Capabilities effective, Capabilities permitted, Capabilities inheritable) {
        ByteBuffer data = littleEndian(24);
        for (int shift = 0; shift < 64; shift += 32) {
            data.putInt((int) (effective.bits >>> shift)).putInt((int) (permitted.bits >>> shift))
                    .putInt((int) (inheritable.bits >>> shift));
        }
        return data.array();
    }

    /** Both architectures Berth runs on are little-endian. */
    private static ByteBuffer littleEndian(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The names, as in {@code CAP_CHOWN, CAP_KILL}. */
    @Override
    public String toString() {
        return members().stream().map(Capability::display).collect(Collectors.joining(", "));
    }

    private static final class Bounding {
        private static final Path STATUS = Path.of("/proc/self/status");
        private static final Capabilities OF_THIS_PROCESS = read();

        private static Capabilities read() {
            try {
                return boundingIn(Files.readAllLines(STATUS));
            } catch (IOException unreadable) {
                throw new UncheckedIOException("cannot read the capability bounding set from " + STATUS, unreadable);
            }
        }
    }
}
