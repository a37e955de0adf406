package io.berth.daemon.network;

import io.berth.daemon.network.definition.NetworkNames;
import io.berth.linux.kernel.Fd;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Tests of an engine's networks on a host of the test's own, which another machine is joined to. */
abstract class OnTwoMachines {

    static final NetworkNames NAMES = NetworkNames.ofDefaultInstance();

    TestHost machine;
    Networks networks;
    Fd host;
    Fd otherMachine;

    @BeforeEach
    void makeMachines() throws IOException {
        TestHost.needsRoot();
        machine = new TestHost();
        host = machine.host.handle();
        otherMachine = machine.otherMachine.handle();
        networks = machine.networks(NAMES);
    }

    @AfterEach
    void dropMachines() throws IOException {
        if (machine != null) {
            machine.close();
        }
    }
}
