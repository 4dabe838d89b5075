//! Who runs on which core: a server and its load beside each other, neither in the other's way.

use std::process::Command;

use crate::run::exists;

/// A core, or several, as `taskset` names them.
pub(crate) type Core<'a> = &'a str;

/// The server's core, and those of the load.
///
/// Left to the kernel, the load is woken on the server's core as often as not and takes its time
/// and its caches; how often differs from run to run, for every contender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cores {
    pub(crate) server: String,
    pub(crate) load: String,
}

impl Cores {
    /// Parts what this process may use; `None` with a single core or without `taskset`.
    pub(crate) fn parted() -> Option<Self> {
        let status = std::fs::read_to_string("/proc/self/status").ok()?;
        let allowed = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"))?;
        Self::of(allowed).filter(|_| exists("taskset"))
    }

    /// Of a list such as `0-3,8`.
    fn of(allowed: &str) -> Option<Self> {
        let mut cores = Vec::new();
        for part in allowed.trim().split(',') {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let (first, last): (u32, u32) = (first.parse().ok()?, last.parse().ok()?);
            cores.extend((first..=last).map(|core| core.to_string()));
        }
        let (server, load) = cores.split_first()?;
        (!load.is_empty()).then(|| Self { server: server.clone(), load: load.join(",") })
    }

    /// One core each, as `conf-floor` takes them.
    pub(crate) fn pair(&self) -> String {
        format!("{},{}", self.server, self.load.split(',').next().unwrap_or_default())
    }
}

/// A command that runs on these cores only; wherever the kernel likes without.
pub(crate) fn on(core: Option<Core>, words: &[String]) -> Command {
    let mut all = match core {
        None => Vec::new(),
        Some(core) => vec!["taskset".to_owned(), "-c".to_owned(), core.to_owned()],
    };
    all.extend_from_slice(words);
    let mut all = all.into_iter();
    let mut command = Command::new(all.next().unwrap_or_default());
    command.args(all);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_has_one_core_and_the_load_the_others() {
        let cores = Cores::of("0-2,5\n").unwrap();
        assert_eq!((cores.server.as_str(), cores.load.as_str()), ("0", "1,2,5"));
        assert_eq!(cores.pair(), "0,1");
        assert_eq!((Cores::of("3"), Cores::of("")), (None, None));
        let command = on(Some("1,2"), &["a".to_owned(), "b".to_owned()]);
        let words: Vec<_> = command.get_args().collect();
        assert_eq!(
            (command.get_program().to_str(), words),
            (Some("taskset"), vec!["-c".as_ref(), "1,2".as_ref(), "a".as_ref(), "b".as_ref()])
        );
    }
}
