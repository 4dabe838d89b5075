//! Counts what the heap of this process is asked for, thread by thread.
#![allow(unsafe_code, reason = "an allocator that counts is an unsafe trait to implement")]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
};

thread_local! {
    static HELD: Cell<isize> = const { Cell::new(0) };
    static CALLS: Cell<u64> = const { Cell::new(0) };
}

/// The system's allocator, counting.
pub(crate) struct Meter;

fn note(bytes: isize, calls: u64) {
    // While a thread ends its counters are gone; nothing is measured then.
    let _ = HELD.try_with(|held| held.set(held.get() + bytes));
    let _ = CALLS.try_with(|made| made.set(made.get() + calls));
}

// SAFETY: everything is passed on to the system's allocator unchanged; counting does not
// allocate, because both counters are constants of their thread without a destructor.
unsafe impl GlobalAlloc for Meter {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(layout.size() as isize, 1);
        // SAFETY: the caller's promise is the same as ours.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        note(-(layout.size() as isize), 0);
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note(size as isize - layout.size() as isize, 1);
        // SAFETY: as above.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

/// Bytes this thread holds more than when it began.
pub(crate) fn held() -> isize {
    HELD.with(Cell::get)
}

/// How often this thread asked for memory so far.
pub(crate) fn calls() -> u64 {
    CALLS.with(Cell::get)
}
