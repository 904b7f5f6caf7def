//! Keeps the long tasks alive: by name, with back-off, until the program is to end.

use std::fmt::Display;
use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The first wait after a failure, doubled each time.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// The longest wait.
const LONGEST_WAIT: Duration = Duration::from_mins(1);
/// A task that ran this long begins with the first wait again.
const STEADY: Duration = Duration::from_mins(5);
/// How long tasks have to end in good order.
const PATIENCE: Duration = Duration::from_secs(2);

/// Keeps tasks. They end when their token is cancelled.
#[derive(Debug, Default)]
pub(crate) struct Supervisor {
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Supervisor {
    /// The token that ends everything.
    pub(crate) fn stop(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Keeps a task: when it fails it is begun again, after a wait. One that ends without
    /// failure is done.
    pub(crate) fn keep<F, E>(
        &self,
        name: &'static str,
        mut begin: impl FnMut(CancellationToken) -> F + Send + 'static,
    ) where
        F: Future<Output = Result<(), E>> + Send,
        E: Display + Send,
    {
        let stop = self.stop.clone();
        self.tasks.spawn(async move {
            let mut wait = FIRST_WAIT;
            while !stop.is_cancelled() {
                let begun = Instant::now();
                let Err(error) = begin(stop.child_token()).await else { return };
                if begun.elapsed() > STEADY {
                    wait = FIRST_WAIT;
                }
                let wait_ms = wait.as_millis();
                tracing::warn!(task = name, %error, wait_ms, "task failed, will try again");
                // both may be dropped: nothing is under way in a wait
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = tokio::time::sleep(wait) => {}
                }
                wait = LONGEST_WAIT.min(wait * 2);
            }
        });
    }

    /// Runs a task once. It must end when its token is cancelled.
    pub(crate) fn once(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(task);
    }

    /// Ends everything; tasks that do not end in time are left behind and counted.
    pub(crate) async fn end(self) {
        self.stop.cancel();
        self.tasks.close();
        if tokio::time::timeout(PATIENCE, self.tasks.wait()).await.is_err() {
            tracing::warn!(tasks = self.tasks.len(), "tasks did not end in time");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[tokio::test(start_paused = true)]
    async fn a_task_that_fails_is_begun_again_more_and_more_slowly() {
        let supervisor = Supervisor::default();
        let begun = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&begun);
        supervisor.keep("test", move |_| {
            count.fetch_add(1, Ordering::Relaxed);
            async { Err::<(), _>("no") }
        });
        tokio::time::sleep(Duration::from_millis(7500)).await;
        // at 0, 1, 3 and 7 s
        assert_eq!(begun.load(Ordering::Relaxed), 4);
        supervisor.end().await;
        assert_eq!(begun.load(Ordering::Relaxed), 4);
    }

    #[tokio::test(start_paused = true)]
    async fn a_task_that_does_not_end_does_not_hold_up_the_end() {
        let supervisor = Supervisor::default();
        supervisor.once(std::future::pending());
        let begun = Instant::now();
        supervisor.end().await;
        assert_eq!(begun.elapsed(), PATIENCE);
    }
}
