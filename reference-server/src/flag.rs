//! Waiting for a flag that is raised once and stays up.

use tokio::sync::watch;

/// Returns once the flag is up; never, if whoever could raise it is gone.
pub(crate) async fn raised(flag: &mut watch::Receiver<bool>) {
    if flag.wait_for(|up| *up).await.is_err() {
        std::future::pending::<()>().await;
    }
}
