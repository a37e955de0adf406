package io.berth.daemon.volume.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.berth.linux.kernel.Argument;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.SystemCall;
import io.berth.linux.kernel.SystemCallException;
import io.berth.linux.mount.HostMounts;
import io.berth.linux.mount.MountFailure;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the kernel is asked to mount; it writes that down and does nothing. */
class LocalMountTest {

    private final List<String> calls = new ArrayList<>();
    private Errno answer;
    private final Kernel kernel = new Kernel() {
        @Override
        public long call(SystemCall call, Argument... arguments) {
            calls.add(Arrays.stream(arguments).map(Argument::toString).collect(Collectors.joining(", ", call.display() + "(", ")")));
            if (answer != null) {
                throw new SystemCallException(call, answer, arguments);
            }
            return 0;
        }
    };

    private void mount(String type, String device, String options) {
        new LocalMount(type, device, options).mountAt(new HostMounts(kernel), host -> {
            if (host.equals("nowhere")) {
                throw new MountFailure("error resolving passed in network volume address: lookup nowhere: no such host");
            }
            return "192.0.2.7";
        }, Path.of("/v"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "nfs | :/exported | addr=files.example,rw,nfsvers=4 | mount(\":/exported\", \"/v\", \"nfs\", 0, \"addr=192.0.2.7,nfsvers=4\")",
        "nfs4 | :/exported | nolock,addr=files.example,ro | mount(\":/exported\", \"/v\", \"nfs4\", 1, \"nolock,addr=192.0.2.7\")",
        "nfs | :/exported | addr=192.0.2.9,soft | mount(\":/exported\", \"/v\", \"nfs\", 0, \"addr=192.0.2.9,soft\")",
        "nfs | :/exported | addr=fe80::1 | mount(\":/exported\", \"/v\", \"nfs\", 0, \"addr=fe80::1\")",
        "cifs | //files.example/share | username=u,vers=3.0 | mount(\"//192.0.2.7/share\", \"/v\", \"cifs\", 0, \"username=u,vers=3.0\")",
        "tmpfs | tmpfs | size=1m,nosuid,defaults | mount(\"tmpfs\", \"/v\", \"tmpfs\", 2, \"size=1m\")"})
    void theKernelIsAskedWithAddressesAndFlags(String type, String device, String options, String call) {
        mount(type, device, options);
        assertEquals(List.of(call), calls);
    }

    /** mount_namespaces(7): a peer of the original would take its inner mounts along when it is unmounted. */
    @Test
    void aBindMountBecomesASlaveAndThenReadOnly() {
        mount("none", "/a", "rbind,ro");
        assertEquals(3, calls.size());
        assertEquals("mount(\"\", \"/v\", \"\", 0x84000, 0)", calls.get(1));
        assertEquals("mount(\"\", \"/v\", \"\", 0x5021, 0)", calls.get(2));
    }

    @Test
    void aPasswordIsNotTold() {
        answer = Errno.EACCES;
        assertEquals("failed to mount local volume: mount //192.0.2.7/s:/v, data: username=u,password=********: permission denied",
                assertThrows(MountFailure.class, () -> mount("cifs", "//files.example/s", "username=u,password=secret")).getMessage());
    }

    @Test
    void aHostThatIsNotFoundIsNamed() {
        assertEquals("error resolving passed in network volume address: lookup nowhere: no such host",
                assertThrows(MountFailure.class, () -> mount("nfs", ":/x", "addr=nowhere")).getMessage());
        assertEquals(List.of(), calls);
    }

    @Test
    void withoutADeviceThereIsNothingToMount() {
        assertEquals("missing device in volume options", assertThrows(MountFailure.class, () -> mount("tmpfs", "", "")).getMessage());
    }

    @Test
    void noOptionsMeanADirectoryOfTheEngines() {
        assertEquals(true, LocalOptions.mount(Map.of("type", "", "device", "")).isEmpty());
        assertEquals(true, LocalOptions.complaint(Map.of("size", "0")).isEmpty());
    }
}
