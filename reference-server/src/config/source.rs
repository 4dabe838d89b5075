//! What was written: the file, then the environment over it, then the flags over both.

use std::fmt::Display;

use figment::Figment;
use figment::error::Kind;
use figment::providers::{Env, Format as _, Serialized, Toml};
use serde::{Deserialize, Deserializer, Serialize};

use super::{ConfigError, LogFormat, MediaTcp, Settings};

/// Every setting as it may be written; names are the keys of the file, of
/// `CONF_…` in capitals and, with dashes, of the flags.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Written {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) listen: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) media_listen: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) media_tcp: Option<MediaTcp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) media_threads: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) media_spread_at: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) data_dir: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) key_dir: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default, deserialize_with = "one_or_many")]
    pub(crate) behind_proxy: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tls_cert: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tls_key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tls_self_signed: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none", default, deserialize_with = "one_or_many")]
    pub(crate) advertise: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) client_dir: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) metrics_token_file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) log_format: Option<LogFormat>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) log_filter: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) journal_retention_hours: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) token_lifetime_hours: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) file_size_mb: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) files_total_mb: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) files_count: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none", default, deserialize_with = "one_or_many")]
    pub(crate) file_types: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) open_rooms: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) max_connections: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) address_connections: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) address_waiting: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) address_sessions: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) address_joins_per_minute: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) address_requests_per_minute: Option<u32>,
}

/// Reads all three layers.
pub(crate) fn read(settings: &Settings) -> Result<Written, ConfigError> {
    let mut layers = Figment::new();
    if let Some(path) = &settings.config {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ConfigError::Unreadable { path: path.clone(), source })?;
        let file = Figment::from(Toml::string(&text));
        // Read by itself first, so that what is wrong in it is said to be in it.
        file.extract::<Written>().map_err(|e| explain(e, &path.display().to_string()))?;
        layers = layers.merge(file);
    }
    // Other programs' variables may begin alike (an orchestrator sets
    // `CONF_SERVICE_HOST` for a service called conf), so unknown ones are passed over.
    let environment = Figment::from(Env::prefixed("CONF_").only(&keys()));
    environment.extract::<Written>().map_err(|e| explain(e, "the environment"))?;
    layers
        .merge(environment)
        .merge(Serialized::defaults(flags(settings)?))
        .extract()
        .map_err(|e| explain(e, "the settings"))
}

/// The keys, as they are read.
pub(crate) fn keys() -> Vec<&'static str> {
    // Serde names the fields when it meets one it does not know.
    let probe = Figment::from(Serialized::default("?", 0)).extract::<Written>();
    match probe.map_err(|error| error.kind) {
        Err(Kind::UnknownField(_, known)) => known.to_vec(),
        _ => Vec::new(),
    }
}

fn flags(settings: &Settings) -> Result<Written, ConfigError> {
    fn text<T: Display>(value: &Option<T>) -> Option<String> {
        value.as_ref().map(T::to_string)
    }
    fn path(key: &str, value: &Option<std::path::PathBuf>) -> Result<Option<String>, ConfigError> {
        let Some(value) = value else { return Ok(None) };
        value.to_str().map(|path| Some(path.to_owned())).ok_or_else(|| ConfigError::BadValue {
            key: key.into(),
            reason: format!("expected a path in UTF-8, found {}", value.display()),
        })
    }
    fn many<T: Display>(values: &[T]) -> Option<Vec<String>> {
        (!values.is_empty()).then(|| values.iter().map(T::to_string).collect())
    }
    Ok(Written {
        listen: text(&settings.listen),
        media_listen: text(&settings.media_listen),
        media_tcp: settings.media_tcp,
        media_threads: settings.media_threads,
        media_spread_at: settings.media_spread_at,
        data_dir: path("data_dir", &settings.data_dir)?,
        key_dir: path("key_dir", &settings.key_dir)?,
        behind_proxy: many(&settings.behind_proxy),
        tls_cert: path("tls_cert", &settings.tls_cert)?,
        tls_key: path("tls_key", &settings.tls_key)?,
        tls_self_signed: settings.tls_self_signed.then_some(true),
        advertise: many(&settings.advertise),
        client_dir: path("client_dir", &settings.client_dir)?,
        metrics_token_file: path("metrics_token_file", &settings.metrics_token_file)?,
        log_format: settings.log_format,
        log_filter: settings.log_filter.clone(),
        journal_retention_hours: None,
        token_lifetime_hours: None,
        file_size_mb: None,
        files_total_mb: None,
        files_count: None,
        file_types: None,
        open_rooms: settings.open_rooms.then_some(true),
        max_connections: settings.max_connections,
        address_connections: settings.address_connections,
        address_waiting: settings.address_waiting,
        address_sessions: settings.address_sessions,
        address_joins_per_minute: settings.address_joins_per_minute,
        address_requests_per_minute: settings.address_requests_per_minute,
    })
}

/// A list, or one text with commas, which is easier to write in an environment.
fn one_or_many<'de, D: Deserializer<'de>>(source: D) -> Result<Option<Vec<String>>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "a text or a list of texts")]
    enum OneOrMany {
        One(String),
        Many(Vec<String>),
    }
    let written = Option::<OneOrMany>::deserialize(source)?;
    Ok(written.map(|written| match written {
        OneOrMany::One(text) => {
            text.split(',').map(|t| t.trim().to_owned()).filter(|t| !t.is_empty()).collect()
        }
        OneOrMany::Many(texts) => texts,
    }))
}

fn explain(error: figment::Error, place: &str) -> ConfigError {
    if let Kind::UnknownField(found, known) = &error.kind {
        let nearest = known.iter().copied().min_by_key(|key| distance(found, key));
        return ConfigError::UnknownKey {
            found: found.clone(),
            place: place.to_owned(),
            nearest: nearest.unwrap_or_default(),
        };
    }
    let key = error.path.join(".");
    if key.is_empty() {
        return ConfigError::Malformed { place: place.to_owned(), reason: error.kind.to_string() };
    }
    ConfigError::BadValue { key, reason: format!("{} in {place}", error.kind) }
}

/// How many letters must be added, dropped or changed to make `a` into `b` (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let changed = corner + usize::from(from != *to);
            corner = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(corner + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_key_is_the_one_with_fewest_changes() {
        assert_eq!(distance("listen", "listen"), 0);
        assert_eq!(distance("listn", "listen"), 1);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
    }

    #[test]
    fn the_keys_are_known() {
        let keys = keys();
        assert!(keys.contains(&"listen") && keys.contains(&"token_lifetime_hours"), "{keys:?}");
    }
}
