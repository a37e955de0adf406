package io.berth.linux.mount;

import io.berth.linux.file.Directory;
import io.berth.linux.file.FileStatus;
import io.berth.linux.file.FileType;
import io.berth.linux.kernel.Kernel;
import java.util.ArrayList;
import java.util.List;

/** The device nodes directly in the host's {@code /dev}, which a privileged container gets too. */
final class HostDevices {

    private HostDevices() {
    }

    static List<DevicesMount.Device> list(Kernel kernel) {
        List<DevicesMount.Device> devices = new ArrayList<>();
        try (Directory dev = Directory.open(kernel, "/dev")) {
            for (Directory.Entry entry : dev.list()) {
                dev.find(entry.name()).filter(HostDevices::isDevice).ifPresent(status -> devices.add(new DevicesMount.Device(
                        entry.name().toString(), status.type(), status.permissions(), status.deviceMajor(), status.deviceMinor())));
            }
        }
        return devices;
    }

    private static boolean isDevice(FileStatus status) {
        return status.type() == FileType.CHARACTER_DEVICE || status.type() == FileType.BLOCK_DEVICE;
    }
}
