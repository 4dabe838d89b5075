//! The second peer: the `webrtc` crate.

use crate::link::{Devices, Link, LocalOffer, MediaError, MediaPlan};

/// Starts a connection and gives its offer.
///
/// # Errors
/// Always: this engine follows.
pub async fn start(plan: &MediaPlan, devices: Devices) -> Result<(LocalOffer, Link), MediaError> {
    let _ = (plan, devices);
    Err(MediaError::Offer("this engine is not built yet".to_owned()))
}
