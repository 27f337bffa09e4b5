pub mod clock;
pub mod private;
pub mod store;
