//! Devices of an account: joining, enrolling, what the owner changes of them, and later generations of their keys.

pub mod change;
pub mod enroll;
pub mod join;
pub mod rejoin;
pub mod revoke;
pub mod rotate;
