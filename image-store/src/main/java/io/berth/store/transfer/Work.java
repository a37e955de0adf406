package io.berth.store.transfer;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Several things that are done at once; the first that fails ends the others. For one thread. */
final class Work implements AutoCloseable {

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final CompletionService<Void> tasks = new ExecutorCompletionService<>(threads);
    private int underWay;

    interface Task {
        void run() throws InterruptedException;
    }

    void add(Task task) {
        Callable<Void> call = () -> {
            task.run();
            return null;
        };
        tasks.submit(call);
        underWay++;
    }

    /** Waits for all, or for the first failure, which it throws. */
    void await() throws InterruptedException {
        while (underWay > 0) {
            try {
                tasks.take().get();
                underWay--;
            } catch (ExecutionException failure) {
                throw failure.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(failure.getCause());
            }
        }
    }

    /** Interrupts what is still under way, and waits for its end. */
    @Override
    public void close() {
        threads.shutdownNow();
        threads.close();
    }
}
