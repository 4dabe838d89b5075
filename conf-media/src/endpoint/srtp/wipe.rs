//! Master keys, which are overwritten when they are no longer needed.

/// A master key and salt, as DTLS exports them.
pub struct MasterKey {
    key: Vec<u8>,
    salt: Vec<u8>,
}

impl MasterKey {
    /// Copies key and salt.
    pub fn new(key: &[u8], salt: &[u8]) -> Self {
        Self { key: key.to_vec(), salt: salt.to_vec() }
    }

    pub(super) fn key(&self) -> &[u8] {
        &self.key
    }

    pub(super) fn salt(&self) -> &[u8] {
        &self.salt
    }
}

impl Drop for MasterKey {
    fn drop(&mut self) {
        wipe(&mut self.key);
        wipe(&mut self.salt);
    }
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MasterKey").finish_non_exhaustive()
    }
}

/// Overwrites `secret`; the barrier keeps the compiler from leaving the writes out.
pub(super) fn wipe(secret: &mut [u8]) {
    secret.fill(0);
    std::hint::black_box(secret);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wiped_is_zero_where_it_lies() {
        let mut master = MasterKey::new(&[7; 16], &[9; 12]);
        let places = [master.key.as_ptr(), master.salt.as_ptr()];
        // What dropping does, while the memory may still be looked at.
        wipe(&mut master.key);
        wipe(&mut master.salt);
        assert_eq!((&master.key[..], &master.salt[..]), (&[0; 16][..], &[0; 12][..]));
        assert_eq!([master.key.as_ptr(), master.salt.as_ptr()], places, "no copy was wiped");
    }

    #[test]
    fn keys_are_not_shown() {
        assert_eq!(format!("{:?}", MasterKey::new(&[7; 16], &[9; 12])), "MasterKey { .. }");
    }
}
