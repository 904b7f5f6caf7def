//! Compiles only while everything below it needs neither std nor alloc.
//!
//! A static library has to bring its own panic handler. If a dependency links std, there are two
//! of them (E0152); if one links alloc, the allocator is missing. `cargo xtask test` builds this
//! and also shows that it fails when it should.
#![no_std]

// naming it is what links it
use hanport_core as _;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}
