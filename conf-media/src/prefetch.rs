//! Asking for memory before it is needed.
//!
//! A packet is sealed for hundreds of subscribers in turn, and what is kept for each was pushed
//! out of the caches by all the others. Read when needed, it is waited for several times in a row,
//! a hundred nanoseconds each time; asked for while the packets of the subscriber before are
//! sealed, it is there.
#![allow(unsafe_code)]

/// Bytes of a cache line on all processors this is worthwhile on.
#[cfg(target_arch = "x86_64")]
const LINE: usize = 64;

/// Asks for all of `value`'s own bytes, not for what it points to. Cost: an instruction for each
/// 64 bytes; changes nothing but the time later reads take. Does nothing on processors whose
/// instruction for it is not to be had in stable Rust.
#[inline(always)]
pub(crate) fn prefetch<T: ?Sized>(value: &T) {
    prefetch_front(value, usize::MAX);
}

/// The same for no more than the first `bytes` of it. Nothing is looked at: of an `Option` not
/// even whether there is something, for which one would have to wait.
#[inline(always)]
pub(crate) fn prefetch_front<T: ?Sized>(value: &T, bytes: usize) {
    #[cfg(target_arch = "x86_64")]
    {
        use core::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        let start = core::ptr::from_ref(value).cast::<i8>();
        for offset in (0..size_of_val(value).min(bytes)).step_by(LINE) {
            // SAFETY: the instruction is part of every x86-64, reads nothing the program could
            // see and does not fault, whatever the address; this one lies within a reference.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(start.wrapping_add(offset)) };
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (value, bytes);
}
