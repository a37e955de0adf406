import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.Arrays;
import java.util.Locale;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** Runs the named test classes and says how each test ended; exits with 1 if one failed or none ran. */
final class RunTests implements TestExecutionListener {

    public static void main(String[] classes) {
        System.out.println("berth-vm: begin");
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(Arrays.stream(classes).map(name -> selectClass(name)).toList()).build();
        SummaryGeneratingListener summary = new SummaryGeneratingListener();
        Launcher launcher = LauncherFactory.create();
        launcher.execute(request, summary, new RunTests());
        TestExecutionSummary counts = summary.getSummary();
        System.out.printf("%d tests run in the virtual machine, %d failed, %d skipped%n", counts.getTestsStartedCount(),
                counts.getTotalFailureCount(), counts.getTestsSkippedCount() + counts.getTestsAbortedCount());
        System.exit(counts.getTotalFailureCount() == 0 && counts.getTestsSucceededCount() > 0 ? 0 : 1);
    }

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
        System.out.println("skipped  " + test.getDisplayName() + ": " + reason);
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        if (!test.isTest() && result.getStatus() == TestExecutionResult.Status.SUCCESSFUL) {
            return;
        }
        System.out.println(result.getStatus().toString().toLowerCase(Locale.ROOT) + "  " + test.getDisplayName());
        result.getThrowable().ifPresent(failure -> {
            if (result.getStatus() == TestExecutionResult.Status.FAILED) {
                failure.printStackTrace(System.out);
            } else {
                System.out.println("         " + failure.getMessage());
            }
        });
    }
}
