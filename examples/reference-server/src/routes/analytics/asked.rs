//! Asks where records are kept, which may block: on a thread that may, with a deadline, some at a time.

use std::{sync::Arc, time::Duration};

use palisade::{
    analytics::{Analytics, Store, StoreError},
    core::{Code, Rejection, RejectionKind},
};
use tokio::time::timeout;

use crate::{app::Shared, routes::answers};

const UNAVAILABLE: Code = Code::new("temporarily-unavailable", "The analytics do not answer now");
/// How long a question may take, with waiting for others.
const DEADLINE: Duration = Duration::from_secs(10);
/// When to try again.
const LATER: Duration = Duration::from_secs(5);
/// How many questions there are at a time. One that nobody waits for any more counts until it is over.
pub(crate) const AT_A_TIME: usize = 16;

/// Asks once all that was recorded before is there.
pub(super) async fn asked<T: Send + 'static>(
    shared: &Shared,
    question: impl FnOnce(&dyn Store) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, Rejection> {
    on_a_thread(shared, |analytics| {
        analytics.flush();
        question(&**analytics.store())
    })
    .await
}

/// Asks for what is there.
pub(super) async fn on_a_thread<T: Send + 'static>(
    shared: &Shared,
    act: impl FnOnce(&Analytics) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, Rejection> {
    let (analytics, questions) = (shared.analytics.clone(), Arc::clone(&shared.questions));
    let answer = async {
        let place = questions.acquire_owned().await.map_err(|error| answers::broken(&error))?;
        let answer = tokio::task::spawn_blocking(move || {
            let answer = act(&analytics);
            drop(place);
            answer
        });
        let answer = answer.await.map_err(|error| answers::broken(&error))?;
        answer.map_err(|error| unavailable(&error.to_string()))
    };
    timeout(DEADLINE, answer).await.unwrap_or_else(|_| Err(unavailable("not in time")))
}

/// 503: why is for the log.
pub(crate) fn unavailable(reason: &str) -> Rejection {
    Rejection::new(RejectionKind::Unavailable, UNAVAILABLE).retry_after(LATER).reason(reason)
}
