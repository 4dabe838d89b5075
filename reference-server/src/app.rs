//! The composition root: every part of the server is made and joined here, once.

use std::path::PathBuf;
use std::sync::Arc;

use conf_core::Span;
use tokio::sync::{Semaphore, watch};

use crate::StartError;
use crate::config::Config;
use crate::edge::files::MOST_UPLOADS;
use crate::edge::peer::Access;
use crate::edge::quota::Quotas;
use crate::identity::{BearerToken, OperatorKey, Tokens};
use crate::media::Media;
use crate::room::directory::{Directory, Ground};
use crate::store::{Store, StoreConfig};
use crate::telemetry::Metrics;

/// What requests and sessions work with. Never changes once made.
pub(crate) struct App {
    pub(crate) store: Store,
    pub(crate) media: Media,
    pub(crate) directory: Directory,
    pub(crate) tokens: Tokens,
    pub(crate) token_lifetime: Span,
    /// Rooms nobody made are there for whoever names one.
    pub(crate) open_rooms: bool,
    pub(crate) operator: OperatorKey,
    pub(crate) access: Access,
    pub(crate) quotas: Quotas,
    /// Places for files on their way.
    pub(crate) uploads: Arc<Semaphore>,
    pub(crate) metrics: Metrics,
    pub(crate) metrics_token: Option<BearerToken>,
    pub(crate) client_dir: Option<PathBuf>,
    /// True once the server goes down.
    pub(crate) draining: watch::Receiver<bool>,
    /// Every running session holds a receiver, so that the end can be waited for.
    pub(crate) sessions: watch::Sender<()>,
}

impl App {
    /// Makes every part, and brings back the meetings that were on.
    pub(crate) async fn compose(
        config: &Config,
        draining: watch::Receiver<bool>,
    ) -> Result<Arc<Self>, StartError> {
        let access = Access::of(config)?;
        let metrics = Metrics::shared();
        let metrics_token =
            config.metrics_token_file.as_deref().map(BearerToken::read).transpose()?;
        let store = Store::open(&StoreConfig {
            data_dir: config.data_dir.clone(),
            key_dir: config.key_dir.clone(),
        })
        .await?;
        let tokens = Tokens::open(&config.key_dir)?;
        let operator = OperatorKey::open(&config.key_dir)?;
        let media = Media::start(config).map_err(|source| StartError::Listen {
            what: "media",
            address: config.media_listen,
            source,
        })?;
        let ground = Ground {
            store: store.clone(),
            media: media.clone(),
            tokens: tokens.clone(),
            token_lifetime: config.token_lifetime,
            files: config.files.clone(),
            draining: draining.clone(),
        };
        let directory = Directory::new(ground);
        let on = store.live_meetings().await?;
        store.files().sweep(&on.iter().map(|identity| identity.meeting).collect()).await?;
        for identity in on {
            // Its owner brings it back; clients find it as they left it.
            directory.owner(identity.room);
        }
        Ok(Arc::new(Self {
            store,
            media,
            directory,
            tokens,
            token_lifetime: config.token_lifetime,
            open_rooms: config.open_rooms,
            operator,
            access,
            quotas: Quotas::new(config.limits),
            uploads: Arc::new(Semaphore::new(MOST_UPLOADS)),
            metrics,
            metrics_token,
            client_dir: config.client_dir.clone(),
            draining,
            sessions: watch::Sender::new(()),
        }))
    }
}
