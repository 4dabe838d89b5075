//! Whether a source may be heard at all: closed until somebody opens it.

/// The gate of one track. It starts closed, so a track nobody decided about stays silent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Gate {
    open: bool,
    dropped: u64,
}

impl Gate {
    /// Opens or closes; true when that changed anything.
    pub const fn set(&mut self, open: bool) -> bool {
        let changed = self.open != open;
        self.open = open;
        changed
    }

    /// Whether a packet may pass; counts it when it may not.
    pub const fn admit(&mut self) -> bool {
        if !self.open {
            self.dropped = self.dropped.saturating_add(1);
        }
        self.open
    }

    /// Whether packets pass now.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.open
    }

    /// Packets refused so far.
    #[must_use]
    pub const fn dropped(&self) -> u64 {
        self.dropped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gate_is_closed_until_opened_and_counts_what_it_refused() {
        let mut gate = Gate::default();
        assert!(!gate.admit());
        assert!(gate.set(true));
        assert!(!gate.set(true));
        assert!(gate.admit());
        assert!(gate.set(false));
        assert!(!gate.admit());
        assert_eq!(gate.dropped(), 2);
    }
}
